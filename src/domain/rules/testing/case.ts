// The test cases that a rule carries under `rulewright: tests:`, run by the matcher. A case that expects
// a match needs one among its events; one that expects none tolerates none. Pure: whoever runs cases
// (the command line, the pages, a job) runs them here.

import { collect, type Collection } from '#languages/sigma/collection.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { MatchRun, type Answer } from '#languages/sigma/run.ts'
import { toData, valueOf, type YamlMap } from '#languages/sigma/yaml.ts'
import type { CaseResult } from './test-run.ts'
import { traceOf, type Trace } from './trace.ts'

export interface SoundCase {
  readonly name: string
  readonly expect: 'match' | 'no_match'
  readonly events: readonly Readonly<Record<string, unknown>>[]
  /** For a correlation: groups that must be found. */
  readonly groups: readonly Readonly<Record<string, unknown>>[]
}

/** What is wrong with one as it is written. */
interface BadCase {
  readonly name: string
  readonly wrong: string
}

export type ReadCase = SoundCase | BadCase

/** In the order written. A list that is none is one bad case, so that it is told and not passed over. */
export function readCases(root: YamlMap, title: string): readonly ReadCase[] {
  const extra = valueOf(root, 'rulewright')
  const tests = extra?.kind === 'map' ? valueOf(extra, 'tests') : undefined
  if (tests === undefined) return []
  const data: unknown = toData(tests)
  if (!Array.isArray(data)) return [{ name: title, wrong: 'rulewright.tests is not a list' }]
  return data.map(readCase)
}

function readCase(data: unknown, index: number): ReadCase {
  const fields = isRecord(data) ? data : {}
  const { expect, events, groups = [] } = fields
  const name = typeof fields['name'] === 'string' ? fields['name'] : `test ${index + 1}`
  if (expect !== 'match' && expect !== 'no_match') {
    return { name, wrong: 'expect must be match or no_match' }
  }
  const isList = Array.isArray(events) && events.length > 0 && events.every(isRecord)
  if (!isList) return { name, wrong: 'events must be a list of events' }
  if (!Array.isArray(groups) || !groups.every(isRecord)) {
    return { name, wrong: 'groups must be a list of fields and values' }
  }
  return { name, expect, events, groups }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Every case of a document. `others` are those it is read with: its filters, and for a correlation the
 * rules it could refer to.
 */
export function testDocument(
  document: SigmaDocument,
  others: readonly SigmaDocument[],
): readonly CaseResult[] {
  return testCases(document, others, readCases(document.root, document.title))
}

/** The same for cases that do not stand in the document, or not yet. */
export function testCases(
  document: SigmaDocument,
  others: readonly SigmaDocument[],
  cases: readonly ReadCase[],
): readonly CaseResult[] {
  if (cases.length === 0) return []
  const subject = new Subject(document, collect(reachable(document, others)))
  return cases.map((one) => ('wrong' in one ? badCase(one) : subject.test(one)))
}

/** Every case of a rule that cannot be run, with the reason. */
export function refuseCases(cases: readonly ReadCase[], reason: string): readonly CaseResult[] {
  return cases.map((one) =>
    'wrong' in one ? badCase(one) : toResult(one, { verdict: 'failed', message: reason }),
  )
}

export function toResult(
  { name, expect }: Pick<SoundCase, 'name' | 'expect'>,
  told: Pick<CaseResult, 'verdict'> & Partial<CaseResult>,
): CaseResult {
  return { name: name.toWellFormed(), expect, on: null, message: null, traces: [], ...told }
}

export function badCase({ name, wrong }: BadCase): CaseResult {
  const shown = name.toWellFormed()
  return { name: shown, expect: null, on: null, verdict: 'failed', message: wrong, traces: [] }
}

function reachable(
  document: SigmaDocument,
  others: readonly SigmaDocument[],
): readonly SigmaDocument[] {
  const isWanted = (other: SigmaDocument) =>
    other.root !== document.root && (document.kind === 'correlation' || other.kind === 'filter')
  return [document, ...others.filter(isWanted)]
}

/** More events than this are not explained: somebody reads it. */
const TRACES_MAX = 3

class Subject {
  readonly #document: SigmaDocument
  readonly #collection: Collection
  readonly #reason: string | undefined
  /** A rule alone remembers nothing from one event to the next, so its cases share what is compiled. */
  readonly #shared: MatchRun

  constructor(document: SigmaDocument, collection: Collection) {
    this.#document = document
    this.#collection = collection
    const problem = [...collection.problems].find(([one]) => one.root === document.root)?.[1][0]
    this.#shared = new MatchRun(collection)
    const { refused } = this.#shared.matcher
    const own = refused.find(({ rule }) => rule.root === document.root)
    const source = document.kind === 'correlation' ? refused[0] : undefined
    this.#reason = (problem ?? own?.problems[0] ?? source?.problems[0])?.message
  }

  test(one: SoundCase): CaseResult {
    if (this.#document.kind === 'filter') {
      const message = 'A filter has no cases of its own: write them in the rule it is laid over.'
      return toResult(one, { verdict: 'failed', message })
    }
    if (this.#reason !== undefined) {
      return toResult(one, { verdict: 'failed', message: this.#reason })
    }
    const isAlone = this.#document.kind === 'rule'
    const run = isAlone ? this.#shared : new MatchRun(this.#collection)
    const answers = [
      ...one.events.flatMap((event, at) => run.next(event, sourceOf(event), at)),
      ...run.finish(),
    ]
    const found = answers.filter((answer) => rootOf(answer) === this.#document.root)
    const isExpected = found.length > 0 === (one.expect === 'match')
    const missing = isExpected ? missingGroup(one, found) : undefined
    if (isExpected && missing === undefined) return toResult(one, { verdict: 'passed' })
    const message = missing ?? this.#message(one, found, run.untimedCount)
    return toResult(one, { verdict: 'failed', message, traces: this.#trace(one, found) })
  }

  #message({ expect, events }: SoundCase, found: readonly Answer[], untimed: number): string {
    if (expect === 'no_match') return `expected no_match, but ${found.length} matched`
    if (untimed > 0) {
      return `expected match, but ${untimed} of ${events.length} events say no time, which a correlation needs`
    }
    const isCorrelation = this.#document.kind === 'correlation'
    return `expected match, but ${isCorrelation ? 'it did not fire' : 'no event matched'}`
  }

  #trace({ expect, events }: SoundCase, found: readonly Answer[]): readonly Trace[] {
    const { rules } = this.#collection
    const hit = new Set(found.flatMap((one) => (one.kind === 'match' ? [one.event] : one.events)))
    const wanted = [...events.entries()].filter(([at]) => expect === 'match' || hit.has(at))
    return wanted
      .slice(0, TRACES_MAX)
      .flatMap(([at, event]) => rules.slice(0, TRACES_MAX).map((rule) => traceOf(rule, event, at)))
  }
}

function rootOf(answer: Answer): YamlMap {
  return answer.kind === 'match' ? answer.rule.root : answer.correlation.root
}

/** A sentence about the first group that was expected and not found. */
function missingGroup({ groups }: SoundCase, found: readonly Answer[]): string | undefined {
  const seen = found.flatMap((one) => (one.kind === 'correlation' ? [one.group] : []))
  const missing = groups.find(
    (wanted) =>
      !seen.some((group: Readonly<Record<string, unknown>>) =>
        Object.entries(wanted).every(([field, value]) => String(group[field]) === String(value)),
      ),
  )
  return missing && `expected the group ${JSON.stringify(missing)}, which was not found`
}
