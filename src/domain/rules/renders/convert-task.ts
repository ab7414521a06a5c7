// Rules as queries, in a worker thread; what comes back is plain data.

import type { Problem } from '#kernel/problem.ts'
import { convertAll } from '#languages/sigma/convert-files.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { WorkerTask } from '#platform/worker.ts'
import type { RulesToConvert } from '#domain/rules/input.ts'

export interface ConvertedDocument {
  readonly path: string
  readonly document: number
  readonly id: string | null
  readonly title: string | null
  /** Empty when there are errors among the problems. */
  readonly queries: readonly string[]
  readonly problems: readonly Problem[]
}

export const convertRules: WorkerTask<RulesToConvert, readonly ConvertedDocument[]> = {
  worker: 'rules',
  name: 'rules.convert',
}

export function convertRulesHere({
  rules,
  to,
  pipelines,
}: RulesToConvert): readonly ConvertedDocument[] {
  const files = rules.map(({ path, text }) => ({ path, outlines: parseSigma(text).outlines }))
  const applied = pipelines.flatMap((name) => builtinPipeline(name) ?? [])
  return convertAll(files, to, applied).map(({ path, outline, conversion }) => ({
    path,
    document: outline.index,
    id: outline.id,
    title: outline.title,
    queries: conversion.queries,
    problems: conversion.problems,
  }))
}
