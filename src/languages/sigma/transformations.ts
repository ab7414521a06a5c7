// What a step of a pipeline does to a rule: one row for each transformation, under the community's
// name. Each sees the whole rule and changes only the items its conditions admit.

import { compileRegex } from '#languages/regex.ts'
import type { Condition } from './condition.ts'
import { describeLogSource } from './logsource.ts'
import { CONDITIONS } from './pipeline-conditions.ts'
import { mapItems, plainOf, RuleFailure, type RuleState } from './pipeline-state.ts'
import type { StepData } from './pipeline.ts'
import type { DetectionGroup, DetectionItem } from './rule.ts'
import { ANY } from '#languages/predicate.ts'
import { fromPlain, isPlaceholder, joinParts, plainText, readText, type Value } from './value.ts'

/** What a step must say, and as what; checked when a pipeline is read. */
export const REQUIRED: Readonly<Record<string, Readonly<Record<string, 'map' | 'plain' | 'any'>>>> =
  {
    field_name_mapping: { mapping: 'map' },
    field_name_prefix_mapping: { mapping: 'map' },
    field_name_prefix: { prefix: 'plain' },
    field_name_suffix: { suffix: 'plain' },
    add_condition: { conditions: 'map' },
    replace_string: { regex: 'plain', replacement: 'plain' },
    map_string: { mapping: 'map' },
    set_value: { value: 'any' },
    convert_type: { target_type: 'plain' },
    set_state: { key: 'plain', val: 'any' },
    rule_failure: { message: 'plain' },
    detection_item_failure: { message: 'plain' },
  }

export type Transformation = (state: RuleState, data: StepData) => void

const NOWHERE = { start: 0, end: 0 } as const

export const TRANSFORMATIONS: ReadonlyMap<string, Transformation> = new Map<string, Transformation>(
  [
    [
      'field_name_mapping',
      (state, data) => mapFields(state, data, (field) => ownMapping(data, field)),
    ],
    [
      'field_name_prefix_mapping',
      (state, data) => mapFields(state, data, (field) => prefixMapping(data, field)),
    ],
    [
      'field_name_prefix',
      (state, data) => mapFields(state, data, (field) => [`${plainOf(data['prefix'])}${field}`]),
    ],
    [
      'field_name_suffix',
      (state, data) => mapFields(state, data, (field) => [`${field}${plainOf(data['suffix'])}`]),
    ],
    ['drop_detection_item', (state, data) => change(state, data, () => undefined)],
    ['add_condition', addCondition],
    ['change_logsource', changeLogsource],
    ['replace_string', replaceString],
    ['map_string', (state, data) => changeValues(state, data, (value) => mapString(data, value))],
    ['set_value', (state, data) => changeValues(state, data, () => [valueOf(data['value'])])],
    ['convert_type', (state, data) => changeValues(state, data, (value) => [convert(data, value)])],
    ['case', (state, data) => changeValues(state, data, (value) => [withCase(data, value)])],
    ['wildcard_placeholders', (state, data) => fillPlaceholders(state, data, () => [[ANY]])],
    [
      'value_placeholders',
      (state, data) => fillPlaceholders(state, data, (name) => variable(state, name)),
    ],
    ['set_state', (state, data) => void state.values.set(plainOf(data['key']), data['val'])],
    [
      'rule_failure',
      (state, data) => {
        throw new RuleFailure(
          `${plainOf(data['message'])} (${describeLogSource(state.rule.logsource)})`,
        )
      },
    ],
    [
      'detection_item_failure',
      (state, data) =>
        change(state, data, (item) => {
          throw new RuleFailure(`${plainOf(data['message'])} (field ${item.field ?? 'keyword'})`)
        }),
    ],
  ],
)

function change(
  state: RuleState,
  data: StepData,
  to: (item: DetectionItem) => DetectionItem | DetectionGroup | undefined,
): void {
  const step = (item: DetectionItem) => (CONDITIONS.item(data, item, state) ? to(item) : item)
  mapItems(state, step, data.id)
}

function changeValues(
  state: RuleState,
  data: StepData,
  to: (value: Value) => readonly Value[],
): void {
  const each = (value: Value): readonly Value[] =>
    value.kind === 'expansion' ? [{ ...value, values: value.values.flatMap(each) }] : to(value)
  change(state, data, (item) => ({ ...item, values: item.values.flatMap(each) }))
}

/** One field may become several: any of them may hold the value. */
function mapFields(
  state: RuleState,
  data: StepData,
  names: (field: string) => readonly string[] | undefined,
): void {
  change(state, data, (item) => {
    const renamed = withReferences(item, names)
    const targets = item.field === undefined ? undefined : names(item.field)
    if (targets === undefined || targets.length === 0) return renamed
    const items = targets.map((field): DetectionItem => ({ ...renamed, field }))
    const { start, end } = item
    return items.length === 1 ? items[0]! : { kind: 'group', link: 'or', items, start, end }
  })
}

function withReferences(
  item: DetectionItem,
  names: (field: string) => readonly string[] | undefined,
): DetectionItem {
  if (!item.values.some((value) => value.kind === 'fieldref')) return item
  const values = item.values.map((value): Value => {
    const other = value.kind === 'fieldref' ? names(value.other)?.[0] : undefined
    return value.kind === 'fieldref' && other !== undefined ? { ...value, other } : value
  })
  return { ...item, values }
}

function ownMapping(data: StepData, field: string): readonly string[] | undefined {
  const mapping = data['mapping'] as Readonly<Record<string, unknown>>
  if (!Object.hasOwn(mapping, field)) return undefined
  return [mapping[field]].flat().map(plainOf)
}

