// Runs the proof of exclusions that were written into a rule's own query: with them it must find over the
// cases what it finds without the excluded events, and a case must show that each takes something away.

import { runQuery } from '#domain/queries/actions.ts'
import { canonicalJson } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'
import type { QuerySchema } from '#languages/query.ts'
import type { Workers } from '#platform/worker.ts'
import { refuseExclusion } from './exclusion.ts'
import { HINT, type OwnQueryProof } from './own-query.ts'

const TIMEOUT_MS = 5_000
const ROWS_MAX = 100

/** Why it does not hold; undefined when it does. */
export async function findFlaw(
  workers: Workers,
  { language, before, after, titles, trials }: OwnQueryProof,
  now: Instant,
): Promise<Problem | undefined> {
  const columns = columnsOf(trials)
  const run = async (
    text: string,
    given: readonly Event[],
    schema?: QuerySchema,
  ): Promise<Found> => {
    const events = language === 'kusto' ? given.map((event) => ({ ...columns, ...event })) : given
    const found = await runQuery(workers, {
      language,
      text,
      events,
      ...(schema && { schema }),
      lookups: {},
      now,
      rowsMax: ROWS_MAX,
      timeoutMs: TIMEOUT_MS,
    })
    const problem = found.problems.find(({ severity }) => severity === 'error')
    if (!problem) return { rows: canonicalJson([found.count, found.rows]) }
    // A table of Kusto has columns, and one that nobody knows has those of its events.
    const isBare = language === 'kusto' && events.length === 0 && !schema
    return isBare ? run(text, given, tableFor(text, trials)) : { problem }
  }
  const shown = new Set<number>()
  for (const { events, kept, by } of trials) {
    const whole = await run(before, events)
    const wanted = await run(before, kept)
    const got = await run(after, events)
    const unknown = [whole, wanted, got].find((one) => 'problem' in one)
    if (unknown && 'problem' in unknown) return unproved(unknown.problem.message)
    const [all, less, found] = [whole, wanted, got].map((one) => ('rows' in one ? one.rows : ''))
    if (less !== found) return refuted()
    if (all !== less) for (const at of by) shown.add(at)
  }
  const missing = titles.find((_, at) => !shown.has(at))
  return missing === undefined ? undefined : unproved(`No case shows what "${missing}" excludes.`)
}

type Found = { readonly rows: string } | { readonly problem: Problem }

type Event = Readonly<Record<string, unknown>>

/** Every column of the cases, empty. */
function columnsOf(trials: OwnQueryProof['trials']): Event {
  const names = trials.flatMap(({ events }) => events.flatMap((event) => Object.keys(event)))
  return Object.fromEntries(names.map((name) => [name, null]))
}

function tableFor(text: string, trials: OwnQueryProof['trials']): QuerySchema {
  const [, name = ''] = /^\s*(\w+)/.exec(text) ?? []
  const cells = trials.flatMap(({ events }) => events.flatMap((event) => Object.entries(event)))
  const columns = cells.map(([column, value]) => [column, TYPES[typeof value] ?? 'dynamic'])
  return { tables: { [name]: Object.fromEntries(columns) as Record<string, string> } }
}

const TYPES: Partial<Readonly<Record<string, string>>> = {
  string: 'string',
  number: 'real',
  boolean: 'bool',
}

function unproved(why: string): Problem {
  const message = `Nothing proves that the rule's own query excludes what it should. ${why}`
  const hint = `Add a test case that the query finds and that is excluded. ${HINT}`
  return refuseExclusion('exclusion/own-unproved', message, hint)
}

function refuted(): Problem {
  const message =
    "Written into the rule's own query, the exclusion does not hide exactly what it should."
  return refuseExclusion('exclusion/own-refuted', message, HINT)
}
