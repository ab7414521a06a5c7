// The queries a `query` command is about: one text, or one JSON object a line, with the schema beside.

import type { Query } from '#domain/queries/actions.ts'
import { QueryRecord, QuerySchemaInput } from '#domain/queries/input.ts'
import { AppError } from '#kernel/error.ts'
import { QUERY_LANGUAGES, type QueryLanguage, type QuerySchema } from '#languages/query.ts'
import { textFlag, type Arguments, type Flag } from './command.ts'
import { oneOf, parseInput } from './input.ts'
import { readText } from './rule-files.ts'
import type { Shell } from './shell.ts'

export const QUERY_FLAGS = {
  language: {
    value: 'LANGUAGE',
    about: `${QUERY_LANGUAGES.join(', ')}; with --ndjson a line may name its own`,
  },
  ndjson: { about: 'read and write one JSON object a line: {"id", "query", "language"?}' },
  schema: {
    value: 'FILE',
    about: 'JSON: tables with their columns, functions, macros, data models and lookups that exist',
  },
} as const satisfies Record<string, Flag>

export interface AskedQuery extends Query {
  /** Null for a text that is alone. */
  readonly id: string | number | null
  /** As given: a file, or `-`. */
  readonly path: string
}

/** Throws `invalid` when the file, a line of it, the schema or the language is none. */
export async function readQueries(shell: Shell, args: Arguments): Promise<readonly AskedQuery[]> {
  const [path = '-'] = args.operands
  const given = textFlag(args, 'language')
  const language = given === undefined ? undefined : knownLanguage(given)
  const file = textFlag(args, 'schema')
  const schema = file === undefined ? {} : { schema: await readSchema(shell, file) }
  const text = await readText(shell, path)
  if (args.flags['ndjson'] !== true) {
    if (language === undefined) throw missingLanguage('')
    return [{ id: null, path, language, text: text.replace(/\r?\n$/, ''), ...schema }]
  }
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const where = `${path}:${index + 1}`
    const record = parseInput(QueryRecord, parseJson(line, where))
    const own = record.language ?? language
    if (own === undefined) throw missingLanguage(`${where} names none, and `)
    return [{ id: record.id, path, language: own, text: record.query, ...schema }]
  })
}

/** Throws `invalid` for what is none of ours, and for `kql`, which is two. */
export function knownLanguage(given: string): QueryLanguage {
  if (given === 'kql') {
    throw new AppError('invalid', '--language kql names two languages: say kusto or kuery')
  }
  return oneOf('--language', given, QUERY_LANGUAGES)
}

function missingLanguage(why: string): AppError {
  return new AppError('invalid', `${why}--language is missing: ${QUERY_LANGUAGES.join(', ')}`)
}

export async function readSchema(shell: Shell, file: string): Promise<QuerySchema> {
  return parseInput(QuerySchemaInput, parseJson(await readText(shell, file), file))
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('invalid', `${where} is no JSON: ${String(cause)}`, { cause })
  }
}
