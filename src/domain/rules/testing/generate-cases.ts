// Test cases made from a rule itself: one event that it finds, and for each part of its condition one
// that it just misses. The rule is run over every case before it is offered; what does not do what its
// name says is left out, and told. Pure and foreign-text-safe, but slow for a large rule.

import { collect, type ResolvedCorrelation } from '#languages/sigma/collection.ts'
import { correlationExamples } from '#languages/sigma/examples/correlation.ts'
import type { Example } from '#languages/sigma/examples/event.ts'
import { examplesOf } from '#languages/sigma/examples/rule.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaDocument, SigmaRule } from '#languages/sigma/rule.ts'
import { editRuleText } from '#domain/rules/edit.ts'
import { readCases, testCases, type SoundCase } from './case.ts'

export interface GeneratedCases {
  /** As they would stand under `tests`; none that the rule has already. */
  readonly cases: readonly NewTestCase[]
  readonly leftOut: readonly LeftOut[]
}

export interface NewTestCase {
  readonly name: string
  readonly expect: 'match' | 'no_match'
  readonly events: readonly Example[]
}

export interface LeftOut {
  readonly name: string
  readonly why: string
}

/** More cases of one rule would be read by nobody. */
const CASES_MAX = 40

/** `sources` are texts of the rules that a correlation builds on. */
export function generateCases(text: string, sources: readonly string[]): GeneratedCases {
  const document = parseSigma(text).outlines[0]?.document
  const others = sources.flatMap((one) => parseSigma(one).documents)
  return casesFor(document, others)
}

/** Of a document that was read already; undefined for one that could not be. */
export function casesFor(
  document: SigmaDocument | undefined,
  others: readonly SigmaDocument[],
): GeneratedCases {
  if (document === undefined) return nothing('only a detection that can be read has events')
  const { cases, leftOut } = proposals(document, others)
  const named = withOwnNames(cases)
  const results = testCases(document, others, named.map(toSound))
  const known = readCases(document.root, document.title)
  const seen = new Set(known.flatMap((one) => ('wrong' in one ? [] : JSON.stringify(one.events))))
  const kept: NewTestCase[] = []
  const failed: LeftOut[] = []
  for (const [at, one] of named.entries()) {
    const { verdict, message } = results[at]!
    const key = JSON.stringify(one.events)
    if (verdict !== 'passed') failed.push({ name: one.name, why: message ?? 'it does not hold' })
    else if (!seen.has(key) && kept.length < CASES_MAX) {
      kept.push(one)
      seen.add(key)
    } else if (!seen.has(key))
      failed.push({ name: one.name, why: 'there are enough cases already' })
  }
  return { cases: kept, leftOut: [...leftOut, ...failed] }
}

function nothing(why: string): GeneratedCases {
  return { cases: [], leftOut: [{ name: FIRES, why }] }
}

const FIRES = 'fires on an example'

function proposals(document: SigmaDocument, others: readonly SigmaDocument[]): GeneratedCases {
  switch (document.kind) {
    case 'rule':
      return fromRule(document)
    case 'correlation': {
      const { correlations, problems } = collect([document, ...others])
      const resolved = correlations.find((one) => one.correlation.root === document.root)
      if (resolved) return fromCorrelation(resolved)
      const [problem] = [...problems].find(([one]) => one.root === document.root)?.[1] ?? []
      return nothing(problem?.message ?? 'the rules it builds on are not here')
    }
    case 'filter':
      return nothing('a filter has no cases of its own')
  }
}

function fromRule({ detections }: SigmaRule): GeneratedCases {
  const { match, misses } = examplesOf(detections)
  if (match === undefined) return nothing('no event was found that fulfils the condition')
  return {
    cases: [
      { name: FIRES, expect: 'match', events: [match] },
      ...misses.flatMap(({ how, event }): readonly NewTestCase[] =>
        event === undefined ? [] : [{ name: `silent ${how}`, expect: 'no_match', events: [event] }],
      ),
    ],
    leftOut: misses.flatMap(({ how, event }) =>
      event === undefined ? [{ name: `silent ${how}`, why: 'no such event was found' }] : [],
    ),
  }
}

function fromCorrelation(resolved: ResolvedCorrelation): GeneratedCases {
  const made = correlationExamples(resolved)
  if ('refusal' in made) return nothing(made.refusal)
  const cases = made.sequences.map(({ how, events }): NewTestCase => {
    if (how === '') return { name: FIRES, expect: 'match', events }
    return { name: `silent ${how}`, expect: 'no_match', events }
  })
  return { cases, leftOut: [] }
}

const NAME_CHARS = 200

/** A name that comes again bears a number. */
function withOwnNames(cases: readonly NewTestCase[]): readonly NewTestCase[] {
  const counts = new Map<string, number>()
  return cases.map((one) => {
    const name = one.name.slice(0, NAME_CHARS).toWellFormed()
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return { ...one, name: count === 1 ? name : `${name} (${count})` }
  })
}

function toSound({ name, expect, events }: NewTestCase): SoundCase {
  return { name, expect, events, groups: [] }
}

/** `1 match and 6 near-misses`, in the words of pages and of the command line. */
export function countCases(cases: readonly NewTestCase[]): string {
  const matches = cases.filter(({ expect }) => expect === 'match').length
  const misses = cases.length - matches
  const parts = [
    ...(matches === 0 ? [] : [`${matches} match${matches === 1 ? '' : 'es'}`]),
    ...(misses === 0 ? [] : [`${misses} near-miss${misses === 1 ? '' : 'es'}`]),
  ]
  return parts.join(' and ') || 'no case'
}

/** The text with these cases behind those it has. Throws as editRuleText. */
export function withCases(text: string, cases: readonly Omit<SoundCase, 'groups'>[]): string {
  const path = ['rulewright', 'tests']
  return editRuleText(
    text,
    cases.map((value) => ({ kind: 'addToList', path, value })),
  )
}
