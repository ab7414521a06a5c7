// Every shared rule beside what the community's converter printed for it: a text is the same after
// white space is folded, or a named difference explains it, or it is unexplained.

import type { Conversion } from '#languages/sigma/convert.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { readCorpus } from './corpora.ts'
import { DIFFERENCES, subjectOf, type Difference, type Subject } from './sigma-differences.ts'
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
  combination('kusto', 'kusto__none', 0.8),
  combination('kusto', 'kusto__microsoft_xdr', 0.8, 'microsoft_xdr'),
  combination('kusto', 'kusto__sentinel_asim', 0.8, 'sentinel_asim'),
  combination('kusto', 'kusto__azure_monitor', 0.8, 'azure_monitor'),
  combination('lucene', 'lucene__none', 0.95),
  combination('lucene', 'lucene__ecs_windows', 0.95, 'ecs_windows'),
  combination('eql', 'eql__none', 0.95),
  combination('eql', 'eql__ecs_windows', 0.95, 'ecs_windows'),
  combination('esql', 'esql__none', 0),
  combination('esql', 'esql__ecs_windows', 0, 'ecs_windows'),
]

export type Subjects = ReadonlyMap<string, Subject>

/** One rule of `every`, by the same rule of thumb each time. */
export function readSubjects(every = 1): Subjects {
  const rules = readCorpus<{ id: string; path: string; yaml: string }>('sigma/rules.jsonl.gz')
  const taken = rules.filter((_rule, at) => at % every === 0)
  return new Map(
    taken.map(({ id, path, yaml }) => {
      const rule = parseSigma(yaml).documents[0] as SigmaRule
      return [`${id} ${path}`, subjectOf(rule)]
    }),
  )
}

export interface Comparison {
  readonly identical: number
  readonly explained: number
  readonly unexplained: readonly string[]
  /** Converted by the reference alone. */
  readonly lost: readonly string[]
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
  const counts = { identical: 0, explained: 0, won: 0, refusedByBoth: 0 }
  const [unexplained, lost]: [string[], string[]] = [[], []]
  const byDifference = new Map<string, number>()
  for (const reference of readCorpus<Reference>(`sigma/conversions/${name}.jsonl.gz`)) {
    const subject = subjects.get(`${reference.id} ${reference.path}`)
    if (subject === undefined) continue
    const conversion: Conversion = convertRule(subject.rule, backend, built)
    const theirs = reference.ok ? fold(reference.output ?? []) : ''
    if (conversion.queries.length === 0) {
      if (theirs === '') counts.refusedByBoth++
      else lost.push(reference.path)
      continue
    }
    if (theirs === '') {
      counts.won++
      continue
    }
    const texts = { ours: fold(conversion.queries), theirs }
    const used = explain(texts, subject, DIFFERENCES[backend])
    if (used === undefined) unexplained.push(reference.path)
    else if (used.length === 0) counts.identical++
    else counts.explained++
    for (const { says } of used ?? []) byDifference.set(says, (byDifference.get(says) ?? 0) + 1)
  }
  return { ...counts, unexplained, lost, byDifference }
}

/** None for the same text; undefined when the differences do not make it the same. */
function explain(
  given: { readonly ours: string; readonly theirs: string },
  subject: Subject,
  differences: readonly Difference[],
): readonly Difference[] | undefined {
  let texts = given
  const used: Difference[] = []
  for (const difference of differences) {
    if (texts.ours === texts.theirs) return used
    const { applies, undo } = difference
    if (applies?.(subject)) return [...used, difference]
    const undone = undo?.(texts) ?? texts
    if (undone.ours !== texts.ours || undone.theirs !== texts.theirs) used.push(difference)
    texts = undone
  }
  return texts.ours === texts.theirs ? used : undefined
}

function fold(queries: readonly string[]): string {
  return queries.map((query) => query.replaceAll(/\s+/g, ' ').trim()).join('\n')
}
