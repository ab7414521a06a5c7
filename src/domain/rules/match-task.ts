// Rules run over events in memory, in a worker thread; what comes back is plain data.

import type { Problem } from '#kernel/problem.ts'
import { collect } from '#languages/sigma/collection.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { MatchRun, type Answer } from '#languages/sigma/run.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { placesOf, toMatch, type Places, type RuleMatch } from './answers.ts'
import type { RulesToMatch } from './input.ts'

/** More answers than this are counted and left out: somebody reads them. */
export const MATCHES_MAX = 10_000

export interface Matched {
  readonly matches: readonly RuleMatch[]
  /** Found in all; more than `matches` holds when there were too many. */
  readonly count: number
  /** Why documents took no part. */
  readonly problems: readonly (Problem & { readonly path: string })[]
  /** Events a correlation would have needed, but they say no time. */
  readonly untimedCount: number
}

export const matchRules: WorkerTask<RulesToMatch, Matched> = {
  worker: 'rules',
  name: 'rules.match',
}

export function matchRulesHere({ rules, events, timeField }: RulesToMatch): Matched {
  const files = rules.map(({ path, text }) => ({ path, outlines: parseSigma(text).outlines }))
  const places = placesOf(files)
  const read = files.flatMap(({ path, outlines }) => outlines.map((outline) => ({ path, outline })))
  const collection = collect(read.flatMap(({ outline }) => outline.document ?? []))
  const run = new MatchRun(collection, timeField === undefined ? {} : { timeField })
  const matches: RuleMatch[] = []
  let count = 0
  const tell = (answer: Answer) => {
    count += 1
    if (matches.length < MATCHES_MAX) matches.push(toMatch(answer, places))
  }
  for (const [index, event] of events.entries()) {
    for (const answer of run.next(event, sourceOf(event), index)) tell(answer)
  }
  for (const answer of run.finish()) tell(answer)
  const problems = [
    ...read.flatMap(({ path, outline }) =>
      outline.problems
        .filter(({ severity }) => severity === 'error')
        .map((problem) => ({ path, ...problem })),
    ),
    ...[...collection.problems].flatMap(([document, list]) => withPath(places, document, list)),
    ...run.matcher.refused.flatMap(({ rule, problems: list }) => withPath(places, rule, list)),
  ]
  return { matches, count, problems, untimedCount: run.untimedCount }
}

function withPath(places: Places, { root }: SigmaDocument, problems: readonly Problem[]) {
  return problems.map((problem) => ({ path: places.get(root)?.path ?? '', ...problem }))
}
