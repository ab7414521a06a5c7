// `rulewright rule lint`: what is wrong with rule files, as text or in the formats of editors and
// build systems. Exit 1 when something is an error (or a warning, with --fail-on warning).

import { junit } from '#domain/rules/testing/junit.ts'
import type { Problem } from '#kernel/problem.ts'
import { formatInstant } from '#kernel/time.ts'
import { settle, type LintedDocument } from '#languages/sigma/lint.ts'
import { systemClock } from '#platform/clock.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { sarif } from './report.ts'
import { listRuleFiles } from './rule-files.ts'
import { examineAll } from './rule-threads.ts'
import { EXIT } from './shell.ts'

const FORMATS = ['text', 'json', 'ndjson', 'sarif', 'junit'] as const

export const ruleLint: ProcessCommand = {
  name: 'rule lint',
  about: 'say what is wrong with rule files',
  runsIn: 'process',
  operands: ['PATH…'],
  flags: {
    format: { value: 'FORMAT', about: `${FORMATS.join(', ')} (default text)` },
    'fail-on': { value: 'SEVERITY', about: 'error or warning: what makes the exit code 1' },
  },
  async run({ shell }, args) {
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    const failOn = oneOf('--fail-on', textFlag(args, 'fail-on') ?? 'error', ['error', 'warning'])
    const today = formatInstant(systemClock.now()).slice(0, 10)
    const names = await listRuleFiles(shell, args.operands)
    const linted = settle(await examineAll(shell, names, today))
    for (const line of render(linted, format)) shell.out(line)
    const problems = linted.flatMap((document) => document.problems)
    if (format === 'text') shell.err(summary(linted.length, problems))
    const failing = failOn === 'warning' ? ['error', 'warning'] : ['error']
    const isBad = problems.some((problem) => failing.includes(problem.severity))
    return isBad ? EXIT.problems : EXIT.fine
  },
}

function render(
  linted: readonly LintedDocument[],
  format: (typeof FORMATS)[number],
): readonly string[] {
  switch (format) {
    case 'text':
      return linted.flatMap(({ path, problems }) => problems.map((one) => textLine(path, one)))
    case 'json':
      return [JSON.stringify(linted, null, 2)]
    case 'ndjson':
      return linted.map((document) => JSON.stringify(document))
    case 'sarif':
      return [JSON.stringify(sarif(linted), null, 2)]
    case 'junit':
      return junit('rule lint', linted.map(toCase))
  }
}

/** `path:3:5: error: message [code] (hint)` is what editors make into links. */
export function textLine(path: string, problem: Problem): string {
  const { line = 1, column = 1, severity, message, code, hint } = problem
  const advice = hint === undefined ? '' : ` (${hint})`
  return `${path}:${line}:${column}: ${severity}: ${message} [${code}]${advice}`
}

function toCase({ path, document, title, problems }: LintedDocument) {
  const failures = problems.filter((problem) => problem.severity === 'error')
  return {
    group: path,
    name: title ?? `document ${document}`,
    failure: failures.map((one) => textLine(path, one)).join('\n') || undefined,
  }
}

function summary(documents: number, problems: readonly Problem[]): string {
  const count = (severity: Problem['severity']) =>
    problems.filter((problem) => problem.severity === severity).length
  return `${documents} documents: ${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes`
}
