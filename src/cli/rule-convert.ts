// `rulewright rule convert`: rules as queries of a target language. One NDJSON line a document, or
// the queries alone as text, or a vendor's own file of rules. Exit 1 when a document could not be converted.

import { AppError } from '#kernel/error.ts'
import { convertAll, type Converted } from '#languages/sigma/convert-files.ts'
import { type Conversion } from '#languages/sigma/convert.ts'
import { armTemplate } from '#languages/sigma/outputs/arm.ts'
import { kibanaRules, type KibanaLanguage } from '#languages/sigma/outputs/kibana.ts'
import { outputsOf } from '#languages/sigma/outputs/output.ts'
import { savedSearches } from '#languages/sigma/outputs/saved-searches.ts'
import type { Outline } from '#languages/sigma/parse.ts'
import { finalize, parsePipeline, type Pipeline } from '#languages/sigma/pipeline.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { readRuleFiles, readText } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type Shell } from './shell.ts'
import { BACKENDS, type Backend, BUILTIN_NAMES } from '#languages/sigma/names.ts'

const FORMATS = ['text', 'ndjson', 'savedsearches', 'arm', 'kibana'] as const

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
    format: { value: 'FORMAT', about: `${FORMATS.join(', ')} (default text)` },
  },
  async run({ shell }, args) {
    const backend = oneOf('--to', textFlag(args, 'to')!, BACKENDS)
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    checkFormat(format, backend)
    const pipelines = await readPipelines(shell, textFlag(args, 'pipeline'))
    const files = await readRuleFiles(shell, args.operands)
    const converted = convertAll(files, backend, pipelines)
    for (const { path, outline, conversion } of converted) {
      if (format === 'ndjson') shell.out(ndjsonLine(path, outline, conversion))
      else for (const problem of conversion.problems) shell.err(textLine(path, problem))
    }
    const whole = format === 'ndjson' ? '' : wholeOf(format, backend, converted, pipelines)
    if (whole !== '') shell.out(whole)
    const isFailed = converted.some(({ conversion }) => conversion.queries.length === 0)
    return isFailed ? EXIT.problems : EXIT.fine
  },
}

type Format = (typeof FORMATS)[number]

/** What each vendor's format can hold. Throws `invalid`. */
const LANGUAGES: Readonly<Partial<Record<Format, readonly Backend[]>>> = {
  savedsearches: ['spl'],
  arm: ['kusto'],
  kibana: ['lucene', 'eql', 'esql'],
}

function checkFormat(format: Format, backend: Backend): void {
  const possible = LANGUAGES[format]
  if (possible === undefined || possible.includes(backend)) return
  const wanted = possible.map((one) => `--to ${one}`).join(' or ')
  throw new AppError('invalid', `--format ${format} needs ${wanted}, not --to ${backend}`)
}

/** All queries together, as text or as a vendor's own file. */
function wholeOf(
  format: Exclude<Format, 'ndjson'>,
  backend: Backend,
  converted: readonly Converted[],
  pipelines: readonly Pipeline[],
): string {
  if (format === 'text') {
    const queries = converted.flatMap(({ conversion }) => conversion.queries)
    return queries.length === 0 ? '' : finalize(queries, pipelines)
  }
  const outputs = converted.flatMap(({ outline: { document }, conversion }) =>
    document === undefined || document.kind === 'filter'
      ? []
      : outputsOf(document, conversion.queries, conversion.indexes ?? []),
  )
  if (format === 'arm') return armTemplate(outputs)
  return format === 'savedsearches'
    ? savedSearches(outputs)
    : kibanaRules(outputs, backend as KibanaLanguage)
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
