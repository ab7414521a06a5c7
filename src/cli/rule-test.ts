// `rulewright rule test`: runs the test cases that rule files carry under `rulewright: tests:`. A case
// that expects a match needs one among its events; one that expects none tolerates none.

import { hasErrors } from '#kernel/problem.ts'
import { collect } from '#languages/sigma/collection.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { toData, valueOf } from '#languages/sigma/yaml.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { junit, type ReportCase } from './report.ts'
import { documentsOf, readRuleFiles } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT } from './shell.ts'

const FORMATS = ['text', 'json', 'junit'] as const

interface TestCase {
  readonly name: string
  readonly expect: 'match' | 'no_match'
  readonly events: readonly object[]
}

export const ruleTest: ProcessCommand = {
  name: 'rule test',
  about: 'run the tests that rule files carry',
  runsIn: 'process',
  operands: ['PATH…'],
  flags: { format: { value: 'FORMAT', about: `${FORMATS.join(', ')} (default text)` } },
  async run({ shell }, args) {
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    const files = await readRuleFiles(shell, args.operands)
    const documents = documentsOf(files)
    const cases: ReportCase[] = []
    for (const { path, outlines } of files) {
      for (const outline of outlines) {
        const errors = hasErrors(outline.problems) ? outline.problems : []
        const failure = errors.map((problem) => textLine(path, problem)).join('\n')
        const name = outline.title ?? `document ${outline.index}`
        if (failure) cases.push({ group: path, name, failure })
        if (outline.document) cases.push(...runTests(path, outline.document, documents))
      }
    }
    if (format === 'json') shell.out(JSON.stringify({ cases: cases.map(toJson) }, null, 2))
    else if (format === 'junit') for (const line of junit('rule test', cases)) shell.out(line)
    else for (const one of cases) shell.out(textOf(one))
    const failed = cases.filter(({ failure }) => failure !== undefined).length
    shell.err(`${cases.length} tests, ${failed} failed`)
    return failed > 0 ? EXIT.problems : EXIT.fine
  },
}

function toJson({ group, name, failure }: ReportCase): object {
  return { path: group, name, ok: failure === undefined, ...(failure ? { failure } : {}) }
}

function textOf({ group, name, failure }: ReportCase): string {
  return failure === undefined ? `ok    ${group}: ${name}` : `FAIL  ${group}: ${name}: ${failure}`
}

function runTests(
  path: string,
  document: SigmaDocument,
  documents: readonly SigmaDocument[],
): readonly ReportCase[] {
  const extra = valueOf(document.root, 'rulewright')
  const tests = extra?.kind === 'map' ? valueOf(extra, 'tests') : undefined
  if (tests === undefined) return []
  const data: unknown = toData(tests)
  if (!Array.isArray(data)) {
    return [{ group: path, name: document.title, failure: 'rulewright.tests is not a list' }]
  }
  return data.map((one: unknown, index) => runTest(path, document, documents, readCase(one, index)))
}

function readCase(data: unknown, index: number): TestCase | { name: string; failure: string } {
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
  const name = typeof fields['name'] === 'string' ? fields['name'] : `test ${index + 1}`
  const { expect, events } = fields
  if (expect !== 'match' && expect !== 'no_match') {
    return { name, failure: 'expect must be match or no_match' }
  }
  const isList = Array.isArray(events) && events.length > 0
  if (!isList || !events.every((event) => typeof event === 'object' && event !== null)) {
    return { name, failure: 'events must be a list of events' }
  }
  return { name, expect, events: events as readonly object[] }
}

function runTest(
  path: string,
  document: SigmaDocument,
  documents: readonly SigmaDocument[],
  one: ReturnType<typeof readCase>,
): ReportCase {
  const { name } = one
  if ('failure' in one) return { group: path, name, failure: one.failure }
  const run = new MatchRun(collect(documents.length > 0 ? reachable(document, documents) : []))
  const refused = run.matcher.refused.find(({ rule }) => rule.root === document.root)
  if (refused) return { group: path, name, failure: refused.problems[0]!.message }
  const answers = [
    ...one.events.flatMap((event) => run.next(event, sourceOf(event))),
    ...run.finish(),
  ]
  const hits = answers.filter(
    (answer) => (answer.kind === 'match' ? answer.rule : answer.correlation).root === document.root,
  )
  const isExpected = hits.length > 0 === (one.expect === 'match')
  const found = hits.length === 0 ? 'no event matched' : `${hits.length} matched`
  const failure = isExpected ? undefined : `expected ${one.expect}, but ${found}`
  return { group: path, name, failure }
}

/** The document itself, its filters, and for a correlation all rules it could refer to. */
function reachable(
  document: SigmaDocument,
  documents: readonly SigmaDocument[],
): readonly SigmaDocument[] {
  if (document.kind === 'correlation') return documents
  return documents.filter((other) => other === document || other.kind === 'filter')
}
