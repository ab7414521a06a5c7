// The pipelines that are known by name: the community's, which behave as known by that name, and wider
// ones of our own, whose names begin with `rw_`. Identity of names is a promise; text is our own.

import { readPipeline, type Pipeline, type PipelineData } from '#languages/sigma/pipeline.ts'
import { assert } from '#kernel/error.ts'
import { BUILTIN_NAMES } from '#languages/sigma/names.ts'
import { ELASTIC_PIPELINES } from './elastic.ts'
import { MICROSOFT_PIPELINES } from './microsoft.ts'
import { RW_ELASTIC_PIPELINES } from './rw-elastic.ts'
import { RW_KUSTO_PIPELINES } from './rw-kusto.ts'
import { RW_SPLUNK_PIPELINES } from './rw-splunk.ts'
import { SPLUNK_PIPELINES } from './splunk.ts'
import { WINDOWS_PIPELINES } from './windows.ts'

const PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  ...WINDOWS_PIPELINES,
  ...SPLUNK_PIPELINES,
  ...ELASTIC_PIPELINES,
  ...MICROSOFT_PIPELINES,
  ...RW_SPLUNK_PIPELINES,
  ...RW_KUSTO_PIPELINES,
  ...RW_ELASTIC_PIPELINES,
}

assert(
  Object.keys(PIPELINES).toSorted().join() === BUILTIN_NAMES.toSorted().join(),
  'names.ts lists the pipelines there are',
)

/** Undefined for a name that is not ours. */
export function builtinPipeline(name: string): Pipeline | undefined {
  const data = Object.hasOwn(PIPELINES, name) ? PIPELINES[name] : undefined
  if (data === undefined) return undefined
  const { pipeline, problems } = readPipeline({ name, ...data() })
  assert(pipeline !== undefined, `pipeline ${name}: ${problems[0]?.message}`)
  return pipeline
}
