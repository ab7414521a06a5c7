// A session: somebody who came in, on one browser, until they leave, are shown out, or a limit ends
// it. The row on the server is the truth; the cookie only opens it.

import type { ProviderId, SessionId, UserId, WorkspaceId } from '#kernel/id.ts'
import { HOUR, MINUTE, type Instant } from '#kernel/time.ts'
import type { Person } from './person.ts'

/** What somebody proved when they came in, and at a step-up. */
export type Factor = 'password' | 'totp' | 'passkey' | 'recovery' | 'link' | 'sso'

export interface SessionRow {
  /** Hex SHA-256 of the cookie's random value: names the session, cannot open it. */
  readonly key: string
  readonly id: SessionId
  readonly userId: UserId
  readonly factors: readonly Factor[]
  readonly startedAt: Instant
  readonly usedAt: Instant
  /** Sign-in or the last step-up. */
  readonly provedAt: Instant
  readonly deviceKey: string | null
  readonly userAgent: string
  readonly ip: string
  /** The identity provider by whose word it began; null without one. */
  readonly providerId: ProviderId | null
  /** How that provider calls it, where it does: so that it can end it. */
  readonly providerSession: string | null
  /** The workspace whose provider that is. */
  readonly onlyWorkspaceId: WorkspaceId | null
  /** Ends then, whatever happens; null where the limits alone end it. */
  readonly endsAt: Instant | null
}

/**
 * Where a session leads; null for everywhere its person is. The word of a provider counts in its own
 * workspace alone: whoever runs it could otherwise become its people everywhere. A proof of their own
 * opens the rest.
 */
export function wallOf({
  factors,
  onlyWorkspaceId,
}: Pick<SessionRow, 'factors' | 'onlyWorkspaceId'>): WorkspaceId | null {
  return factors.every((factor) => factor === 'sso') ? onlyWorkspaceId : null
}

/** A live session with the person behind it, as they are now. */
export interface Session extends SessionRow {
  readonly person: Person
  /** What the next page says once: "Job cancelled." Set and taken by doors. */
  notice: string | null
}

export interface SessionLimits {
  /** Ends after this long without a request. */
  readonly idleMs: number
  /** Ends after this long whatever happens. */
  readonly absoluteMs: number
}

export const SESSION_LIMITS: SessionLimits = { idleMs: 8 * HOUR, absoluteMs: 24 * HOUR }

/** For this long after proving who they are, somebody may touch credentials, policies and tokens. */
export const STEP_UP_MS = 5 * MINUTE

/** False once a limit has ended it, and for one from the future: then the clock was set back. */
export function isLive(row: SessionRow, now: Instant, limits: SessionLimits): boolean {
  return (
    now - row.usedAt < limits.idleMs &&
    now - row.startedAt < limits.absoluteMs &&
    (row.endsAt === null || now < row.endsAt) &&
    row.startedAt - now < MINUTE
  )
}

/**
 * Proved more than a password or a link: what a workspace may demand of its members. A provider asks for
 * what its admins want, and its word counts in their workspace.
 */
export function hasProvedSecond({ factors }: Pick<SessionRow, 'factors'>): boolean {
  return factors.some((factor) => SECOND_FACTORS.has(factor))
}

const SECOND_FACTORS: ReadonlySet<Factor> = new Set(['totp', 'passkey', 'recovery', 'sso'])

export function hasProvedLately(row: Pick<SessionRow, 'provedAt'>, now: Instant): boolean {
  return now - row.provedAt < STEP_UP_MS
}
