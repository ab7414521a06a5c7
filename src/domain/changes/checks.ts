// What is wrong with an item before anybody signs it. Pure. Problems are data: an error stops the change
// until it is mended, or waived by name where a person may decide that.

import type { Problem, Severity } from '#kernel/problem.ts'
import type { Placement } from '#domain/placements/placement.ts'
import type { ExaminedRule } from '#domain/rules/examined.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Target } from '#domain/targets/target.ts'
import type { ChangeAction, ChangeItem } from './change.ts'

/** Beside the problems of the rule itself. What nobody may waive is that a thing cannot be done. */
const WAIVABLE: ReadonlySet<string> = new Set([
  'change/tests',
  'change/unscoped',
  'change/budget',
  'change/noise-unknown',
])

export function problemOf(
  code: `change/${string}`,
  message: string,
  { severity = 'error', hint }: { readonly severity?: Severity; readonly hint?: string } = {},
): Problem {
  return { code, severity, message, ...(hint === undefined ? {} : { hint }) }
}

export function isWaivable({ code, severity }: Problem): boolean {
  return severity === 'error' && (WAIVABLE.has(code) || !code.startsWith('change/'))
}

/** Errors that nobody waived. */
export function blocking({ problems, waivers }: Pick<ChangeItem, 'problems' | 'waivers'>) {
  const waived = new Set(waivers.map(({ code }) => code))
  return problems.filter(
    (one) => one.severity === 'error' && !(isWaivable(one) && waived.has(one.code)),
  )
}

interface At {
  readonly action: ChangeAction
  readonly rule: RuleSummary
  readonly target: Target
  readonly normalise: unknown
  readonly placement: Placement | undefined
  /** Null where nothing does. */
  readonly stands: unknown
}

/** Whether it can be done there at all. */
export function judgePlace(at: At): readonly Problem[] {
  const { action, rule, target, normalise, placement, stands } = at
  const { name } = target
  const problems: Problem[] = []
  if (target.mode === 'read_only' && action !== 'unmanage') {
    problems.push(
      problemOf('change/read-only', `${name} is read-only: nothing is written there.`, {
        hint: 'An admin can change that in its settings.',
      }),
    )
  }
  if (normalise === undefined) {
    problems.push(problemOf('change/closed', `${name} cannot be opened to see what stands there.`))
  }
  if (action === 'add' && placement !== undefined) {
    problems.push(problemOf('change/stands', `${rule.title} stands on ${name} already.`))
  }
  // What was forgotten there has no place, and can be taken away.
  const isThere = placement !== undefined || (action === 'remove' && stands !== null)
  if (action !== 'add' && !isThere) {
    problems.push(problemOf('change/not-there', `${rule.title} does not stand on ${name}.`))
  }
  const isWatched = placement?.ownership === 'observe'
  if (isWatched && action !== 'unmanage' && action !== 'adopt') {
    const words = `${rule.title} is only watched on ${name}, and never written.`
    problems.push(problemOf('change/observed', words))
  }
  if (rule.state === 'retired' && ['add', 'change', 'resume'].includes(action)) {
    problems.push(problemOf('change/retired', `${rule.title} is retired.`))
  }
  return problems
}

interface Standing {
  /** The version that stands there: its problems may stay. */
  readonly standing: ExaminedRule | undefined
  readonly testGate: boolean
}

/** A ratchet: what is deployed may keep its problems, a change adds none. */
export function judgeRule(
  rule: RuleSummary,
  version: number,
  examined: ExaminedRule,
  { standing, testGate }: Standing,
): readonly Problem[] {
  const problems: Problem[] = []
  const known = countCodes(standing?.problems ?? [])
  for (const [code, { count, first }] of countCodes(examined.problems)) {
    if (count <= (known.get(code)?.count ?? 0)) continue
    problems.push(first)
  }
  if (testGate) problems.push(...judgeTests(rule, version))
  return problems
}

function countCodes(problems: readonly Problem[]) {
  const found = new Map<string, { count: number; first: Problem }>()
  for (const one of problems) {
    if (one.severity !== 'error') continue
    const known = found.get(one.code)
    found.set(one.code, { count: (known?.count ?? 0) + 1, first: known?.first ?? one })
  }
  return found
}

function judgeTests(rule: RuleSummary, version: number): readonly Problem[] {
  if (rule.version === version && rule.testVerdict === 'passed') return []
  const hint = 'Run its tests, or waive it by name.'
  if (rule.positiveTests + rule.negativeTests === 0) {
    return [problemOf('change/tests', `${rule.title} has no tests.`, { hint })]
  }
  if (rule.version !== version || rule.testVerdict === null) {
    const words = `The tests of ${rule.title} were not run at version ${version}.`
    return [problemOf('change/tests', words, { hint })]
  }
  return [problemOf('change/tests', `The tests of ${rule.title} do not pass.`, { hint })]
}
