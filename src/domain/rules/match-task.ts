// Rules run over events in memory, in a worker thread; what comes back is plain data.

import type { Problem } from '#kernel/problem.ts'
import { formatInstant, instant } from '#kernel/time.ts'
import { collect } from '#languages/sigma/collection.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import { parseSigma, type Outline } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { MatchRun, type Answer } from '#languages/sigma/run.ts'
import type { WorkerTask } from '#platform/worker.ts'
import type { RulesToMatch } from './input.ts'

/** More answers than this are counted and left out: somebody reads them. */
export const MATCHES_MAX = 10_000

export type RuleMatch =
  | {
      readonly rule: string
      readonly title: string | null
      readonly level: string | null
      /** Zero-based, in the order given. */
      readonly event: number
      readonly fields: Readonly<Record<string, unknown>>
    }
  | {
      readonly rule: string
      readonly type: string
      readonly group: Readonly<Record<string, unknown>>
      readonly events: readonly number[]
      /** RFC 3339. */
      readonly at: string
    }

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
  const read = rules.flatMap(({ path, text }) =>
    parseSigma(text).outlines.map((outline) => ({ path, outline })),
  )
  const names = namesOf(read)
  const collection = collect(read.flatMap(({ outline }) => outline.document ?? []))
  const run = new MatchRun(collection, timeField === undefined ? {} : { timeField })
  const matches: RuleMatch[] = []
  let count = 0
  const tell = (answer: Answer) => {
    count += 1
    if (matches.length < MATCHES_MAX) matches.push(toMatch(answer, names))
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
    ...[...collection.problems].flatMap(([document, list]) => withPath(names, document, list)),
    ...run.matcher.refused.flatMap(({ rule, problems: list }) => withPath(names, rule, list)),
  ]
  return { matches, count, problems, untimedCount: run.untimedCount }
}

type Names = ReadonlyMap<SigmaDocument['root'], { readonly path: string; readonly index: number }>

function namesOf(read: readonly { readonly path: string; readonly outline: Outline }[]): Names {
  return new Map(
    read.flatMap(({ path, outline: { document, index } }) =>
      document ? [[document.root, { path, index }] as const] : [],
    ),
  )
}

function withPath(names: Names, { root }: SigmaDocument, problems: readonly Problem[]) {
  return problems.map((problem) => ({ path: names.get(root)?.path ?? '', ...problem }))
}

/** The Sigma id, or `path#document`. */
function nameOf(names: Names, { id, root }: SigmaDocument): string {
  const name = names.get(root)
  return id ?? `${name?.path}#${name?.index}`
}

function toMatch(answer: Answer, names: Names): RuleMatch {
  if (answer.kind === 'match') {
    const { title, level } = answer.rule
    const rule = nameOf(names, answer.rule)
    const { event, fields } = answer
    return { rule, title: title ?? null, level: level ?? null, event, fields }
  }
  const { correlation, group, events, atMs } = answer
  return {
    rule: nameOf(names, correlation),
    type: correlation.type,
    group,
    events,
    at: formatInstant(instant(Math.floor(atMs))),
  }
}
