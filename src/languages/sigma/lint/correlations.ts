// Checks of correlations and filters: numbers that are always or never reached, aliases that lead
// nowhere, windows that hide what they were to find.

import { DAY, SECOND } from '#kernel/time.ts'
import type { SigmaCorrelation, SigmaFilter } from '#languages/sigma/rule.ts'
import { valueOf } from '#languages/sigma/yaml.ts'
import type { Check, CheckRow, Report } from './check.ts'

const COUNT = 'type: event_count, rules: [one], group-by: [User], timespan: 5m'
const PAIR = 'type: temporal, rules: [one, two], group-by: [User], timespan: 5m'
const WEEK_SECONDS = (7 * DAY) / SECOND

export const CORRELATION_CHECKS: readonly Check[] = [
  ofCorrelation(
    {
      code: 'sigma/correlation-impossible',
      severity: 'error',
      why: 'No number satisfies all bounds.',
      bad: `correlation: {${COUNT}, condition: {gt: 10, lt: 5}}`,
      good: `correlation: {${COUNT}, condition: {gt: 5, lt: 10}}`,
    },
    (one, report) => {
      const { low, high } = rangeOf(one)
      if (low > high) report(one, 'No number satisfies these bounds.')
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/correlation-always',
      severity: 'warning',
      why: 'The first matched event is enough: the correlation adds nothing to its rule.',
      bad: `correlation: {${COUNT}, condition: {gte: 1}}`,
      good: `correlation: {${COUNT}, condition: {gte: 10}}`,
    },
    (one, report) => {
      const isCount = one.type === 'event_count' || one.type === 'value_count'
      const { low, high } = rangeOf(one)
      if (
        isCount &&
        one.bounds.length > 0 &&
        low <= 1 &&
        high === Infinity &&
        one.rules.length === 1
      ) {
        report(one, 'One event is enough.')
      }
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/correlation-of-one',
      severity: 'warning',
      why: 'Rules that must occur together, or in order, are two at least.',
      bad: 'correlation: {type: temporal, rules: [one], group-by: [User], timespan: 5m}',
      good: `correlation: {${PAIR}}`,
    },
    (one, report) => {
      if (one.type.startsWith('temporal') && one.rules.length === 1) {
        report(one.rules[0]!, 'There is nothing for this rule to occur together with.')
      }
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/correlation-window-long',
      severity: 'info',
      why: 'Targets search the whole window on every run; many keep less than that at hand.',
      bad: `correlation: {${COUNT.replace('5m', '30d')}, condition: {gte: 10}}`,
      good: `correlation: {${COUNT.replace('5m', '1d')}, condition: {gte: 10}}`,
    },
    (one, report) => {
      if (one.timespanSeconds <= WEEK_SECONDS) return
      report(timespanOf(one), 'The window is longer than a week.')
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/correlation-window-unit',
      severity: 'warning',
      why: 'The specification knows s, m, h and d; tools take M for minutes or for months.',
      bad: `correlation: {${COUNT.replace('5m', '1M')}, condition: {gte: 10}}`,
      good: `correlation: {${COUNT.replace('5m', '1d')}, condition: {gte: 10}}`,
    },
    (one, report) => {
      if (/[smhd]$/.test(one.timespan)) return
      report(timespanOf(one), 'The unit is not one of s, m, h and d.')
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/alias-of-other-rule',
      severity: 'warning',
      why: 'The alias never applies, and the events of the rules are grouped apart.',
      bad: `correlation: {${PAIR.replace('[User]', '[who]')}, aliases: {who: {one: User, three: Account}}}`,
      good: `correlation: {${PAIR.replace('[User]', '[who]')}, aliases: {who: {one: User, two: Account}}}`,
    },
    (one, report) => {
      const names = new Set(one.rules.map(({ text }) => text))
      for (const [alias, fields] of one.aliases) {
        for (const rule of fields.keys()) {
          if (names.has(rule)) continue
          report(
            aliasesOf(one),
            `The alias "${alias}" names "${rule}", no rule of this correlation.`,
          )
        }
      }
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/alias-incomplete',
      severity: 'warning',
      why: 'Events of the rule left out have no such field, so they belong to no group.',
      bad: `correlation: {${PAIR.replace('[User]', '[who]')}, aliases: {who: {one: User}}}`,
      good: `correlation: {${PAIR.replace('[User]', '[who]')}, aliases: {who: {one: User, two: Account}}}`,
    },
    (one, report) => {
      for (const [alias, fields] of one.aliases) {
        const left = one.rules.find(({ text }) => !fields.has(text))
        if (left) report(aliasesOf(one), `The alias "${alias}" says no field for "${left.text}".`)
      }
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/alias-unused',
      severity: 'warning',
      why: 'An alias matters only where events are grouped or values are counted.',
      bad: `correlation: {${PAIR}, aliases: {who: {one: User, two: Account}}}`,
      good: `correlation: {${PAIR.replace('[User]', '[who]')}, aliases: {who: {one: User, two: Account}}}`,
    },
    (one, report) => {
      for (const alias of one.aliases.keys()) {
        if (one.groupBy.includes(alias) || one.valueFields.includes(alias)) continue
        report(aliasesOf(one), `Nothing uses the alias "${alias}".`)
      }
    },
  ),
  ofCorrelation(
    {
      code: 'sigma/correlation-counts-group',
      severity: 'warning',
      why: 'Within a group the field has one value, so the count is always one.',
      bad: `correlation: {${COUNT.replace('event_count', 'value_count')}, condition: {gte: 10, field: User}}`,
      good: `correlation: {${COUNT.replace('event_count', 'value_count')}, condition: {gte: 10, field: DestinationIp}}`,
    },
    (one, report) => {
      if (one.type !== 'value_count' || one.valueFields.length === 0) return
      if (one.valueFields.every((field) => one.groupBy.includes(field))) {
        report(one, 'The values counted are those the events are grouped by.')
      }
    },
  ),
  ofFilter(
    {
      code: 'sigma/filter-includes',
      severity: 'warning',
      why: 'A filter is joined to its rules with "and": without "not" they see only these events.',
      bad: 'filter: {rules: [one], selection: {User: backup}, condition: selection}',
      good: 'filter: {rules: [one], selection: {User: backup}, condition: not selection}',
    },
    (one, report) => {
      for (const { tree, node } of one.detections.conditions) {
        if (!/\bnot\b/i.test(node.text) && tree.kind !== 'not') {
          report(node, 'The rules then match nothing but these events.')
        }
      }
    },
  ),
]

