// A report for code hosts: SARIF 2.1.0, which they show beside a line. JUnit is in domain/rules.

import { checkRow, type LintedDocument } from '#languages/sigma/lint.ts'
import { shownExample } from '#languages/sigma/lint/page.ts'

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const

export function sarif(linted: readonly LintedDocument[]): object {
  const codes = new Set(linted.flatMap(({ problems }) => problems.map(({ code }) => code)))
  const results = linted.flatMap(({ path, problems }) =>
    problems.map((problem) => ({
      ruleId: problem.code,
      level: LEVELS[problem.severity],
      message: { text: problem.hint ? `${problem.message} ${problem.hint}` : problem.message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(path) },
            region: {
              startLine: problem.line ?? 1,
              startColumn: problem.column ?? 1,
              endLine: problem.endLine ?? problem.line ?? 1,
              endColumn: problem.endColumn ?? problem.column ?? 1,
            },
          },
        },
      ],
    })),
  )
  const rules = [...codes].toSorted().map(describeRule)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      { tool: { driver: { name: 'rulewright', rules } }, columnKind: 'utf16CodeUnits', results },
    ],
  }
}

/** Code hosts show these beside a finding; a code of the YAML parser itself may have no row. */
function describeRule(id: string): object {
  const row = checkRow(id)
  if (row === undefined) return { id }
  return {
    id,
    shortDescription: { text: row.why },
    help: { text: `Reported:\n${shownExample(row.bad)}\n\nFine:\n${shownExample(row.good)}` },
    defaultConfiguration: { level: LEVELS[row.severity] },
  }
}
