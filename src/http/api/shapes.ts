// How nouns look in JSON, and the parts that operations share: instants as text, ids, pages.

import { z } from 'zod'
import { ID_PREFIXES, isId, type Id, type WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { decodeCursor, encodeCursor, PAGE_LIMIT_MAX, type Page } from '#kernel/page.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'

/** Schemas with a name become components of the document: what is answered, and what is sent. */
export const named = z.registry<{ readonly id: string }>()
export const accepted = z.registry<{ readonly id: string }>()

/** RFC 3339 in UTC, with milliseconds. */
export const InstantText = z.iso.datetime({ precision: 3 })

export function idOf<P extends string>(prefix: P) {
  const pattern = new RegExp(
    `^${prefix}_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
  )
  return z
    .string()
    .regex(pattern)
    .refine((text): text is Id<P> => isId(prefix, text))
}

export const TokenIdText = idOf(ID_PREFIXES.token)
export const UserIdText = idOf(ID_PREFIXES.user)
export const JobIdText = idOf(ID_PREFIXES.job)
export const RuleIdText = idOf(ID_PREFIXES.rule)
export const WorkspaceIdText = idOf(ID_PREFIXES.workspace)

export const JobProgressShape = z.strictObject({
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  note: z.string(),
})

export function instantOrNull(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at)
}

/** How the document shows a schema, where that is not how it is read: numbers in a query are texts. */
export const shownAs = new WeakMap<z.core.$ZodType, z.core.JSONSchema.JSONSchema>()

/** A whole number in a query string. */
export function queryNumber(min: number, max: number) {
  const schema = z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, 'is no whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `is not from ${min} to ${max}`)
  shownAs.set(schema, { type: 'integer', minimum: min, maximum: max })
  return schema
}

const LIMIT_DEFAULT = 50
const Limit = queryNumber(1, PAGE_LIMIT_MAX).default(LIMIT_DEFAULT)
shownAs.set(Limit, {
  type: 'integer',
  minimum: 1,
  maximum: PAGE_LIMIT_MAX,
  default: LIMIT_DEFAULT,
})

/** The parameters of every list. */
export const PAGE_QUERY = {
  limit: Limit,
  cursor: z.string().min(1).max(500).optional(),
}

export function pageShape<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() })
}

/** Which list a cursor belongs to: it opens no other, of no other workspace and with no other filter. */
export interface ListPlace {
  readonly list: string
  readonly filter: Json
}

interface PageCall {
  readonly house: House
  readonly caller: Caller
}

/** The position a cursor names. Throws `invalid` for one of another list. */
export function readCursor<S extends z.ZodType>(
  call: PageCall,
  place: ListPlace,
  cursor: string | undefined,
  schema: S,
): z.output<S> | undefined {
  if (cursor === undefined) return undefined
  const { house } = call
  return schema.parse(decodeCursor(house.keys.purpose('cursor'), bindingOf(call, place), cursor))
}

/** A page from one item more than it holds, which tells whether there is a next one. */
export function makePage<T>(
  call: PageCall,
  place: ListPlace,
  { found, limit }: { readonly found: readonly T[]; readonly limit: number },
  positionOf: (last: T) => Json,
): Page<T> {
  const items = found.slice(0, limit)
  const hasMore = found.length > limit
  return { items, next: hasMore ? makeCursor(call, place, positionOf(items.at(-1)!)) : null }
}

/** A page of a list so short that all of it is read: `nameOf` names an item for as long as it is there. */
export function pageIn<T>(
  call: PageCall & {
    readonly query: { readonly limit: number; readonly cursor?: string | undefined }
  },
  list: string,
  all: readonly T[],
  nameOf: (item: T) => string,
): { items: T[]; next: string | null } {
  const { limit, cursor } = call.query
  const place = { list, filter: {} }
  const after = readCursor(call, place, cursor, z.string())
  const start = all.findIndex((item) => nameOf(item) === after) + 1
  const { items, next } = makePage(call, place, { found: all.slice(start), limit }, nameOf)
  return { items: [...items], next }
}

export function makeCursor(call: PageCall, place: ListPlace, position: Json): string {
  return encodeCursor(call.house.keys.purpose('cursor'), bindingOf(call, place), position)
}

function bindingOf({ caller }: PageCall, { list, filter }: ListPlace): Json {
  return { workspaceId: caller.scope.workspaceId as WorkspaceId, list, filter }
}
