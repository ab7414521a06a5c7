// What a step of a pipeline may say beside its type and conditions. A document from elsewhere with an
// option that nobody reads would do less than it says, so whoever takes one in asks here first.

import { nearest } from '#kernel/problem.ts'
import type { StepData } from './pipeline.ts'
import { TRANSFORMATIONS } from './transformations.ts'

const CONDITIONS = ['rule', 'detection_item', 'field_name'].flatMap((about) => [
  `${about}_conditions`,
  ...['op', 'not', 'expr'].map((how) => `${about}_cond_${how}`),
])
const ANY_STEP = ['id', 'type', ...CONDITIONS]

/** Beside what each needs. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  nest: ['items'],
  hashes_fields: ['field_prefix', 'drop_algo_prefix'],
  add_condition: ['name', 'negated', 'template'],
  change_logsource: ['product', 'category', 'service'],
  replace_string: ['skip_special', 'interpret_special'],
  set_value: ['force_type'],
  case: ['method'],
  regex: ['method'],
  wildcard_placeholders: ['include', 'exclude'],
  value_placeholders: ['include', 'exclude'],
  query_expression_placeholders: ['include', 'exclude', 'mapping'],
  add_field: ['field'],
  remove_field: ['field'],
}

const MAPPINGS = new Set(['field_name_mapping', 'field_name_prefix_mapping'])

/** In words, of the step and of those within it. */
export function unknownOptions(step: StepData): readonly string[] {
  const known = [...ANY_STEP, ...needed(step), ...(OPTIONAL[step.type] ?? [])]
  const unknown = Object.keys(step)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const near = nearest(key, known)
      return `“${step.type}” has no option “${key}”${near ? `; did you mean “${near}”?` : ''}`
    })
  const inner: unknown = step.type === 'nest' ? step['items'] : []
  const steps = Array.isArray(inner) ? (inner as readonly StepData[]) : []
  return [...unknown, ...namelessIn(step), ...steps.flatMap(unknownOptions)]
}

function needed({ type }: StepData): readonly string[] {
  return Object.keys(TRANSFORMATIONS.get(type)?.needs ?? {})
}

/** A field can become one name or several, never none. */
function namelessIn(step: StepData): readonly string[] {
  if (!MAPPINGS.has(step.type)) return []
  const mapping = step['mapping'] as Readonly<Record<string, unknown>>
  return Object.entries(mapping).flatMap(([field, given]) => {
    const names: readonly unknown[] = Array.isArray(given) ? given : [given]
    const isNamed = (one: unknown) => typeof one === 'string' && one !== ''
    if (names.length > 0 && names.every(isNamed)) return []
    return [`the field “${field}” is mapped to no name`]
  })
}