function ofCorrelation(
  row: CheckRow,
  judge: (one: SigmaCorrelation, report: Report) => void,
): Check {
  return {
    ...row,
    run({ document, report }) {
      if (document?.kind === 'correlation') judge(document, report)
    },
  }
}

function ofFilter(row: CheckRow, judge: (one: SigmaFilter, report: Report) => void): Check {
  return {
    ...row,
    run({ document, report }) {
      if (document?.kind === 'filter') judge(document, report)
    },
  }
}

/** Counts are whole, so "more than 5" is "6 at least". */
function rangeOf({ type, bounds }: SigmaCorrelation): {
  readonly low: number
  readonly high: number
} {
  const step = /count$|^temporal/.test(type) ? 1 : 0
  const lows = bounds.flatMap(({ op, value }) =>
    op === 'gt' ? [value + step] : op === 'gte' || op === 'eq' ? [value] : [],
  )
  const highs = bounds.flatMap(({ op, value }) =>
    op === 'lt' ? [value - step] : op === 'lte' || op === 'eq' ? [value] : [],
  )
  return { low: Math.max(...lows), high: Math.min(...highs) }
}

function partOf({ root }: SigmaCorrelation, key: string) {
  const map = valueOf(root, 'correlation')
  return (map?.kind === 'map' ? valueOf(map, key) : undefined) ?? root
}

function timespanOf(one: SigmaCorrelation) {
  return partOf(one, 'timespan')
}

function aliasesOf(one: SigmaCorrelation) {
  return partOf(one, 'aliases')
}
