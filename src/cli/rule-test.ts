// `rulewright rule test`: runs the test cases that rule files carry under `rulewright: tests:`. A case
// that expects a match needs one among its events; one that expects none tolerates none.

import { junit, reportOf, type ReportCase } from '#domain/rules/junit.ts'
import { testDocument } from '#domain/rules/test-case.ts'
import { hasErrors } from '#kernel/problem.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { documentsOf, readRuleFiles } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT } from './shell.ts'

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
    const documents = documentsOf(files)
    const cases: ReportCase[] = []
    for (const { path, outlines } of files) {
      for (const outline of outlines) {
        const errors = hasErrors(outline.problems) ? outline.problems : []
        const failure = errors.map((problem) => textLine(path, problem)).join('\n')
        const name = outline.title ?? `document ${outline.index}`
        if (failure) cases.push({ group: path, name, failure })
        if (outline.document) {
          const results = testDocument(outline.document, documents)
          cases.push(...results.map((one) => reportOf(path, one)))
        }
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
