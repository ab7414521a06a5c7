// What a step of a pipeline does to a rule: one row for each transformation, under the community's
// name, with what it must say. Each sees the whole rule and changes only the items its conditions
// admit. `nest` is read with the pipeline, since it holds steps itself.

import { ANY } from '#languages/predicate.ts'
import { describeLogSource } from './logsource.ts'
import { CONDITIONS } from './pipeline-conditions.ts'
import { itemsIn, plainOf, RuleFailure, type RuleState } from './pipeline-state.ts'
import type { StepData } from './pipeline.ts'
import type { DetectionItem } from './rule.ts'
import {
  addCondition,
  changeItems,
  changeLogsource,
  changeValues,
  mapFields,
  ownMapping,
  prefixMapping,
  splitHashes,
  splitValue,
} from './transform-items.ts'
import {
  convertType,
  fillPlaceholders,
  mapString,
  replaceString,
  setValue,
  toExpression,
  toQueryExpression,
  variable,
  withCase,
} from './transform-values.ts'

export type Transformation = (state: RuleState, data: StepData) => void
type Shape = 'map' | 'list' | 'plain' | 'any'

interface Row {
  readonly apply: Transformation
  readonly needs: Readonly<Record<string, Shape>>
}

function row(apply: Transformation, needs: Readonly<Record<string, Shape>> = {}): Row {
  return { apply, needs }
}

const PLACEHOLDERS = {
  wildcard: (state: RuleState, data: StepData) =>
    changeValues(
      state,
      data,
      fillPlaceholders(data, () => [[ANY]]),
    ),
  value: (state: RuleState, data: StepData) =>
    changeValues(
      state,
      data,
      fillPlaceholders(data, (name) => variable(state, name)),
    ),
} as const

export const TRANSFORMATIONS: ReadonlyMap<string, Row> = new Map<string, Row>([
  [
    'field_name_mapping',
    row((state, data) => mapFields(state, data, ownMapping(data)), { mapping: 'map' }),
  ],
  [
    'field_name_prefix_mapping',
    row((state, data) => mapFields(state, data, prefixMapping(data)), { mapping: 'map' }),
  ],
  [
    'field_name_prefix',
    row(
      (state, data) => mapFields(state, data, (field) => [`${plainOf(data['prefix'])}${field}`]),
      { prefix: 'plain' },
    ),
  ],
  [
    'field_name_suffix',
    row(
      (state, data) => mapFields(state, data, (field) => [`${field}${plainOf(data['suffix'])}`]),
      { suffix: 'plain' },
    ),
  ],
  ['drop_detection_item', row((state, data) => changeItems(state, data, () => undefined))],
  [
    'hashes_fields',
    row((state, data) => changeItems(state, data, (item) => splitHashes(data, item)), {
      valid_hash_algos: 'list',
    }),
  ],
  [
    'split_value',
    row((state, data) => changeItems(state, data, (item) => splitValue(data, item)), {
      mapping: 'map',
      separator: 'plain',
    }),
  ],
  ['add_condition', row(addCondition, { conditions: 'map' })],
  ['change_logsource', row(changeLogsource)],
  [
    'replace_string',
    row((state, data) => changeValues(state, data, replaceString(data)), {
      regex: 'plain',
      replacement: 'plain',
    }),
  ],
  [
    'map_string',
    row((state, data) => changeValues(state, data, (value) => mapString(data, value)), {
      mapping: 'map',
    }),
  ],
  [
    'set_value',
    row((state, data) => changeValues(state, data, () => [setValue(data)]), { value: 'any' }),
  ],
  [
    'convert_type',
    row((state, data) => changeValues(state, data, (value) => [convertType(data, value)]), {
      target_type: 'plain',
    }),
  ],
  ['case', row((state, data) => changeValues(state, data, (value) => [withCase(data, value)]))],
  [
    'regex',
    row((state, data) => changeValues(state, data, (value) => [toExpression(data, value)])),
  ],
  ['wildcard_placeholders', row(PLACEHOLDERS.wildcard)],
  ['value_placeholders', row(PLACEHOLDERS.value)],
  [
    'query_expression_placeholders',
    row((state, data) => changeValues(state, data, (value) => [toQueryExpression(data, value)]), {
      expression: 'plain',
    }),
  ],
  ['add_field', row((state, data) => setFields(state, [...state.rule.fields, ...named(data)]))],
  [
    'remove_field',
    row((state, data) => {
      const removed = named(data)
      const kept = state.rule.fields.filter((field) => !removed.includes(field))
      setFields(state, kept)
    }),
  ],
  [
    'set_field',
    row((state, data) => setFields(state, [data['fields']].flat().map(plainOf)), {
      fields: 'list',
    }),
  ],
  [
    'set_state',
    row((state, data) => void state.values.set(plainOf(data['key']), data['val']), {
      key: 'plain',
      val: 'any',
    }),
  ],
  [
    'set_custom_attribute',
    row((state, data) => void state.attributes.set(plainOf(data['attribute']), data['value']), {
      attribute: 'plain',
      value: 'any',
    }),
  ],
  ['rule_failure', row(failRule, { message: 'plain' })],
  ['detection_item_failure', row(failItem, { message: 'plain' })],
  ['strict_field_mapping_failure', row(failUnmapped)],
])

/** What a step lacks to be run, in words. */
export function missingIn(data: StepData): readonly string[] {
  const needs = Object.entries(TRANSFORMATIONS.get(data.type)?.needs ?? {})
  return needs.flatMap(([key, shape]) => {
    if (hasShape(data, key, shape)) return []
    const wanted = shape === 'map' ? 'a map' : shape === 'list' ? 'a list' : 'a value'
    return [`"${data.type}" needs ${wanted} "${key}"`]
  })
}

function hasShape(data: StepData, key: string, shape: Shape): boolean {
  const value = data[key]
  switch (shape) {
    case 'any':
      return key in data
    case 'list':
      return Array.isArray(value)
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'plain':
      return typeof value === 'string' || typeof value === 'number'
  }
}

function named(data: StepData): readonly string[] {
  return [data['field'] ?? []].flat().map(plainOf)
}

function setFields(state: RuleState, fields: readonly string[]): void {
  state.rule = { ...state.rule, fields }
}

function failRule(state: RuleState, data: StepData): void {
  throw new RuleFailure(`${plainOf(data['message'])} (${describeLogSource(state.rule.logsource)})`)
}

function failItem(state: RuleState, data: StepData): void {
  const fields = failing(state, data, () => true)
  if (fields.length > 0) {
    const noun = fields.length === 1 ? 'field' : 'fields'
    throw new RuleFailure(`${plainOf(data['message'])} (${noun} ${fields.join(', ')})`)
  }
}

/** Every field must have been named by a mapping before this step. */
function failUnmapped(state: RuleState, data: StepData): void {
  const isUnmapped = (item: DetectionItem) =>
    item.field !== undefined && !state.mappedItems.has(item)
  const fields = failing(state, data, isUnmapped)
  if (fields.length > 0) {
    throw new RuleFailure(`No mapping names the fields ${fields.join(', ')}`)
  }
}

function failing(
  state: RuleState,
  data: StepData,
  isWrong: (item: DetectionItem) => boolean,
): readonly string[] {
  const fields = new Set<string>()
  for (const group of state.rule.detections.searches.values()) {
    for (const item of itemsIn(group)) {
      if (isWrong(item) && CONDITIONS.item(data, item, state)) fields.add(item.field ?? 'keyword')
    }
  }
  return [...fields]
}
