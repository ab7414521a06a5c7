// How a target is, decided from what a check brought. Pure. What is not known is never called fine.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { DAY, instant, MINUTE, type Instant } from '#kernel/time.ts'
import type { CheckAnswer, Privileges } from './port.ts'
import { endOf, type CredentialSummary, type Mode } from './target.ts'

export const HEALTH_STATES = [
  'healthy',
  'degraded',
  'unreachable',
  'unauthorised',
  'unknown',
] as const
export type HealthState = (typeof HEALTH_STATES)[number]

/** A clock that differs by more makes times of alerts and tokens doubtful. */
export const SKEW_MAX_MS = 2 * MINUTE
/** Days before its end at which a credential is warned about. */
export const WARN_DAYS = [30, 14, 3] as const

const Privilege = z.strictObject({
  name: z.string(),
  why: z.string(),
  isHeld: z.boolean().nullable(),
  fix: z.string(),
})
const StoredCompleteness = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('complete') }),
  z.strictObject({ kind: z.literal('partial'), reason: z.string() }),
  z.strictObject({ kind: z.literal('truncated'), limit: z.string() }),
])
const StoredPrivileges = z.strictObject({
  needed: z.array(Privilege),
  excess: z.array(Privilege),
  completeness: StoredCompleteness,
})

/** Target.KnownDependants, as a column and an answer hold it. */
export const KnownDependants = z.strictObject({
  at: z.int().transform(instant),
  count: z.int(),
  items: z.array(z.strictObject({ ref: z.string(), name: z.string(), why: z.string() })),
  completeness: StoredCompleteness,
})

/** What the last check found; null is not known. */
export const HealthFacts = z.strictObject({
  product: z.string().nullable(),
  version: z.string().nullable(),
  identity: z.string().nullable(),
  clockSkewMs: z.number().nullable(),
  /** Sentences about what is not as it should be. */
  notices: z.array(z.string()),
  privileges: z.strictObject({
    read: StoredPrivileges.nullable(),
    write: StoredPrivileges.nullable(),
  }),
})
export type HealthFacts = z.infer<typeof HealthFacts>

export const NOTHING_KNOWN: HealthFacts = {
  product: null,
  version: null,
  identity: null,
  clockSkewMs: null,
  notices: [],
  privileges: { read: null, write: null },
}

/** What was found with one credential. */
export interface Probe {
  readonly answer: CheckAnswer
  readonly privileges: Privileges
}

export interface Findings {
  readonly mode: Mode
  readonly now: Instant
  readonly read: Probe
  /** Undefined without a credential for writing. */
  readonly write: Probe | AppError | undefined
  readonly credentials: readonly CredentialSummary[]
  /** What the credential for reading holds of what only a writer needs. */
  readonly writesOfReader: readonly string[]
}

export interface Judgement {
  readonly state: HealthState
  readonly reason: string
}

/** Why a check that failed failed, and what that makes of the target. */
export function judgeFailure(error: AppError): Judgement {
  const { code, message, details } = error
  if (code === 'forbidden' && details['isAddress'] === true) {
    return { state: 'unreachable', reason: message }
  }
  if (code === 'unauthenticated' || code === 'forbidden') {
    return { state: 'unauthorised', reason: message }
  }
  // No credential yet, or one that does not open: nobody was asked.
  if (code === 'unsupported' || code === 'conflict') return { state: 'unknown', reason: message }
  if (code === 'rate_limited') return { state: 'degraded', reason: message }
  if (code === 'upstream' || code === 'timeout') return { state: 'unreachable', reason: message }
  return { state: 'degraded', reason: message }
}

/** Everything that a person should know; the first is the reason. */
export function noticesOf(findings: Findings): readonly string[] {
  const { read, write, mode, now, credentials, writesOfReader } = findings
  const notices: string[] = []
  notices.push(...missing('reading', read.privileges))
  if (write instanceof AppError) notices.push(`The credential for writing failed: ${write.message}`)
  else if (write !== undefined) notices.push(...missing('writing', write.privileges))
  const { clockSkewMs } = read.answer
  if (clockSkewMs !== null && Math.abs(clockSkewMs) > SKEW_MAX_MS) {
    const minutes = Math.round(Math.abs(clockSkewMs) / MINUTE)
    const side = clockSkewMs > 0 ? 'ahead of' : 'behind'
    notices.push(`Its clock is ${minutes} minutes ${side} this server’s.`)
  }
  if (mode === 'read_only' && write !== undefined) {
    notices.push('It is read-only, yet a credential for writing is stored. Remove that.')
  }
  if (mode === 'read_only' && writesOfReader.length > 0) {
    notices.push(`It is read-only, yet its credential may write: ${listed(writesOfReader)}.`)
  }
  for (const credential of credentials) {
    const end = endOf(credential)
    if (credential.slot === 'previous' || end === null) continue
    if (warningDays(end, now) !== undefined) notices.push(expiryWords(credential, end, now))
  }
  return notices
}

function missing(what: string, { needed, completeness }: Privileges): readonly string[] {
  const lacking = needed.filter(({ isHeld }) => isHeld === false).map(({ name }) => name)
  if (lacking.length > 0) return [`What ${what} needs is missing: ${listed(lacking)}.`]
  if (completeness.kind === 'complete') return []
  const why = completeness.kind === 'partial' ? completeness.reason : completeness.limit
  return [`What the credential for ${what} may do is not wholly known: ${why}`]
}

const LISTED_MAX = 5

function listed(names: readonly string[]): string {
  const more = names.length - LISTED_MAX
  return names.slice(0, LISTED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** The smallest of the warning days that has come; undefined while there is time. */
export function warningDays(expiresAt: Instant, now: Instant): number | undefined {
  const leftMs = expiresAt - now
  return WARN_DAYS.filter((days) => leftMs <= days * DAY).at(-1)
}

function expiryWords(
  { purpose, expiresAt }: Pick<CredentialSummary, 'purpose' | 'expiresAt'>,
  end: Instant,
  now: Instant,
): string {
  const what = `The ${end === expiresAt ? 'credential' : 'client certificate'} for ${verbOf(purpose)}`
  const days = Math.ceil((end - now) / DAY)
  if (days <= 0) return `${what} has expired.`
  return `${what} expires ${days === 1 ? 'within a day' : `in ${days} days`}.`
}

export function verbOf(purpose: string): string {
  return purpose === 'write' ? 'writing' : 'reading'
}
