// `rulewright rule convert`: rules as queries of a target language. One NDJSON line a document, or
// the queries alone as text, or a vendor's own file of rules. Exit 1 when a document could not be converted.

import {
  readPipelineSource,
  type PipelineSource,
} from '#domain/rules/renders/convert-share-task.ts'
import { AppError } from '#kernel/error.ts'
import { hasErrors } from '#kernel/problem.ts'
import { settleShares, type ConvertedText } from '#languages/sigma/convert-shares.ts'
import { BACKENDS, type Backend, BUILTIN_NAMES } from '#languages/sigma/names.ts'
import { armTemplate } from '#languages/sigma/outputs/arm.ts'
import { kibanaRules, type KibanaLanguage } from '#languages/sigma/outputs/kibana.ts'
import { savedSearches } from '#languages/sigma/outputs/saved-searches.ts'
import type { VendorFile } from '#languages/sigma/outputs/written.ts'
import { finalize, type Pipeline } from '#languages/sigma/pipeline.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { listRuleFiles, readText } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { convertShares, readAll } from './rule-threads.ts'
import { EXIT, type Shell } from './shell.ts'

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
    const to = oneOf('--to', textFlag(args, 'to')!, BACKENDS)
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    checkFormat(format, to)
    const sources = await readPipelines(shell, textFlag(args, 'pipeline'))
    const pipelines = sources.map(openPipeline)
    const files = await readAll(shell, await listRuleFiles(shell, args.operands))
    const withOutputs = format in LANGUAGES
    const shared = await convertShares(shell, files, { to, pipelines: sources, withOutputs })
    const converted = settleShares(files, shared, { to, pipelines, withOutputs })
    for (const one of converted) {
      if (format === 'ndjson') shell.out(ndjsonLine(one))
      else for (const problem of one.problems) shell.err(textLine(one.path, problem))
    }
    const whole = format === 'ndjson' ? undefined : wholeOf(format, to, converted, pipelines)
    for (const { code, severity, message } of whole?.problems ?? []) {
      shell.err(`${severity}: ${message} [${code}]`)
    }
    if (whole !== undefined && whole.text !== '') shell.out(whole.text)
    const isFailed =
      converted.some(({ queries }) => queries.length === 0) || hasErrors(whole?.problems ?? [])
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
  to: Backend,
  converted: readonly ConvertedText[],
  pipelines: readonly Pipeline[],
): VendorFile {
  if (format === 'text') {
    const queries = converted.flatMap((one) => one.queries)
    return { text: queries.length === 0 ? '' : finalize(queries, pipelines), problems: [] }
  }
  const outputs = converted.flatMap((one) => one.outputs)
  if (format === 'arm') return armTemplate(outputs)
  return format === 'savedsearches'
    ? savedSearches(outputs)
    : kibanaRules(outputs, to as KibanaLanguage)
}

/** Names of ours first; anything with a dot or a slash in it is a file. */
async function readPipelines(
  shell: Shell,
  given: string | undefined,
): Promise<readonly PipelineSource[]> {
  const sources: PipelineSource[] = []
  for (const name of given?.split(',') ?? []) {
    const isOurs = BUILTIN_NAMES.some((known) => known === name)
    if (!isOurs && !/[./]/.test(name)) {
      const known = BUILTIN_NAMES.join(', ')
      throw new AppError('invalid', `no pipeline ${name}; there are ${known}, or name a file`)
    }
    sources.push(isOurs ? { name } : { name, text: await readText(shell, name) })
  }
  return sources
}

/** Throws `invalid` with every mistake in it. */
function openPipeline(source: PipelineSource): Pipeline {
  const { pipeline, problems } = readPipelineSource(source)
  if (pipeline !== undefined) return pipeline
  throw new AppError('invalid', problems.map((one) => textLine(source.name, one)).join('\n'))
}

function ndjsonLine({ path, document, id, title, queries, problems }: ConvertedText): string {
  const head = { path, document, id, title }
  if (queries.length === 0) return JSON.stringify({ ...head, ok: false, problems })
  return JSON.stringify({ ...head, ok: true, queries, warnings: problems })
}
