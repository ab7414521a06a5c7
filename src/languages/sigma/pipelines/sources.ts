// Pipelines of our own as tables: one row says which log sources of rules are kept where, what marks
// them there, and what their fields are called. The first row that fits a rule is taken. A log source
// in no row is refused by name, and so is a field that the place does not have: nothing is guessed.

import { SETTLED } from '#languages/sigma/pipeline-state.ts'
import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'

type Options = Readonly<Record<string, unknown>>
type Keys = Readonly<Partial<Record<'product' | 'category' | 'service', string>>>
export type Fields = Readonly<Record<string, string | readonly string[]>>

export interface SourceRow {
  readonly when: readonly Keys[]
  /** A rule that names more than `when` does not fit. */
  readonly isExact?: true
  /** What backends and output formats ask for: `query_table`, `index`, `data_model_set`. */
  readonly state?: Readonly<Record<string, unknown>>
  /** What events of the place hold, in its own names. */
  readonly where?: Readonly<Record<string, unknown>>
  readonly fields?: Fields
  /** Beginnings of names: `requestParameters.` and what stands for it. */
  readonly prefixes?: Fields
  /** Names that are the same there. Undefined: every name is. */
  readonly same?: readonly string[]
  /** What a name that is neither mapped nor the same begins with; undefined: it is refused. */
  readonly restPrefix?: string
  /** Every value is a text there. */
  readonly isText?: true
  /** After the names and before the marks. */
  readonly steps?: readonly StepData[]
}

export function sourcePipeline(
  name: string,
  priority: number,
  rows: readonly SourceRow[],
): PipelineData {
  return {
    priority,
    transformations: [
      ...rows.map((row, at) => choose(row, at)),
      {
        type: 'rule_failure',
        message: `${name} has no place for the log source`,
        rule_conditions: [{ type: 'processing_state', key: ROW }],
      },
      ...rows.map((row, at): StepData => ({
        type: 'nest',
        items: [...stepsOf(name, row)],
        rule_conditions: [{ type: 'processing_state', key: ROW, val: at }],
      })),
    ],
  }
}

const ROW = 'source_row'

/** Says that another pipeline has the place of the log source: no row of ours is taken then. */
export const CLAIM: StepData = { type: 'set_state', key: ROW, val: 'target' }

function choose({ when, isExact }: SourceRow, at: number): StepData {
  const type = isExact ? 'logsource_is' : 'logsource'
  const named = when.map((keys, index) => [`k${index}`, { type, ...keys }] as const)
  const unset = { type: 'processing_state', key: ROW }
  return {
    type: 'set_state',
    key: ROW,
    val: at,
    rule_conditions: { unset, ...Object.fromEntries(named) },
    rule_cond_expr: `unset and (${named.map(([key]) => key).join(' or ')})`,
  }
}

function stepsOf(name: string, row: SourceRow): readonly StepData[] {
  const { state = {}, where, fields = {}, prefixes = {}, steps = [] } = row
  return [
    // A place that the target's own mapping named stands.
    ...Object.entries(state).map(([key, val]) => ({
      type: 'set_state',
      key,
      val,
      rule_conditions: [{ type: 'processing_state', key }],
    })),
    { id: MAPPED, type: 'field_name_mapping', mapping: fields, ...unsettled },
    { id: MAPPED, type: 'field_name_prefix_mapping', mapping: prefixes, ...unmapped() },
    ...restOf(name, row),
    ...(row.isText ? [{ type: 'convert_type', target_type: 'str' }] : []),
    ...steps,
    ...(where ? [{ type: 'add_condition', conditions: where }] : []),
  ]
}

const MAPPED = 'mapped_by_row'

function restOf(name: string, { same, restPrefix }: SourceRow): readonly StepData[] {
  if (same === undefined && restPrefix === undefined) return []
  const rest = unmapped([{ type: 'exclude_fields', fields: same ?? [] }])
  if (restPrefix !== undefined) return [{ type: 'field_name_prefix', prefix: restPrefix, ...rest }]
  return [{ type: 'detection_item_failure', message: `${name} does not know this there`, ...rest }]
}

const BY_TARGET = { type: 'processing_item_applied', processing_item_id: SETTLED }

/** Names that the target's own mapping gave are no names of rules. */
const unsettled = { detection_item_conditions: [BY_TARGET], detection_item_cond_not: true }

function unmapped(others: readonly (Options & { readonly type: string })[] = []) {
  return {
    field_name_conditions: [...others],
    detection_item_conditions: [
      { type: 'processing_item_applied', processing_item_id: MAPPED },
      BY_TARGET,
    ],
    detection_item_cond_op: 'or',
    detection_item_cond_not: true,
  }
}
