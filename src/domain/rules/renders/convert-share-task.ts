// A share of many rule files as queries, in a worker thread.

import { assert } from '#kernel/error.ts'
import { convertShare, type RuleText, type Shared } from '#languages/sigma/convert-shares.ts'
import type { Backend } from '#languages/sigma/names.ts'
import { parsePipeline } from '#languages/sigma/pipeline.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { WorkerTask } from '#platform/worker.ts'

/** One of ours by its name, or somebody's own by its text. */
export interface PipelineSource {
  readonly name: string
  readonly text?: string
}

export interface RulesOfShare {
  readonly files: readonly RuleText[]
  /** Texts of all files that may hold filters. */
  readonly filters: readonly string[]
  readonly to: Backend
  /** Sound ones: whoever sends them has read them. */
  readonly pipelines: readonly PipelineSource[]
  readonly withOutputs: boolean
}

/** A list for each file. */
export const convertRuleShare: WorkerTask<RulesOfShare, readonly (readonly Shared[])[]> = {
  worker: 'rules',
  name: 'rules.convert-share',
}

export function convertRuleShareHere(share: RulesOfShare): readonly (readonly Shared[])[] {
  const { files, filters, to, withOutputs } = share
  const pipelines = share.pipelines.flatMap((source) => readPipelineSource(source).pipeline ?? [])
  return convertShare(files, filters, { to, pipelines, withOutputs })
}

export function readPipelineSource({
  name,
  text,
}: PipelineSource): ReturnType<typeof parsePipeline> {
  if (text !== undefined) return parsePipeline(text, name)
  const pipeline = builtinPipeline(name)
  assert(pipeline, `${name} is a pipeline of ours`)
  return { pipeline, problems: [] }
}
