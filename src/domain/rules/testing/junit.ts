// Results as JUnit XML, which build systems read: a case that only its target could tell is skipped, not
// passed.

import type { CaseResult, TestRun } from './test-run.ts'
import { traceLine } from './trace.ts'

export interface ReportCase {
  readonly group: string
  readonly name: string
  readonly failure: string | undefined
  /** Why it was not told. */
  readonly skipped?: string
}

/** One line an element. */
export function junit(suite: string, cases: readonly ReportCase[]): readonly string[] {
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const skips = cases.filter((one) => one.skipped !== undefined).length
  const skipped = skips === 0 ? '' : ` skipped="${skips}"`
  const lines = cases.flatMap(({ group, name, failure, skipped: why }) => {
    const open = `  <testcase classname="${xml(group)}" name="${xml(name)}"`
    if (failure !== undefined) {
      return [`${open}>`, `    <failure>${xml(failure)}</failure>`, '  </testcase>']
    }
    if (why === undefined) return [`${open}/>`]
    return [`${open}>`, `    <skipped message="${xml(why)}"/>`, '  </testcase>']
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${xml(suite)}" tests="${cases.length}" failures="${failures}"${skipped}>`,
    ...lines,
    '</testsuite>',
  ]
}

/** A run of one rule; `group` is what its cases are shown under. */
export function junitOfRun(group: string, run: TestRun | undefined): string {
  const cases = (run?.results ?? []).map((result) => reportOf(group, result))
  return `${junit(`version ${run?.version ?? 0}`, cases).join('\n')}\n`
}

/** With how the first event was judged, which is mostly enough to see why. */
export function reportOf(group: string, result: CaseResult): ReportCase {
  const { on, verdict, message, traces } = result
  const name = on === null ? result.name : `${result.name} (${on})`
  if (verdict === 'untold') return { group, name, failure: undefined, skipped: message ?? '' }
  if (verdict === 'passed') return { group, name, failure: undefined }
  const [trace] = traces
  const lines = trace ? [`event ${trace.event + 1}`, ...trace.lines.map(traceLine)] : []
  return { group, name, failure: [message ?? 'it failed', ...lines].join('\n') }
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
