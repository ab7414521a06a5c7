// Checks of regular expressions: what no engine can run, what only some can, and what is written in a
// way that means another thing.

import { compileRegex, type RegexOutcome } from '#languages/regex.ts'
import type { DetectionItem } from '#languages/sigma/rule.ts'
import type { Range } from '#languages/sigma/source.ts'
import type { Value } from '#languages/sigma/value.ts'
import { ofItem, type Check, type CheckRow, type Report } from './check.ts'

type Expression = Extract<Value, { kind: 'regex' }>

export const REGEX_CHECKS: readonly Check[] = [
  ofExpression(
    {
      code: 'sigma/regex-invalid',
      severity: 'error',
      why: 'No engine can run it.',
      bad: "detection: {a: {CommandLine|re: '(['}, condition: a}",
      good: "detection: {a: {CommandLine|re: '([a-z])'}, condition: a}",
    },
    (one, at, report) => {
      const outcome = compiled(one)
      if ('refusal' in outcome && outcome.isInvalid) {
        report(at, `The expression cannot be read: ${outcome.refusal}.`)
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-not-linear',
      severity: 'warning',
      why: 'Engines that cannot be stalled cannot run it, and the specification does not allow it.',
      bad: "detection: {a: {CommandLine|re: '(?=who)whoami.'}, condition: a}",
      good: "detection: {a: {CommandLine|re: 'whoami.'}, condition: a}",
    },
    (one, at, report) => {
      const outcome = compiled(one)
      if ('refusal' in outcome && !outcome.isInvalid) {
        report(at, `The expression does not run everywhere: ${outcome.refusal}.`)
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-is-text',
      severity: 'info',
      why: 'A plain test is faster and converts everywhere.',
      bad: 'detection: {a: {CommandLine|re: whoami}, condition: a}',
      good: 'detection: {a: {CommandLine|cased|contains: whoami}, condition: a}',
    },
    (_, at, report, written) => {
      if (/^[\w /:-]+$/.test(written)) {
        report(at, 'This expression is plain text.', 'Write field|cased|contains.')
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-of-everything',
      severity: 'warning',
      why: 'It also matches nothing at all, so every value satisfies it.',
      bad: "detection: {a: {CommandLine|re: '(whoami)?'}, condition: a}",
      good: "detection: {a: {CommandLine|re: '(whoami)+'}, condition: a}",
    },
    (one, at, report) => {
      if (/[$^]/.test(one.pattern)) return
      const outcome = compiled(one)
      if ('test' in outcome && outcome.test('')) report(at, 'Every value matches this expression.')
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-inline-flag',
      severity: 'info',
      why: 'Targets differ in whether they know it; the modifiers i, m and s work everywhere.',
      bad: "detection: {a: {CommandLine|re: '(?i)who.mi'}, condition: a}",
      good: "detection: {a: {CommandLine|re|i: 'who.mi'}, condition: a}",
    },
    (_, at, report, written) => {
      const flags = /^\(\?([ims]+)\)/.exec(written)?.[1]
      if (flags !== undefined) {
        report(
          at,
          'The flags stand inside the expression.',
          `Write |re|${flags.split('').join('|')}.`,
        )
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-open-ends',
      severity: 'info',
      why: 'An expression is searched for: the open end changes nothing and slows some engines down.',
      bad: "detection: {a: {CommandLine|re: '.*who.mi.*'}, condition: a}",
      good: "detection: {a: {CommandLine|re: 'who.mi'}, condition: a}",
    },
    (_, at, report, written) => {
      if (/^\^?\.\*(?!\?)/.test(written) || /(?<!\\)\.\*\$?$/.test(written)) {
        report(at, 'The expression begins or ends with ".*".')
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-slashes',
      severity: 'warning',
      why: 'Slashes around an expression are the syntax of other languages; here they must be found.',
      bad: "detection: {a: {CommandLine|re: '/who.mi/i'}, condition: a}",
      good: "detection: {a: {CommandLine|re|i: 'who.mi'}, condition: a}",
    },
    (_, at, report, written) => {
      if (/^\/.+\/[a-z]*$/.test(written) && /[.*+?[({\\]/.test(written)) {
        report(at, 'The expression stands between slashes, which must be found too.')
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-double-escape',
      severity: 'warning',
      why: 'Single quotes and plain YAML keep each backslash: two of them look for one in the text.',
      bad: "detection: {a: {CommandLine|re: 'who\\\\d{1,3}ami'}, condition: a}",
      good: "detection: {a: {CommandLine|re: 'who\\d{1,3}ami'}, condition: a}",
    },
    (_, at, report, written) => {
      if (/(?<!\\)\\\\[dws](?:[+*]|\{\d)/.test(written)) {
        report(at, 'This looks for a backslash and a letter.', 'Write one backslash.')
      }
    },
  ),
  ofExpression(
    {
      code: 'sigma/regex-nested-repeat',
      severity: 'info',
      why: 'Targets whose engines try again and again can be stalled by a long value.',
      bad: "detection: {a: {CommandLine|re: '(\\w+)+!'}, condition: a}",
      good: "detection: {a: {CommandLine|re: '\\w+!'}, condition: a}",
    },
    (_, at, report, written) => {
      if (/\((?:\?:)?(?:\\?[\w.]|\[[^\]]+\])[+*]\)[+*]/.test(written)) {
        report(at, 'A repetition is repeated.')
      }
    },
  ),
]

/** Three checks ask for it, and compiling is what costs. */
const known = new WeakMap<Expression, RegexOutcome>()

function compiled(one: Expression): RegexOutcome {
  const told = known.get(one) ?? compileRegex(one.pattern, one.flags)
  known.set(one, told)
  return told
}

type Judge = (one: Expression, at: Range, report: Report, written: string) => void

function ofExpression(row: CheckRow, judge: Judge): Check {
  return ofItem(row, (item: DetectionItem, report) => {
    for (const [at, value] of item.values.entries()) {
      const scalar = item.written[at]
      if (value.kind === 'regex')
        judge(value, scalar ?? item, report, scalar?.text ?? value.pattern)
    }
  })
}
