// What doors accept about mappings.

import { z } from 'zod'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import type { StepData } from '#languages/sigma/pipeline.ts'
import { BUILTIN_NAMES } from '#languages/sigma/names.ts'

const Key = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(100, 'is longer than 100 characters')
  .regex(ONE_LINE, NOT_ONE_LINE)
const Name = Key.max(300, 'is longer than 300 characters')
const Value = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(1_000, 'is longer than 1,000 characters')
  .regex(ONE_LINE, NOT_ONE_LINE)

export const LogSourceKeys = z
  .strictObject({ product: Key.optional(), category: Key.optional(), service: Key.optional() })
  .transform((keys) => keys as LogSourceKeys)
export interface LogSourceKeys {
  readonly product?: string
  readonly category?: string
  readonly service?: string
}

/** Where events of a log source are, and what marks them there. */
export const SourceRow = z.strictObject({
  logsource: LogSourceKeys.refine(
    (keys) => Object.keys(keys).length > 0,
    'names no product, category or service',
  ),
  /** Instead of what the pipelines of the product say about it; else beside that. */
  isReplacing: z.boolean(),
  /** Indexes or tables. */
  places: z.array(Name).max(50),
  conditions: z.record(Name, z.array(Value).min(1).max(100)),
})
export interface SourceRow {
  readonly logsource: LogSourceKeys
  readonly isReplacing: boolean
  readonly places: readonly string[]
  readonly conditions: Readonly<Record<string, readonly string[]>>
}

/** What a field of rules is called there; several names: any of them may hold the value. */
export const FieldRow = z.strictObject({
  /** Empty for every log source. */
  logsource: LogSourceKeys,
  field: Name,
  to: z.array(Name).min(1, 'names no field').max(20),
})
export interface FieldRow {
  readonly logsource: LogSourceKeys
  readonly field: string
  readonly to: readonly string[]
}

/** As long as a rule file may be. */
const DOCUMENT_CHARS_MAX = 256 * 1024

const Steps = z
  .array(z.custom<StepData>((one) => typeof one === 'object' && one !== null))
  .max(5_000)

/** Which parts a document may have; what its steps say is judged where it is read. */
export const MappingDocument = z
  .strictObject({
    name: z.string().max(300).optional(),
    priority: z.int().min(-1_000).max(1_000).optional(),
    allowed_backends: z.array(z.string().max(100)).max(50).optional(),
    vars: z.record(z.string(), z.unknown()).optional(),
    transformations: Steps.optional(),
    postprocessing: Steps.optional(),
    finalizers: Steps.optional(),
  })
  .refine((document) => JSON.stringify(document).length <= DOCUMENT_CHARS_MAX, 'is too large')

export const PipelineNames = z.array(z.enum(BUILTIN_NAMES)).max(8)

export const Reason = z.string().trim().min(1, 'is empty').max(300, 'is longer than 300 characters')

export const MappingInput = z.strictObject({
  pipelines: PipelineNames.default([]),
  document: MappingDocument,
  reason: Reason,
})
export type MappingInput = z.infer<typeof MappingInput>
