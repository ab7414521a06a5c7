// A token: what a program comes in with. `rw_pat_<id>_<256 random bits>_<crc32>`, or `rw_mcp_…` for
// an MCP client; shown once and kept as a keyed hash. It belongs to one workspace, and acts for
// the person who made it or, as a service token, in a role of its own. The shape is for scanners: whoever finds one can tell what it is and that it is whole.

import type { KeyObject } from 'node:crypto'
import { crc32Hex, hmacSha256, isSameBytes } from '#kernel/hash.ts'
import {
  ID_PREFIXES,
  isId,
  type GroupId,
  type TargetId,
  type TokenId,
  type UserId,
  type WorkspaceId,
} from '#kernel/id.ts'
import { DAY, type Instant } from '#kernel/time.ts'
import type { Flag, Role } from './permission.ts'
import type { Scope } from './token-scope.ts'

export type TokenKind = 'pat' | 'mcp'

/** What a token of the workspace itself acts with: never that of an admin. */
export const SERVICE_ROLES = ['engineer', 'analyst', 'viewer'] as const
export type ServiceRole = (typeof SERVICE_ROLES)[number]

export interface ApiToken {
  readonly id: TokenId
  readonly workspaceId: WorkspaceId
  /** Whom it acts for; of a service token, who made or rotated it and answers for it. */
  readonly userId: UserId
  /** Null for a personal token. */
  readonly serviceRole: ServiceRole | null
  readonly kind: TokenKind
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Addresses it may be used from; empty for anywhere. */
  readonly networks: readonly string[]
  /** Targets it reaches; empty for all. */
  readonly targets: readonly TargetId[]
  /** Groups whose rules it reaches; empty for all, and for rules without a group. */
  readonly groups: readonly GroupId[]
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** To the minute; null while it was never used. */
  readonly usedAt: Instant | null
  readonly revokedAt: Instant | null
}

/** Salt and hash stay with the store and the door that compares them. */
export interface StoredToken extends ApiToken {
  readonly salt: Buffer
  readonly hash: Buffer
}

/** What an agent used of the budget of a day. */
export interface TokenUse {
  /** Begins then, UTC. */
  readonly day: Instant
  readonly calls: number
  readonly rows: number
  readonly searches: number
  /** Of answers. */
  readonly bytes: number
}

/** As lists show it. */
export interface ListedToken extends ApiToken {
  readonly makerName: string
  /** Of the newest day it was used on by an agent; null for a token of the API. */
  readonly use: TokenUse | null
}

/** What is used of the budget of the day that `now` is in. */
export function usedToday(use: TokenUse | null, now: Instant): Omit<TokenUse, 'day'> {
  if (use?.day !== dayOf(now)) return { calls: 0, rows: 0, searches: 0, bytes: 0 }
  const { calls, rows, searches, bytes } = use
  return { calls, rows, searches, bytes }
}

/** When the day of an instant began, UTC. */
export function dayOf(now: Instant): Instant {
  return (now - (now % DAY)) as Instant
}

/** Whose token one makes or looks for: a person, and the token they act through if they do. */
export interface TokenMaker {
  readonly userId: UserId
  readonly role: Role
  readonly flags: readonly Flag[]
  readonly through?: ApiToken | undefined
}

/** Or the policy's longest life, when that is shorter. */
export const TOKEN_DAYS_DEFAULT = 90
/** Whatever a workspace's policy says. */
export const TOKEN_DAYS_MAX = 3_650
/** Of one person in one workspace, alive at a time: one for each pipeline, and then some. */
export const TOKENS_PER_PERSON_MAX = 50
/** The same of a workspace's service tokens. */
export const SERVICE_TOKENS_MAX = 200
/** How long one that ended stays in lists. */
export const TOKEN_KEPT_MS = 90 * DAY

export const TOKEN_SECRET_BYTES = 32
export const TOKEN_SALT_BYTES = 16

/** `secret` is 32 random bytes. */
export function formatToken(kind: TokenKind, id: TokenId, secret: Buffer): string {
  const bare = id.slice(ID_PREFIXES.token.length + 1).replaceAll('-', '')
  const body = `rw_${kind}_${bare}_${secret.toString('base64url')}`
  return `${body}_${crc32Hex(body)}`
}

const SHAPE = /^(rw_(pat|mcp)_([0-9a-f]{32})_[\w-]{43})_([0-9a-f]{8})$/

/** Undefined for what no token of ours looks like: no row needs to be read for it. */
export function parseToken(text: string): { kind: TokenKind; id: TokenId } | undefined {
  const match = SHAPE.exec(text)
  if (!match) return undefined
  const [, body, kind, bare, checksum] = match
  if (crc32Hex(body!) !== checksum) return undefined
  const id = `${ID_PREFIXES.token}_${bare!.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`
  return isId(ID_PREFIXES.token, id) ? { kind: kind as TokenKind, id } : undefined
}

/** What can be said of a text without looking anything up: the checksum is for everybody. */
export function judgeTokenText(text: string): 'whole' | 'damaged' | 'foreign' {
  if (parseToken(text)) return 'whole'
  return BEGINNING.test(text) ? 'damaged' : 'foreign'
}

const BEGINNING = /^rw_(?:pat|mcp)_/

/** 256 random bits need no slow hash; the pepper keeps a stolen database from testing guesses. */
export function hashToken(pepper: KeyObject, salt: Buffer, text: string): Buffer {
  return hmacSha256(pepper, salt, text)
}

export function isTokenText(
  pepper: KeyObject,
  { salt, hash }: Pick<StoredToken, 'salt' | 'hash'>,
  text: string,
): boolean {
  return isSameBytes(hash, hashToken(pepper, salt, text))
}

export type TokenState = 'live' | 'expired' | 'revoked'

export function tokenState(
  { expiresAt, revokedAt }: Pick<ApiToken, 'expiresAt' | 'revokedAt'>,
  now: Instant,
): TokenState {
  if (revokedAt !== null) return 'revoked'
  return now < expiresAt ? 'live' : 'expired'
}
