// What `rule import` says when it is done: how many rules there are, for what they compile, and what is
// broken and why.

import type { Counts, Finding, ImportResult, ImportWish } from '#domain/rules/imports/import.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { FileToSplit } from '#domain/rules/imports/split-task.ts'
import type { Problem } from '#kernel/problem.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type ExitCode, type Shell } from './shell.ts'

export interface ImportOrder {
  /** What the list of imports calls it. */
  readonly source: string
  readonly files: readonly FileToSplit[]
  readonly wish: ImportWish
}

export interface ReportedItem {
  readonly path: string
  readonly title: string | null
  readonly result?: ImportResult | null
  readonly problems: readonly Problem[]
}

export interface ImportReport {
  readonly import: string
  /** `preview`: nothing was written. */
  readonly state: 'preview' | 'done'
  readonly findings: Counts<Finding>
  readonly results: Counts<ImportResult>
  readonly compiles: Counts<Kind>
  readonly broken: readonly ReportedItem[]
  readonly conflicting: readonly ReportedItem[]
  readonly refused: readonly ReportedItem[]
}

export const REPORT_FORMATS = ['text', 'json'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** Exit 1 when something is broken, refused, or was left as it is because both sides had changed it. */
export function sayReport(shell: Shell, format: ReportFormat, report: ImportReport): ExitCode {
  if (format === 'json') shell.out(JSON.stringify(report, null, 2))
  else for (const line of linesOf(report)) shell.out(line)
  const { broken, conflicting, refused } = report
  const isFine = broken.length + conflicting.length + refused.length === 0
  return isFine ? EXIT.fine : EXIT.problems
}

/** Of those that conflict: the ones that were left as they are. */
export function conflictsKept(items: readonly ReportedItem[]): readonly ReportedItem[] {
  return items.filter(({ result }) => result !== 'saved')
}

const RESULTS: Readonly<Record<ImportResult, string>> = {
  created: 'created',
  saved: 'new versions',
  same: 'the same as before',
  skipped: 'skipped',
  refused: 'refused',
}

function linesOf(report: ImportReport): readonly string[] {
  const { findings, results, compiles, broken, conflicting, refused, state } = report
  const documents = Object.values(findings).reduce((sum, count) => sum + count, 0)
  const became = Object.entries(results)
    .map(([result, count]) => `${count} ${RESULTS[result as ImportResult]}`)
    .join(', ')
  const kinds = Object.entries(compiles)
    .filter(([kind]) => kind !== 'local')
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')
  return [
    ...broken.flatMap(problemLines),
    ...refused.flatMap(problemLines),
    ...conflicting.map(({ path }) => `${path}: changed here and there: left as it is here`),
    state === 'preview'
      ? `nothing was imported: ${broken.length} of ${documents} documents are broken`
      : `${documents} documents: ${became}`,
    ...(broken.length > 0 && state === 'done' ? [`broken: ${broken.length}, see above`] : []),
    ...(kinds === '' ? [] : [`compile for: ${kinds}`]),
  ]
}

/** What made it broken; its warnings are the business of `rule lint`. */
function problemLines({ path, problems }: ReportedItem): readonly string[] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  return errors.map((problem) => textLine(path, problem))
}
