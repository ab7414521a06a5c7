// `# rulewright-ignore CODE: reason` in a document silences a check there. A waiver without a reason is
// none, and one that silences nothing is told, so that old ones do not pile up.

import type { Problem, Span } from '#kernel/problem.ts'
import type { Range, Source } from '#languages/sigma/source.ts'
import type { CheckRow } from './check.ts'

export const WAIVER_ROWS: readonly CheckRow[] = [
  {
    code: 'sigma/waiver-without-reason',
    severity: 'warning',
    why: 'Whoever meets it later cannot tell whether it still holds; it silences nothing.',
    bad: '# rulewright-ignore sigma/lone-wildcard',
    good: "# rulewright-ignore sigma/lone-wildcard: any user counts\ndetection: {a: {User: '*'}, condition: a}",
  },
  {
    code: 'sigma/waiver-unknown',
    severity: 'warning',
    why: 'No check has this code, so nothing is silenced.',
    bad: '# rulewright-ignore sigma/lone-wildcart: any user counts',
    good: "# rulewright-ignore sigma/lone-wildcard: any user counts\ndetection: {a: {User: '*'}, condition: a}",
  },
  {
    code: 'sigma/waiver-unused',
    severity: 'info',
    why: 'What it silenced is gone; left standing it would hide the next one.',
    bad: '# rulewright-ignore sigma/lone-wildcard: any user counts',
    good: "# rulewright-ignore sigma/lone-wildcard: any user counts\ndetection: {a: {User: '*'}, condition: a}",
  },
]

/** The colon may be missing, so that a waiver without it is found and told. */
const WAIVER = /#[ \t]*rulewright-ignore[ \t]+([a-z]+\/[a-z0-9-]+)[ \t]*(:?)[ \t]*([^\n]*)/g

export interface Waiver extends Span {
  readonly code: string
  readonly isReasoned: boolean
}

export function readWaivers(source: Source, range: Range): readonly Waiver[] {
  const part = source.text.slice(range.start, range.end)
  if (!part.includes('rulewright-ignore')) return []
  return [...part.matchAll(WAIVER)].map((match) => {
    const [whole, code = '', colon, reason = ''] = match
    const start = range.start + match.index
    const isReasoned = colon !== '' && reason.trim() !== ''
    return { code, isReasoned, ...source.span({ start, end: start + whole.length }) }
  })
}

/** Without those waived, and with what is wrong with the waivers. */
export function applyWaivers(
  found: readonly Problem[],
  waivers: readonly Waiver[],
  known: ReadonlySet<string>,
): readonly Problem[] {
  const told = new Set(found.map(({ code }) => code))
  const waived = new Set<string>()
  const problems: Problem[] = []
  for (const { code, isReasoned, ...span } of waivers) {
    if (code.startsWith('rule/')) continue // of whoever keeps rules: no check of a text alone
    const report = ({ code: own, severity }: CheckRow, message: string) =>
      problems.push({ code: own, severity, message, ...span })
    if (!isReasoned) {
      report(WAIVER_ROWS[0]!, 'This waiver gives no reason: write ": " and one behind the code.')
    } else if (!known.has(code)) report(WAIVER_ROWS[1]!, `No check is called "${code}".`)
    else if (!told.has(code)) report(WAIVER_ROWS[2]!, `Nothing here is reported as ${code}.`)
    else waived.add(code)
  }
  return [...found.filter(({ code }) => !waived.has(code)), ...problems]
}
