// Test cases of many rules, run in a worker thread. What a rule says in the words of a target is handed
// back: the evaluators of those languages have threads of their own.

import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaFilter } from '#languages/sigma/rule.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { readParsedRule, type RuleContent } from '#domain/rules/content.ts'
import { testFiltered } from '#domain/rules/exclusions/flips.ts'
import { excludeInQuery } from '#domain/rules/exclusions/own-query.ts'
import { readFilters, type FilteredText } from '#domain/rules/exclusions/filtered.ts'
import { KINDS, type Kind } from '#domain/rules/renders/kinds.ts'
import { languageOf } from '#domain/rules/renders/own-language.ts'
import type { Implementation } from '#domain/rules/product-key.ts'
import { badCase, readCases, refuseCases, type ReadCase, type SoundCase } from './case.ts'
import type { CaseResult } from './test-run.ts'

export interface RuleToTest extends FilteredText {
  /** The rules it builds on, and those that these build on. */
  readonly sources: readonly FilteredText[]
}

export interface TestedRule {
  /** Of the detection. */
  readonly results: readonly CaseResult[]
  /** Queries of its own, to be run over the same cases. */
  readonly queries: readonly OwnQuery[]
  readonly cases: readonly SoundCase[]
  readonly durationMs: number
}

export interface OwnQuery {
  readonly kind: Kind
  readonly implementation: Implementation
}

/** In the order of the rules. */
export const testRules: WorkerTask<readonly RuleToTest[], readonly TestedRule[]> = {
  worker: 'rules',
  name: 'rules.test',
}

export function testRulesHere(rules: readonly RuleToTest[]): readonly TestedRule[] {
  return rules.map((rule) => {
    const start = performance.now()
    const tested = testRule(rule)
    return { ...tested, durationMs: Math.ceil(performance.now() - start) }
  })
}

function testRule({ text, filters, sources }: RuleToTest): Omit<TestedRule, 'durationMs'> {
  const parsed = parseSigma(text)
  const [outline] = parsed.outlines
  const { value: content } = readParsedRule(text, parsed)
  if (!outline?.root || !content) return { results: [], queries: [], cases: [] }
  const cases = readCases(outline.root, content.title)
  const laidOver = readFilters(filters)
  const queries = queriesOf(content).map((one) => withExclusions(one, laidOver))
  const sound = queries.length === 0 ? [] : cases.filter(isSound)
  const told = { queries, cases: sound }
  if (content.format === 'native') {
    return { results: cases.flatMap((one) => (isSound(one) ? [] : badCase(one))), ...told }
  }
  const broken = outline.problems.find(({ severity }) => severity === 'error')
  if (broken || !outline.document) {
    const reason = broken?.message ?? 'The rule cannot be read.'
    return { results: refuseCases(cases, reason), ...told }
  }
  return { results: testFiltered(outline.document, filters, sources), ...told }
}

/** As it would be written there; where it would be refused instead, as the rule brings it. */
function withExclusions(query: OwnQuery, filters: readonly SigmaFilter[]): OwnQuery {
  if (filters.length === 0) return query
  const { kind, implementation } = query
  const language = languageOf(kind, implementation)
  const made = excludeInQuery(implementation.query!, language, filters, [])
  return 'code' in made ? query : { kind, implementation: { ...implementation, query: made.after } }
}

export function isSound(one: ReadCase): one is SoundCase {
  return !('wrong' in one)
}

export function queriesOf({ implementations }: RuleContent): readonly OwnQuery[] {
  return KINDS.flatMap((kind) => {
    const implementation = implementations[kind]
    return implementation?.query === undefined ? [] : [{ kind, implementation }]
  })
}
