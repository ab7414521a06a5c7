// When a step applies: conditions on the rule, on a detection item, on a field's name; each list is
// joined by `and` unless its `…_cond_op` says `or`, and `…_cond_not` turns the answer round.

import { compileRegex, type CompiledRegex } from '#languages/regex.ts'
import { itemsIn, plainOf, RuleFailure, type RuleState } from './pipeline-state.ts'
import type { DetectionItem } from './rule.ts'
import { isWildcard, type Value } from './value.ts'

type Options = Readonly<Record<string, unknown>>
type ConditionData = Options & { readonly type: string }

export interface Conditions {
  readonly rule_conditions?: readonly ConditionData[]
  readonly rule_cond_op?: string
  readonly rule_cond_not?: boolean
  readonly detection_item_conditions?: readonly ConditionData[]
  readonly detection_item_cond_op?: string
  readonly detection_item_cond_not?: boolean
  readonly field_name_conditions?: readonly ConditionData[]
  readonly field_name_cond_op?: string
  readonly field_name_cond_not?: boolean
}

type RuleCondition = (options: Options, state: RuleState) => boolean
type ItemCondition = (options: Options, item: DetectionItem, state: RuleState) => boolean

const RULE: ReadonlyMap<string, RuleCondition> = new Map<string, RuleCondition>([
  [
    'logsource',
    (options, { rule }) =>
      (['product', 'category', 'service'] as const).every(
        (key) => options[key] === undefined || options[key] === rule.logsource[key],
      ),
  ],
  [
    'contains_detection_item',
    ({ field, value }, { rule }) =>
      [...rule.detections.searches.values()].some((group) =>
        [...itemsIn(group)].some(
          (item) => item.field === field && item.values.some((one) => isValue(one, value)),
        ),
      ),
  ],
  [
    'contains_field',
    ({ field }, { rule }) =>
      [...rule.detections.searches.values()].some((group) =>
        [...itemsIn(group)].some((item) => item.field === field),
      ),
  ],
  ['processing_item_applied', (options, state) => state.appliedSteps.has(idOf(options))],
  ['processing_state', ({ key, val }, state) => state.values.get(plainOf(key)) === val],
  ['is_sigma_rule', () => true],
  ['is_sigma_correlation_rule', () => false],
  ['tag', ({ tag }, { rule }) => rule.tags.includes(plainOf(tag))],
  [
    'rule_attribute',
    ({ attribute, value, op }, { rule }) => {
      const had = plainOf((rule as unknown as Options)[plainOf(attribute)])
      return op === 'ne' ? had !== plainOf(value) : had === plainOf(value)
    },
  ],
])

const FIELD: ReadonlyMap<string, ItemCondition> = new Map<string, ItemCondition>([
  ['include_fields', (options, item) => isListed(options, item.field)],
  ['exclude_fields', (options, item) => !isListed(options, item.field)],
  ['processing_item_applied', hasStep],
])

const ITEM: ReadonlyMap<string, ItemCondition> = new Map<string, ItemCondition>([
  [
    'match_string',
    ({ pattern, cond, negate }, item) => {
      const expression = prefixRegex(pattern)
      const isFound = quantify(
        cond,
        item.values,
        (value) => value.kind === 'text' && expression.test(value.raw),
      )
      return isFound !== (negate === true)
    },
  ],
  [
    'match_value',
    ({ value, cond }, item) => quantify(cond, item.values, (one) => isValue(one, value)),
  ],
  [
    'contains_wildcard',
    ({ cond }, item) =>
      quantify(cond, item.values, (one) => one.kind === 'text' && one.parts.some(isWildcard)),
  ],
  ['is_null', ({ cond }, item) => quantify(cond, item.values, (one) => one.kind === 'null')],
  ['processing_item_applied', hasStep],
])

export const CONDITIONS = {
  rule(data: Conditions, state: RuleState): boolean {
    const { rule_conditions: list, rule_cond_op: op, rule_cond_not: isNot } = data
    return join(list, op, isNot, (one) => RULE.get(one.type)!(one, state))
  },
  item(data: Conditions, item: DetectionItem, state: RuleState): boolean {
    const { detection_item_conditions: list, detection_item_cond_op: op } = data
    const isItem = join(list, op, data.detection_item_cond_not, (one) =>
      ITEM.get(one.type)!(one, item, state),
    )
    const { field_name_conditions: fields, field_name_cond_op: fieldOp } = data
    return (
      isItem &&
      join(fields, fieldOp, data.field_name_cond_not, (one) =>
        FIELD.get(one.type)!(one, item, state),
      )
    )
  },
  /** What the step asks that nobody can answer. */
  unknownIn(data: Conditions): readonly string[] {
    const lists = [
      [data.rule_conditions, RULE],
      [data.detection_item_conditions, ITEM],
      [data.field_name_conditions, FIELD],
    ] as const
    return lists.flatMap(([list, known]) =>
      (list ?? []).flatMap((one) => (known.has(one.type) ? [] : [`no condition "${one.type}"`])),
    )
  },
} as const

/** No conditions are always true. */
function join(
  list: readonly ConditionData[] | undefined,
  op: string | undefined,
  isNot: boolean | undefined,
  holds: (one: ConditionData) => boolean,
): boolean {
  if (list === undefined || list.length === 0) return true
  const isTrue = op === 'or' ? list.some(holds) : list.every(holds)
  return isTrue !== (isNot === true)
}

function quantify(
  cond: unknown,
  values: readonly Value[],
  holds: (value: Value) => boolean,
): boolean {
  return cond === 'any' ? values.some(holds) : values.every(holds)
}

function hasStep(options: Options, item: DetectionItem, state: RuleState): boolean {
  return state.itemSteps.get(item)?.has(idOf(options)) ?? false
}

function idOf(options: Options): string {
  return plainOf(options['processing_item_id'])
}

function isListed({ fields, mode }: Options, field: string | undefined): boolean {
  if (field === undefined) return false
  const names = [fields].flat().map(plainOf)
  if (mode === 're') {
    return names.some((name) => prefixRegex(name).test(field))
  }
  return names.includes(field)
}

/** Matches from the beginning of a text, as the community's pipelines expect. */
function prefixRegex(pattern: unknown): CompiledRegex {
  const outcome = compileRegex(`^(?:${plainOf(pattern)})`, [])
  if ('refusal' in outcome) {
    throw new RuleFailure(`The pipeline's expression ${plainOf(pattern)}: ${outcome.refusal}.`)
  }
  return outcome
}

export function isValue(value: Value, wanted: unknown): boolean {
  if (value.kind === 'text') return value.raw === wanted
  if (value.kind === 'number' || value.kind === 'boolean') return value.value === wanted
  return value.kind === 'null' && wanted === null
}
