// Correlations for EQL, which knows sequences: an order of rules, or one rule so many times.

import { eqlField, printEqlCondition } from '#languages/sigma/backends/eql.ts'
import { attempt, Unsayable, type Printed } from '#languages/sigma/backends/walk.ts'
import { isPlainTemporal, rulesOf, type CorrelatedRule, type CorrelationInput } from './input.ts'

export function printEqlCorrelation(input: CorrelationInput): Printed {
  return attempt('EQL', () => {
    const { correlation } = input
    const rules = rulesOf(input)
    const by = (rule: CorrelatedRule) => {
      const fields = correlation.groupBy.map((name) => eqlField(rule.fieldOf(name)))
      return fields.length > 0 ? ` by ${fields.join(', ')}` : ''
    }
    const step = (rule: CorrelatedRule) =>
      `[any where ${printEqlCondition(rule.predicate)}]${by(rule)}`
    const head = `sequence with maxspan=${correlation.timespan}`
    if (correlation.type === 'temporal_ordered' && isPlainTemporal(input)) {
      return [head, ...rules.map((rule) => `  ${step(rule)}`)].join('\n')
    }
    const [bound] = correlation.bounds
    const runs =
      bound && (bound.op === 'gte' ? bound.value : bound.op === 'gt' ? bound.value + 1 : 0)
    const isRuns = correlation.type === 'event_count' && correlation.bounds.length === 1
    if (!isRuns || rules.length !== 1 || !runs || runs < 1 || runs > 100) {
      throw new Unsayable(`a correlation of the type ${correlation.type} with this condition`)
    }
    return `${head}\n  ${step(rules[0]!)} with runs=${runs}`
  })
}
