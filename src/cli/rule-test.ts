// `rulewright rule test`: runs the test cases that rule files carry under `rulewright: tests:`. A case
// that expects a match needs one among its events; one that expects none tolerates none. Queries of a
// product's own language are run by our evaluator; what it does not know exactly needs the target.

import { readParsedRule } from '#domain/rules/content.ts'
import { junit, reportOf, type ReportCase } from '#domain/rules/testing/junit.ts'
import { badCase, readCases, testDocument, type ReadCase } from '#domain/rules/testing/case.ts'
import { testOwnQueries } from '#domain/rules/testing/query.ts'
import type { CaseResult } from '#domain/rules/testing/test-run.ts'
import { isSound, queriesOf } from '#domain/rules/testing/task.ts'
import { hasErrors } from '#kernel/problem.ts'
import { isNative, type Outline } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { systemClock } from '#platform/clock.ts'
import { Workers } from '#platform/worker.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { documentsOf, readRuleFiles, type RuleFile } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type Shell } from './shell.ts'

const FORMATS = ['text', 'json', 'junit'] as const

export const ruleTest: ProcessCommand = {
  name: 'rule test',
  about: 'run the tests that rule files carry',
  runsIn: 'process',
  operands: ['PATH…'],
  flags: { format: { value: 'FORMAT', about: `${FORMATS.join(', ')} (default text)` } },
  async run({ shell }, args) {
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    const files = await readRuleFiles(shell, args.operands)
    const cases = await testFiles(shell, files)
    if (format === 'json') shell.out(JSON.stringify({ cases: cases.map(toJson) }, null, 2))
    else if (format === 'junit') for (const line of junit('rule test', cases)) shell.out(line)
    else for (const one of cases) shell.out(textOf(one))
    const failed = cases.filter(({ failure }) => failure !== undefined).length
    const untold = cases.filter(({ skipped }) => skipped !== undefined).length
    const rest = untold === 0 ? '' : `, ${untold} need the target`
    tellLacking(shell, files)
    shell.err(`${cases.length} tests, ${failed} failed${rest}`)
    return failed > 0 ? EXIT.problems : EXIT.fine
  },
}

async function testFiles(shell: Shell, files: readonly RuleFile[]): Promise<readonly ReportCase[]> {
  const documents = documentsOf(files)
  const cases: ReportCase[] = []
  const workers = new Workers()
  try {
    for (const file of files) {
      for (const outline of file.outlines) {
        shell.signal.throwIfAborted()
        const errors = hasErrors(outline.problems) ? outline.problems : []
        const failure = errors.map((problem) => textLine(file.path, problem)).join('\n')
        const name = outline.title ?? `document ${outline.index}`
        if (failure) cases.push({ group: file.path, name, failure })
        const results = await testOutline(workers, file, outline, documents)
        cases.push(...results.map((one) => reportOf(file.path, one)))
      }
    }
  } finally {
    await workers.close()
  }
  return cases
}

/** Cases of the detection first, then those of each query of its own. */
async function testOutline(
  workers: Workers,
  { text, outlines }: RuleFile,
  outline: Outline,
  documents: readonly SigmaDocument[],
): Promise<readonly CaseResult[]> {
  const { root, document } = outline
  if (root === undefined) return []
  const results = document ? testDocument(document, documents) : []
  // What a rule says beside its detection is read from a file that holds one rule.
  const alone = { documents: [], outlines, problems: outline.problems }
  const content = outlines.length === 1 ? readParsedRule(text, alone).value : undefined
  const queries = content ? queriesOf(content) : []
  if (queries.length === 0) return results
  const cases = casesOf(outline)
  const bad = document ? [] : cases.flatMap((one) => (isSound(one) ? [] : badCase(one)))
  const tested = { results: [...results, ...bad], queries, cases: cases.filter(isSound) }
  return testOwnQueries(workers, { ...tested, durationMs: 0 }, systemClock.now())
}

function casesOf({ root, title }: Outline): readonly ReadCase[] {
  return root === undefined ? [] : readCases(root, title ?? '')
}

const LACKING_SHOWN_MAX = 20

/** A rule is tested when one case fires and one stays silent; the others are named. */
function tellLacking(shell: Shell, files: readonly RuleFile[]): void {
  const lacking = files.flatMap(({ path, outlines }) =>
    outlines.flatMap((outline) => {
      const { root, document, title } = outline
      const isRule = document ? document.kind !== 'filter' : root !== undefined && isNative(root)
      const wanted = isRule ? whatLacks(casesOf(outline)) : undefined
      return wanted === undefined ? [] : [`${path}: ${title ?? ''} has ${wanted}`]
    }),
  )
  for (const line of lacking.slice(0, LACKING_SHOWN_MAX)) shell.err(line)
  const rest = lacking.length - LACKING_SHOWN_MAX
  if (rest > 0) shell.err(`and ${rest} more rules lack a case`)
}

function whatLacks(cases: readonly ReadCase[]): string | undefined {
  const has = (expect: 'match' | 'no_match') =>
    cases.some((one) => isSound(one) && one.expect === expect)
  const [fires, silent] = [has('match'), has('no_match')]
  if (fires && silent) return undefined
  if (fires) return 'no case that stays silent'
  return silent ? 'no case that fires' : 'no test case'
}

function toJson({ group, name, failure, skipped }: ReportCase): object {
  const isOk = failure === undefined && skipped === undefined
  const why = failure === undefined ? {} : { failure }
  return { path: group, name, ok: isOk, ...why, ...(skipped === undefined ? {} : { skipped }) }
}

function textOf({ group, name, failure, skipped }: ReportCase): string {
  if (skipped !== undefined) return `?     ${group}: ${name}: ${skipped}`
  return failure === undefined ? `ok    ${group}: ${name}` : `FAIL  ${group}: ${name}: ${failure}`
}
