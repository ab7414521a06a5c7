// Who may try to prove who they are, or ask for a link to a new password, and how often. Counted per account, so that many networks cannot
// guess at one, and per network, so that one cannot guess at many. A browser the person has signed in
// with before has a counter of its own: strangers who guess never lock its owner out.
//
// Addresses nobody has are counted as well, and stored as digests only.

import { AppError } from '#kernel/error.ts'
import { hmacSha256 } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import { addMs, SECOND, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import {
  ACCOUNT_RULE,
  countTry,
  FORGOTTEN_MS,
  NETWORK_RULE,
  waitOf,
  type ThrottleRow,
  type ThrottleRule,
} from './throttle.ts'
import { deleteOldThrottles, deleteThrottle, findThrottle, saveThrottle } from './throttle-store.ts'

export interface Attempt {
  /** The address as it was typed, in lower case. */
  readonly account: string
  /** Set when the try comes from a browser this person has signed in with before. */
  readonly knownDevice: { readonly userId: UserId; readonly key: string } | undefined
  /** The client's, as limits count it. */
  readonly network: string
  /** A link to a new password: counted apart, so that asking for one locks no sign-in. */
  readonly isForReset?: boolean
}

/** Names an account in counters and logs without naming the person. */
export function digestAccount({ keys }: Pick<House, 'keys'>, account: string): string {
  return hmacSha256(keys.purpose('token-pepper'), 'account|', account).toString('hex').slice(0, 32)
}

/** Throws `rate_limited` when there is a wait, without counting: a flood of refused tries writes nothing. */
export async function refuseWaiting(house: House, caller: Caller, attempt: Attempt): Promise<void> {
  await readCounters(house, house.db.read(caller.scope), caller.now, attempt)
}

/** Counts a try. Throws `rate_limited` when there is a wait. */
export async function countAttempt(house: House, caller: Caller, attempt: Attempt): Promise<void> {
  const { now } = caller
  await house.db.write(caller, async (tx) => {
    const counters = await readCounters(house, tx, now, attempt)
    for (const { key, rule, row } of counters) await saveThrottle(tx, countTry(key, row, rule, now))
    await deleteOldThrottles(tx, addMs(now, -FORGOTTEN_MS))
  })
}

/** Takes back what was counted, within the write in which somebody comes in. */
export async function forgiveIn(
  tx: Tx,
  house: Pick<House, 'keys'>,
  attempt: Attempt,
): Promise<void> {
  const [own, network] = countersOf(house, attempt)
  await deleteThrottle(tx, own.key)
  const row = network && (await findThrottle(tx, network.key))
  if (row && row.failures > 0) await saveThrottle(tx, { ...row, failures: row.failures - 1 })
}

interface Counter {
  readonly key: string
  readonly rule: ThrottleRule
}

// The network of a known browser does not count: its owner may share it with whoever guesses.
function countersOf(
  house: Pick<House, 'keys'>,
  { account, knownDevice, network, isForReset = false }: Attempt,
): readonly [Counter, Counter?] {
  const apart = isForReset ? 'reset ' : ''
  if (knownDevice) {
    const { userId, key } = knownDevice
    return [{ key: `${apart}device ${userId} ${key}`, rule: ACCOUNT_RULE }]
  }
  return [
    { key: `${apart}account ${digestAccount(house, account)}`, rule: ACCOUNT_RULE },
    { key: `${apart}network ${network}`, rule: NETWORK_RULE },
  ]
}

async function readCounters(
  house: Pick<House, 'keys'>,
  db: Pick<Reader, 'selectFrom'>,
  now: Instant,
  attempt: Attempt,
): Promise<readonly (Counter & { row: ThrottleRow | undefined })[]> {
  const read = []
  for (const counter of countersOf(house, attempt)) {
    if (!counter) continue
    const row = await findThrottle(db, counter.key)
    const waitMs = waitOf(row, counter.rule, now)
    if (waitMs > 0) throw tooOften(waitMs)
    read.push({ ...counter, row })
  }
  return read
}

function tooOften(waitMs: number): AppError {
  const seconds = Math.ceil(waitMs / SECOND)
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return new AppError('rate_limited', `Too many tries. Wait ${wait}, then try again.`, {
    retryAfterSeconds: seconds,
    details: { limit: ACCOUNT_RULE.free },
  })
}
