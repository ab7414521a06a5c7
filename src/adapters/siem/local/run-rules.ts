// Rules that were deployed to the sandbox: each sees every event once, when it comes in, whatever time
// the event says. What a correlation counts may have come in before; an alert needs something new.

import { sha256Hex } from '#kernel/hash.ts'
import { sigmaOf } from '#languages/rule-formats/write/local.ts'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { everyMsOf, LocalRuleBody } from './rule-body.ts'
import { readRules, searchSigma, type SigmaMatch } from './sigma-search.ts'
import { listRules, newestBlock, saveRun, type AlertRow, type RuleRow } from './rule-store.ts'
import { listBlocks } from './store.ts'

/** More of one run is a rule that says nothing. */
const ALERTS_MAX = 1_000

export interface DueRules {
  readonly now: number
  /** Asked between rules. */
  readonly isExpired: () => boolean
  readonly monotonicMs: () => number
}

export interface RanRules {
  readonly ran: number
  readonly alerts: number
}

/** Runs those whose time has come and that have something new to see. */
export function runDueRules(db: Connection, due: DueRules): RanRules {
  const last = newestBlock(db)
  let [ran, alerts] = [0, 0]
  for (const rule of listRules(db)) {
    if (due.isExpired()) break
    const body = LocalRuleBody.parse(JSON.parse(rule.body))
    const isDue = rule.lastRunAt === null || rule.lastRunAt + everyMsOf(body) <= due.now
    if (rule.isEnabled === 0 || !isDue) continue
    alerts += runRule(db, rule, body, last, due)
    ran++
  }
  return { ran, alerts }
}

function runRule(
  db: Connection,
  { ref, lastBlock }: RuleRow,
  body: LocalRuleBody,
  last: number,
  { now, monotonicMs }: DueRules,
): number {
  const beganMs = monotonicMs()
  const fresh = listBlocks(db, { from: 0, to: Number.MAX_SAFE_INTEGER, after: lastBlock })
  const found = fresh.length === 0 ? undefined : search(db, sigmaOf(body), fresh, lastBlock)
  const matches = (found?.matches ?? []).filter(({ keys }) =>
    keys.some((key) => blockOf(key) > lastBlock),
  )
  const newest = fresh.reduce((most, { maxAt }) => Math.max(most, maxAt), 0)
  const [problem] = found?.problems ?? []
  const run = {
    ref,
    ranAt: now,
    tookMs: Math.round(monotonicMs() - beganMs),
    lagMs: newest === 0 ? null : Math.max(0, now - newest),
    error: problem?.message ?? (found?.isCut ? `more than ${ALERTS_MAX} alerts in one run` : null),
  }
  const alerts = matches.map((match) => alertOf(ref, match, now))
  return saveRun(db, run, { alerts, isSilent: body.silent === true }, last)
}

function search(
  db: Connection,
  text: string,
  fresh: readonly { readonly minAt: number; readonly maxAt: number }[],
  lastBlock: number,
) {
  const read = readRules(text)
  const correlations = 'problems' in read ? [] : read.collection.correlations
  const spanMs = correlations.reduce(
    (longest, { correlation }) => Math.max(longest, correlation.timespanSeconds * 1_000),
    0,
  )
  return searchSigma(db, {
    text,
    from: fresh.reduce((least, { minAt }) => Math.min(least, minAt), Infinity) - 2 * spanMs,
    to: fresh.reduce((most, { maxAt }) => Math.max(most, maxAt), 0) + 2 * spanMs + 1,
    ...(spanMs === 0 ? { after: lastBlock } : {}),
    matchesMax: ALERTS_MAX,
    isExpired: () => false,
  })
}

function alertOf(ref: string, match: SigmaMatch, recordedAt: number): AlertRow {
  const dedupKey = sha256Hex(`${match.title}\n${match.keys.join('\n')}`)
  return { ref, dedupKey, atMs: match.at, recordedAt, body: JSON.stringify(match) }
}

function blockOf(key: string): number {
  return Number.parseInt(key, 10)
}
