// `rulewright rule convert`: rules as queries of a target language. One NDJSON line a document, or
// the queries alone as text. Exit 1 when a document could not be converted.

import { AppError } from '#kernel/error.ts'
import { collect } from '#languages/sigma/collection.ts'
import {
  BACKENDS,
  convertCorrelation,
  convertRule,
  type Conversion,
} from '#languages/sigma/convert.ts'
import type { Outline } from '#languages/sigma/parse.ts'
import { finalize, parsePipeline, type Pipeline } from '#languages/sigma/pipeline.ts'
import { BUILTIN_NAMES, builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { documentsOf, readRuleFiles, readText } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type Shell } from './shell.ts'

const FORMATS = ['text', 'ndjson'] as const

export const ruleConvert: ProcessCommand = {
  name: 'rule convert',
  about: 'turn rules into queries',
  runsIn: 'process',
  operands: ['PATH…'],
  flags: {
    to: { value: 'LANGUAGE', about: BACKENDS.join(', '), isRequired: true },
    pipeline: {
      value: 'NAME|FILE',
      about: `${BUILTIN_NAMES.join(', ')}, or a file; may be repeated`,
      isRepeatable: true,
    },
    format: { value: 'FORMAT', about: `${FORMATS.join(' or ')} (default text)` },
  },
  async run({ shell }, args) {
    const backend = oneOf('--to', textFlag(args, 'to')!, BACKENDS)
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    const pipelines = await readPipelines(shell, textFlag(args, 'pipeline'))
    const files = await readRuleFiles(shell, args.operands)
    const collection = collect(documentsOf(files))
    const filtered = new Map(collection.rules.map((rule) => [rule.root, rule]))
    const resolved = new Map(collection.correlations.map((one) => [one.correlation.root, one]))
    const convert = ({ root, kind }: SigmaDocument): Conversion => {
      const correlation = kind === 'correlation' ? resolved.get(root) : undefined
      if (correlation) return convertCorrelation(correlation, backend, pipelines)
      const rule = filtered.get(root)
      if (rule) return convertRule(rule, backend, pipelines)
      const problems = [...collection.problems].find(([document]) => document.root === root)?.[1]
      return { queries: [], problems: problems ?? [] }
    }
    const hidden = new Set([...collection.hidden].map((document) => document.root))
    let isFailed = false
    const queries: string[] = []
    for (const { path, outlines } of files) {
      for (const outline of outlines) {
        if (outline.document?.kind === 'filter') continue
        if (outline.document && hidden.has(outline.document.root)) continue
        const conversion = outline.document
          ? convert(outline.document)
          : { queries: [], problems: outline.problems }
        isFailed ||= conversion.queries.length === 0
        if (format === 'ndjson') shell.out(ndjsonLine(path, outline, conversion))
        else {
          queries.push(...conversion.queries)
          for (const problem of conversion.problems) shell.err(textLine(path, problem))
        }
      }
    }
    if (queries.length > 0) shell.out(finalize(queries, pipelines))
    return isFailed ? EXIT.problems : EXIT.fine
  },
}

/** Names of ours first; anything with a dot or a slash in it is a file. */
async function readPipelines(
  shell: Shell,
  given: string | undefined,
): Promise<readonly Pipeline[]> {
  const pipelines: Pipeline[] = []
  for (const name of given?.split(',') ?? []) {
    const builtin = builtinPipeline(name)
    if (builtin === undefined && !/[./]/.test(name)) {
      const known = BUILTIN_NAMES.join(', ')
      throw new AppError('invalid', `no pipeline ${name}; there are ${known}, or name a file`)
    }
    pipelines.push(builtin ?? (await readPipelineFile(shell, name)))
  }
  return pipelines
}

async function readPipelineFile(shell: Shell, name: string): Promise<Pipeline> {
  const { pipeline, problems } = parsePipeline(await readText(shell, name), name)
  if (pipeline !== undefined) return pipeline
  throw new AppError('invalid', problems.map((problem) => textLine(name, problem)).join('\n'))
}

function ndjsonLine(path: string, outline: Outline, { queries, problems }: Conversion): string {
  const { index, id, title } = outline
  const head = { path, document: index, id, title }
  if (queries.length === 0) return JSON.stringify({ ...head, ok: false, problems })
  return JSON.stringify({ ...head, ok: true, queries, warnings: problems })
}
