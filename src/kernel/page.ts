// Bounded lists: a page of items and the cursor to the next. Cursors are opaque to callers,
// authenticated, and bound to the workspace and the filter they were made for, so that none can be
// carried to another list or forged to step outside it.

import type { KeyObject } from 'node:crypto'
import { AppError } from './error.ts'
import { hmacSha256, isSameBytes } from './hash.ts'
import { canonicalJson, type Json } from './json.ts'

/** Most items a page may hold (CONTRACT: `limit` up to 500). */
export const PAGE_LIMIT_MAX = 500

export interface Page<T> {
  readonly items: readonly T[]
  /** Cursor of the following page; null at the end. */
  readonly next: string | null
}

const MAC_BYTES = 16

/** `binding` names what the cursor belongs to: workspace, list, filter and sort. */
export function encodeCursor(key: KeyObject, binding: Json, position: Json): string {
  const body = Buffer.from(canonicalJson(position))
  return Buffer.concat([mac(key, binding, body), body]).toString('base64url')
}

/** Throws `invalid` for a cursor that was altered, or made for another list. */
export function decodeCursor(key: KeyObject, binding: Json, cursor: string): Json {
  const bytes = Buffer.from(cursor, 'base64url')
  const body = bytes.subarray(MAC_BYTES)
  const isOurs =
    bytes.length > MAC_BYTES &&
    bytes.toString('base64url') === cursor &&
    isSameBytes(bytes.subarray(0, MAC_BYTES), mac(key, binding, body))
  if (!isOurs) {
    throw new AppError(
      'invalid',
      'The cursor does not belong to this list. Start from its first page.',
    )
  }
  return JSON.parse(body.toString()) as Json
}

/** Where a list goes on: what the last item shown is sorted by. */
export interface Keyset<Item, Place> {
  /** `binding` as in `encodeCursor`. */
  readonly key: KeyObject
  readonly binding: Json
  readonly limit: number
  readonly cursor?: string | undefined
  readonly placeOf: (item: Item) => Place
  /** Items behind `after`, at most `limit` of them. */
  readonly select: (page: {
    readonly limit: number
    readonly after: Place | null
  }) => Promise<readonly Item[]>
}

/** One page of a list; asks for one item more, to know whether there is another page. Throws as decodeCursor. */
export async function readPage<Item, Place extends Json>(
  list: Keyset<Item, Place>,
): Promise<Page<Item>> {
  const { key, binding, limit, cursor } = list
  // Only this list made the cursor, so it holds what `placeOf` gave.
  const after = cursor === undefined ? null : (decodeCursor(key, binding, cursor) as Place)
  const found = await list.select({ limit: limit + 1, after })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const hasMore = found.length > limit && last !== undefined
  return { items, next: hasMore ? encodeCursor(key, binding, list.placeOf(last)) : null }
}

function mac(key: KeyObject, binding: Json, body: Uint8Array): Buffer {
  return hmacSha256(key, canonicalJson(binding), '\0', body).subarray(0, MAC_BYTES)
}
