// Every shared rule beside what the community's converter printed for it: a text is the same after
// white space is folded, or becomes the same once named differences are undone, or it is unexplained.

import { leaves } from '#languages/predicate.ts'
import { convertRule, printPredicate } from '#languages/sigma/convert.ts'
import { lower } from '#languages/sigma/lower.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { applyPipelines, type Pipeline } from '#languages/sigma/pipeline.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { readCorpus } from './corpora.ts'
import { fold, type Difference, type Texts } from './differences/difference.ts'
import { DIFFERENCES } from './sigma-differences.ts'
import type { Backend } from '#languages/sigma/names.ts'

interface Reference {
  readonly id: string
  readonly path: string
  readonly ok: boolean
  readonly output?: readonly string[]
}

export interface Combination {
  readonly backend: Backend
  /** The reference's name for it. */
  readonly name: string
  readonly pipelines: readonly string[]
  /** The share of texts that must be the reference's, letter by letter. */
  readonly sameMin: number
}

function combination(
  backend: Backend,
  name: string,
  sameMin: number,
  ...pipelines: readonly string[]
): Combination {
  return { backend, name, pipelines, sameMin }
}

export const COMBINATIONS: readonly Combination[] = [
  combination('spl', 'splunk__none', 0.95),
  combination('spl', 'splunk__splunk_windows', 0.95, 'splunk_windows'),
  combination('spl', 'splunk__sysmon+splunk_windows', 0.95, 'splunk_windows', 'sysmon'),
  combination('spl', 'splunk__splunk_cim', 0.95, 'splunk_cim'),
  combination('kusto', 'kusto__none', 0.83),
  combination('kusto', 'kusto__microsoft_xdr', 0.9, 'microsoft_xdr'),
  combination('kusto', 'kusto__sentinel_asim', 0.87, 'sentinel_asim'),
  combination('kusto', 'kusto__azure_monitor', 0.81, 'azure_monitor'),
  combination('lucene', 'lucene__none', 0.95),
  combination('lucene', 'lucene__ecs_windows', 0.95, 'ecs_windows'),
  combination('eql', 'eql__none', 0.95),
  combination('eql', 'eql__ecs_windows', 0.95, 'ecs_windows'),
  combination('esql', 'esql__none', 0),
  combination('esql', 'esql__ecs_windows', 0, 'ecs_windows'),
]

export type Subjects = ReadonlyMap<string, { readonly rule: SigmaRule }>

/** One rule of `every`, by the same rule of thumb each time. */
export function readSubjects(every = 1): Subjects {
  const rules = readCorpus<{ id: string; path: string; yaml: string }>('sigma/rules.jsonl.gz')
  const taken = rules.filter((_rule, at) => at % every === 0)
  return new Map(
    taken.map(({ id, path, yaml }) => {
      const rule = parseSigma(yaml).documents[0] as SigmaRule
      return [`${id} ${path}`, { rule }]
    }),
  )
}

export interface Comparison {
  readonly identical: number
  readonly explained: number
  readonly unexplained: readonly string[]
  /** Converted by the reference alone. */
  readonly lost: readonly string[]
  /** Refused by us, and what the reference prints is no query. */
  readonly noQueries: number
  /** Converted by us alone. */
  readonly won: number
  readonly refusedByBoth: number
  /** How many texts each difference had a part in. */
  readonly byDifference: ReadonlyMap<string, number>
}

export function compareWithReference(
  { backend, name, pipelines }: Combination,
  subjects: Subjects,
): Comparison {
  const built = pipelines.map((one) => builtinPipeline(one)!)
  const counts = { identical: 0, explained: 0, won: 0, refusedByBoth: 0, noQueries: 0 }
  const [unexplained, lost]: [string[], string[]] = [[], []]
  const byDifference = new Map<string, number>()
  for (const reference of readCorpus<Reference>(`sigma/conversions/${name}.jsonl.gz`)) {
    const subject = subjects.get(`${reference.id} ${reference.path}`)
    if (subject === undefined) continue
    const { queries } = convertRule(subject.rule, backend, built)
    const theirs = reference.ok ? foldAll(reference.output ?? []) : ''
    if (queries.length === 0) {
      if (theirs === '') counts.refusedByBoth++
      else if (isNoQuery(subject.rule, backend)) counts.noQueries++
      else lost.push(reference.path)
      continue
    }
    if (theirs === '') {
      counts.won++
      continue
    }
    const used =
      foldAll(queries) === theirs
        ? []
        : explain(
            (some) => undo({ rule: subject.rule, backend, pipelines: built, theirs }, some),
            DIFFERENCES[backend],
          )
    if (used === undefined) unexplained.push(reference.path)
    else if (used.length === 0) counts.identical++
    else counts.explained++
    for (const { says } of used ?? []) byDifference.set(says, (byDifference.get(says) ?? 0) + 1)
  }
  return { ...counts, unexplained, lost, byDifference }
}

/** In EQL a text alone is no condition; the reference prints keywords so. */
function isNoQuery(rule: SigmaRule, backend: Backend): boolean {
  if (backend !== 'eql') return false
  const { predicates } = lower(rule.detections)
  return predicates.some((one) => [...leaves(one)].some(({ kind }) => kind === 'keyword'))
}

/**
 * The differences without which the texts are the same: no one of them can be left out. Undefined when
 * not even all of them explain it.
 */
function explain(
  undo: (differences: readonly Difference[]) => Undone,
  all: readonly Difference[],
): readonly Difference[] | undefined {
  // One that changes what is asked may be a cause elsewhere and none here.
  const candidates = [undefined, ...all.filter(({ meaning }) => meaning !== undefined)]
  const without = (some: readonly Difference[], one?: Difference) =>
    some.filter((other) => other !== one)
  const start = candidates.map((one) => undo(without(all, one))).find(({ isSame }) => isSame)
  return start?.effective.reduce((kept, one) => {
    const rest = without(kept, one)
    return undo(rest).isSame ? rest : kept
  }, start.effective)
}

interface Case {
  readonly rule: SigmaRule
  readonly backend: Backend
  readonly pipelines: readonly Pipeline[]
  readonly theirs: string
}

interface Undone {
  readonly isSame: boolean
  /** Those that changed something. */
  readonly effective: readonly Difference[]
}

/** Both texts as they would be without these differences. */
function undo(
  { rule: given, backend, pipelines, theirs }: Case,
  differences: readonly Difference[],
): Undone {
  const effective = new Set(differences.filter(({ meaning }) => meaning !== undefined))
  const reread = differences.reduce((rule, one) => {
    const changed = one.rule?.(rule) ?? rule
    if (changed !== rule) effective.add(one)
    return changed
  }, given)
  const { rule, state, finish } = applyPipelines(reread, pipelines)
  const predicates = lower(rule!.detections).predicates.map((predicate) =>
    differences.reduce((changed, one) => one.meaning?.(changed) ?? changed, predicate),
  )
  const printed = predicates.map((one) => finish(printPredicate(one, backend, state).query ?? ''))
  const subject = { predicates, leaves: predicates.flatMap((one) => [...leaves(one)]) }
  let texts: Texts = { ours: foldAll(printed), theirs }
  for (const one of differences) {
    const changed = one.writing?.(texts, subject) ?? texts
    if (changed.ours !== texts.ours || changed.theirs !== texts.theirs) effective.add(one)
    texts = changed
  }
  return { isSame: texts.ours === texts.theirs, effective: [...effective] }
}

function foldAll(queries: readonly string[]): string {
  return queries.map(fold).join('\n')
}