function prefixMapping(data: StepData, field: string): readonly string[] | undefined {
  const mapping = Object.entries(data['mapping'] as Readonly<Record<string, unknown>>)
  const found = mapping.find(([prefix]) => field.startsWith(prefix))
  return found && [found[1]].flat().map((to) => plainOf(to) + field.slice(found[0].length))
}

/** `(added) and (the condition)`, with `not` in front when negated. */
function addCondition(state: RuleState, data: StepData): void {
  const name = `_added${state.addedCount++}`
  const given = data['conditions'] as Readonly<Record<string, unknown>>
  const items = Object.entries(given).map(([field, value]) => itemOf(state, data, field, value))
  const group: DetectionGroup = { kind: 'group', link: 'and', items, ...NOWHERE }
  const { detections } = state.rule
  const identifier: Condition = { kind: 'identifier', name, ...NOWHERE }
  const added: Condition =
    data['negated'] === true ? { kind: 'not', of: identifier, ...NOWHERE } : identifier
  const conditions = detections.conditions.map((condition) => ({
    ...condition,
    tree: { kind: 'and' as const, of: [added, condition.tree], ...NOWHERE },
  }))
  // `them` in the rule's own condition must not draw the addition in: its name begins with "_".
  const searches = new Map([...detections.searches, [name, group]])
  state.rule = { ...state.rule, detections: { searches, conditions } }
}

function itemOf(state: RuleState, data: StepData, field: string, given: unknown): DetectionItem {
  const isTemplate = data['template'] === true
  const values = [given]
    .flat()
    .map((value) =>
      valueOf(isTemplate && typeof value === 'string' ? fillTemplate(state, value) : value),
    )
  return {
    kind: 'item',
    field: field === '' || field === 'None' ? undefined : field,
    modifiers: [],
    values,
    link: 'or',
    isNegated: false,
    written: [],
    ...NOWHERE,
  }
}

function fillTemplate(state: RuleState, text: string): string {
  const { product, category, service } = state.rule.logsource
  const known: Readonly<Record<string, string | undefined>> = { product, category, service }
  return text.replaceAll(
    /\$\{?(product|category|service)\}?/g,
    (_all, key: string) => known[key] ?? '',
  )
}

function changeLogsource(state: RuleState, data: StepData): void {
  const keys = ['product', 'category', 'service'] as const
  const given = keys.flatMap((key) =>
    data[key] === undefined ? [] : [[key, plainOf(data[key])] as const],
  )
  const { custom } = state.rule.logsource
  state.rule = { ...state.rule, logsource: { ...Object.fromEntries(given), custom } }
}

function replaceString(state: RuleState, data: StepData): void {
  const expression = compileRegex(plainOf(data['regex']), [])
  if ('refusal' in expression) {
    throw new RuleFailure(
      `The pipeline's expression ${plainOf(data['regex'])}: ${expression.refusal}.`,
    )
  }
  const replacement = plainOf(data['replacement']).replaceAll(/\\g<(\w+)>|\\(\d+)/g, '$$$1$2')
  changeValues(state, data, (value) =>
    value.kind === 'text' ? [readText(expression.replace(value.raw, replacement))] : [value],
  )
}

function mapString(data: StepData, value: Value): readonly Value[] {
  const plain = value.kind === 'text' ? plainText(value) : undefined
  const mapping = data['mapping'] as Readonly<Record<string, unknown>>
  if (plain === undefined || !Object.hasOwn(mapping, plain)) return [value]
  return [mapping[plain]].flat().map(valueOf)
}

function convert(data: StepData, value: Value): Value {
  if (data['target_type'] === 'num') {
    const plain = value.kind === 'text' ? plainText(value) : undefined
    const number = Number(plain)
    if (plain === undefined || plain === '' || Number.isNaN(number)) return value
    return { kind: 'number', value: number }
  }
  return value.kind === 'number' ? fromPlain(String(value.value)) : value
}

function withCase(data: StepData, value: Value): Value {
  if (value.kind !== 'text') return value
  const isUpper = data['method'] === 'upper'
  const parts = value.parts.map((part) =>
    typeof part === 'string' ? (isUpper ? part.toUpperCase() : part.toLowerCase()) : part,
  )
  return { ...value, parts }
}

type Parts = Extract<Value, { kind: 'text' }>['parts']

function fillPlaceholders(
  state: RuleState,
  data: StepData,
  fill: (name: string) => readonly Parts[] | undefined,
): void {
  const included = data['include'] as readonly string[] | undefined
  const excluded = data['exclude'] as readonly string[] | undefined
  const isMeant = (name: string) =>
    (included === undefined || included.includes(name)) && !excluded?.includes(name)
  changeValues(state, data, (value) => {
    if (value.kind !== 'text') return [value]
    let variants: Parts[] = [[]]
    for (const part of value.parts) {
      const options =
        isPlaceholder(part) && isMeant(part.placeholder) ? fill(part.placeholder) : undefined
      variants = variants.flatMap((variant) =>
        (options ?? [[part]]).map((option) => [...variant, ...option]),
      )
    }
    return variants.map((parts) => ({ ...value, parts: joinParts(parts) }))
  })
}

/** The values a pipeline's `vars` give a placeholder; undefined leaves it for another step. */
function variable(state: RuleState, name: string): readonly Parts[] | undefined {
  if (!Object.hasOwn(state.vars, name)) return undefined
  return [state.vars[name]].flat().map((value) => readText(plainOf(value)).parts)
}

function valueOf(data: unknown): Value {
  if (data === null || data === undefined) return { kind: 'null' }
  if (typeof data === 'number') return { kind: 'number', value: data }
  if (typeof data === 'boolean') return { kind: 'boolean', value: data }
  return readText(plainOf(data))
}
