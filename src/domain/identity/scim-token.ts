// The token a directory comes in with: `rw_scim_<id>_<256 random bits>_<crc32>`, shown once and kept as a
// keyed hash. A provider has one, and a second while the directory is given the next.

import { crc32Hex } from '#kernel/hash.ts'
import {
  ID_PREFIXES,
  isId,
  type ProviderId,
  type ScimTokenId,
  type WorkspaceId,
} from '#kernel/id.ts'
import type { Actor } from '#kernel/actor.ts'
import type { Instant } from '#kernel/time.ts'

export interface ScimToken {
  readonly id: ScimTokenId
  readonly providerId: ProviderId
  readonly workspaceId: WorkspaceId
  /** Addresses it may be used from; empty for anywhere. */
  readonly networks: readonly string[]
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly expiresAt: Instant
  /** To the minute; null while it was never used. */
  readonly usedAt: Instant | null
}

/** Salt and hash stay with the store and the door that compares them. */
export interface StoredScimToken extends ScimToken {
  readonly salt: Buffer
  readonly hash: Buffer
}

/** The one in use, and the next. */
export const SCIM_TOKENS_MAX = 2
/** Directories renew by hand; a year is what most of them suggest. */
export const SCIM_TOKEN_DAYS = 365

/** `secret` is 32 random bytes. */
export function formatScimToken(id: ScimTokenId, secret: Buffer): string {
  const bare = id.slice(ID_PREFIXES.scimToken.length + 1).replaceAll('-', '')
  const body = `rw_scim_${bare}_${secret.toString('base64url')}`
  return `${body}_${crc32Hex(body)}`
}

const SHAPE = /^(rw_scim_([0-9a-f]{32})_[\w-]{43})_([0-9a-f]{8})$/

/** Undefined for what no token of ours looks like: no row needs to be read for it. */
export function parseScimToken(text: string): ScimTokenId | undefined {
  const [, body, bare, checksum] = SHAPE.exec(text) ?? []
  if (body === undefined || crc32Hex(body) !== checksum) return undefined
  const uuid = bare!.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const id = `${ID_PREFIXES.scimToken}_${uuid}`
  return isId(ID_PREFIXES.scimToken, id) ? id : undefined
}
