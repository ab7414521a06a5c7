// When a step applies: conditions on the rule, on a detection item, on a field's name; each list is
// joined by `and` unless its `…_cond_op` says `or`, and `…_cond_not` turns the answer round.

import { parseCondition, references, type Condition } from './condition.ts'
import { expressionOf, itemsIn, plainOf, type RuleState } from './pipeline-state.ts'
import type { DetectionItem } from './rule.ts'
import { isWildcard, writeText, type Value } from './value.ts'

type Options = Readonly<Record<string, unknown>>
type ConditionData = Options & { readonly type: string }
/** A list, or a map whose names an expression joins. */
type ConditionList = readonly ConditionData[] | Readonly<Record<string, ConditionData>>

export interface Conditions {
  readonly rule_conditions?: ConditionList
  readonly rule_cond_op?: string
  readonly rule_cond_not?: boolean
  readonly rule_cond_expr?: string
  readonly detection_item_conditions?: ConditionList
  readonly detection_item_cond_op?: string
  readonly detection_item_cond_not?: boolean
  readonly detection_item_cond_expr?: string
  readonly field_name_conditions?: ConditionList
  readonly field_name_cond_op?: string
  readonly field_name_cond_not?: boolean
  readonly field_name_cond_expr?: string
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
  // Ours: what the condition does not name the rule must not name either.
  [
    'logsource_is',
    (options, { rule }) =>
      (['product', 'category', 'service'] as const).every(
        (key) => options[key] === rule.logsource[key],
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
  ['processing_state', hasState],
  ['is_sigma_rule', () => true],
  ['is_sigma_correlation_rule', () => false],
  ['tag', ({ tag }, { rule }) => rule.tags.includes(plainOf(tag))],
  [
    'rule_attribute',
    ({ attribute, value, op }, { rule, attributes }) => {
      const name = plainOf(attribute)
      return compare((rule as unknown as Options)[name] ?? attributes.get(name), op, value)
    },
  ],
])

const FIELD: ReadonlyMap<string, ItemCondition> = new Map<string, ItemCondition>([
  ['include_fields', (options, item) => isListed(options, item.field)],
  // A keyword has no field, neither one that is listed nor one that is not.
  ['exclude_fields', (options, item) => item.field !== undefined && !isListed(options, item.field)],
  ['processing_item_applied', hasStep],
  ['processing_state', (options, _item, state) => hasState(options, state)],
])

const ITEM: ReadonlyMap<string, ItemCondition> = new Map<string, ItemCondition>([
  [
    'match_string',
    (options, item) => {
      const { pattern, cond, negate } = options
      const expression = expressionOf(options, prefixOf([plainOf(pattern)]))
      const isFound = quantify(
        cond,
        item.values,
        (value) => value.kind === 'text' && expression.test(writeText(value.parts)),
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
  ['processing_state', (options, _item, state) => hasState(options, state)],
])

export const CONDITIONS = {
  rule(data: Conditions, state: RuleState): boolean {
    const { rule_conditions: list, rule_cond_op: op, rule_cond_not: isNot } = data
    const given = { list, op, isNot, expression: data.rule_cond_expr }
    return join(given, (one) => RULE.get(one.type)!(one, state))
  },
  item(data: Conditions, item: DetectionItem, state: RuleState): boolean {
    const items = {
      list: data.detection_item_conditions,
      op: data.detection_item_cond_op,
      isNot: data.detection_item_cond_not,
      expression: data.detection_item_cond_expr,
    }
    if (!join(items, (one) => ITEM.get(one.type)!(one, item, state))) return false
    const fields = {
      list: data.field_name_conditions,
      op: data.field_name_cond_op,
      isNot: data.field_name_cond_not,
      expression: data.field_name_cond_expr,
    }
    return join(fields, (one) => FIELD.get(one.type)!(one, item, state))
  },
  /** What the step asks that nobody can answer. */
  unknownIn(data: Conditions): readonly string[] {
    const lists = [
      [data.rule_conditions, RULE, data.rule_cond_expr],
      [data.detection_item_conditions, ITEM, data.detection_item_cond_expr],
      [data.field_name_conditions, FIELD, data.field_name_cond_expr],
    ] as const
    return lists.flatMap(([list, known, expression]) => [
      ...conditionsIn(list).flatMap(([, one]) =>
        known.has(one?.type) ? [] : [`no condition "${one?.type}"`],
      ),
      ...(expression === undefined ? [] : mistakesIn(expression, list)),
    ])
  },
} as const

interface Joined {
  readonly list: ConditionList | undefined
  readonly op: string | undefined
  readonly isNot: boolean | undefined
  readonly expression: string | undefined
}

function conditionsIn(
  list: ConditionList | undefined,
): readonly (readonly [string, ConditionData])[] {
  return Object.entries(list ?? {})
}

/** No conditions are always true. */
function join(
  { list, op, isNot, expression }: Joined,
  holds: (one: ConditionData) => boolean,
): boolean {
  if (list === undefined) return true
  const { named, all, tree } = prepare(list, expression)
  if (all.length === 0) return true
  if (tree !== undefined) return isTrueOf(tree, (name) => holds(named.get(name)!))
  const isTrue = op === 'or' ? all.some(holds) : all.every(holds)
  return isTrue !== (isNot === true)
}

interface Prepared {
  readonly named: ReadonlyMap<string, ConditionData>
  readonly all: readonly ConditionData[]
  readonly tree: Condition | undefined
}

/** Steps are asked for every rule of a collection; their expressions are read once. */
const PREPARED = new WeakMap<ConditionList, Prepared>()

function prepare(list: ConditionList, expression: string | undefined): Prepared {
  const known = PREPARED.get(list)
  if (known !== undefined) return known
  const named = new Map(conditionsIn(list))
  const tree = expression === undefined ? undefined : treeOf(expression)
  const prepared = { named, all: [...named.values()], tree }
  PREPARED.set(list, prepared)
  return prepared
}

/** Names joined by `and`, `or`, `not` and parentheses, as a rule's own condition is written. */
function treeOf(expression: string): Condition | undefined {
  return parseCondition(expression, () => {})
}

function mistakesIn(expression: string, list: ConditionList | undefined): readonly string[] {
  const tree = treeOf(expression)
  if (tree === undefined) return [`the expression "${expression}" cannot be read`]
  const known = new Set(conditionsIn(list).map(([name]) => name))
  return [...references(tree)].flatMap((one) => {
    if (one.kind === 'selector') return [`"${one.pattern}" is no name of a condition`]
    return known.has(one.name) ? [] : [`no condition is named "${one.name}"`]
  })
}

function isTrueOf(tree: Condition, holds: (name: string) => boolean): boolean {
  switch (tree.kind) {
    case 'identifier':
      return holds(tree.name)
    case 'not':
      return !isTrueOf(tree.of, holds)
    case 'and':
      return tree.of.every((one) => isTrueOf(one, holds))
    case 'or':
      return tree.of.some((one) => isTrueOf(one, holds))
    case 'selector':
      return false
  }
}

function hasState({ key, val, op }: Options, state: RuleState): boolean {
  return compare(state.values.get(plainOf(key)), op, val)
}

/** Numbers are compared as numbers; `in` and `not_in` take a list. */
function compare(had: unknown, op: unknown, wanted: unknown): boolean {
  switch (op) {
    case 'ne':
      return !isSame(had, wanted)
    case 'in':
      return [wanted].flat().some((one) => isSame(had, one))
    case 'not_in':
      return ![wanted].flat().some((one) => isSame(had, one))
    case 'gt':
      return Number(had) > Number(wanted)
    case 'gte':
      return Number(had) >= Number(wanted)
    case 'lt':
      return Number(had) < Number(wanted)
    case 'lte':
      return Number(had) <= Number(wanted)
    default:
      return isSame(had, wanted)
  }
}

/** A name that was never set is only the same as a value nobody gave. */
function isSame(had: unknown, wanted: unknown): boolean {
  if (had === undefined || had === null) return wanted === undefined || wanted === null
  return had === wanted || (plainOf(had) !== '' && plainOf(had) === plainOf(wanted))
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

function isListed(options: Options, field: string | undefined): boolean {
  if (field === undefined) return false
  const names = [options['fields']].flat().map(plainOf)
  if (options['mode'] === 're') return expressionOf(options, prefixOf(names)).test(field)
  return names.includes(field)
}

/** Patterns match from the beginning of a text, as the community's pipelines expect. */
function prefixOf(patterns: readonly string[]): string {
  return `^(?:${patterns.join('|')})`
}

export function isValue(value: Value, wanted: unknown): boolean {
  if (value.kind === 'text') return writeText(value.parts) === wanted
  if (value.kind === 'number' || value.kind === 'boolean') return value.value === wanted
  return value.kind === 'null' && wanted === null
}
