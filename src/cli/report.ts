// Reports for build systems: SARIF 2.1.0 (what code hosts show beside a line) and JUnit XML.

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

export interface ReportCase {
  readonly group: string
  readonly name: string
  readonly failure: string | undefined
}

/** One line an element. */
export function junit(suite: string, cases: readonly ReportCase[]): readonly string[] {
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const lines = cases.flatMap(({ group, name, failure }) => {
    const open = `  <testcase classname="${xml(group)}" name="${xml(name)}"`
    if (failure === undefined) return [`${open}/>`]
    return [`${open}>`, `    <failure>${xml(failure)}</failure>`, '  </testcase>']
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${xml(suite)}" tests="${cases.length}" failures="${failures}">`,
    ...lines,
    '</testsuite>',
  ]
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Control characters have no form in XML 1.0 at all, so they become a replacement character. */
function xml(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  const clean = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  return clean.replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!)
}
