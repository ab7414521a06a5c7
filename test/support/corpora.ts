// Shared corpora beside the checkout: real queries and rules that are not ours to ship. Tests that
// use them run over whatever is there; golden cases of our own cover the same ground without.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { QuerySchema } from '#languages/query.ts'

const root =
  process.env.RULEWRIGHT_CORPORA ?? path.resolve(import.meta.dirname, '../../../shared/corpora')

export interface CorpusQuery {
  readonly id: string
  readonly language: string
  readonly query: string
  readonly label?: string
  readonly rule?: string
}

/** Path below the corpora, or undefined when they are not there. */
export function corpusPath(name: string): string | undefined {
  const file = path.join(root, name)
  return existsSync(file) ? file : undefined
}

/** Objects of a gzipped NDJSON file; none when it is not there. */
export function readCorpus<T>(name: string): readonly T[] {
  const file = corpusPath(name)
  if (file === undefined) return []
  const lines = gunzipSync(readFileSync(file)).toString().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T)
}

/** Published queries of a language as the corpora name it (`kql` for Kusto). */
export function corpusQueries(language: string): readonly CorpusQuery[] {
  return readCorpus(`queries/queries-${language}.jsonl.gz`)
}

export function knownBadQueries(language: string): readonly CorpusQuery[] {
  const all = readCorpus<CorpusQuery>('queries/known-bad.jsonl.gz')
  return all.filter((query) => query.language === language && query.label !== 'valid')
}

/** Macros that the published SPL searches call, as a schema names them. */
export function corpusMacros(): NonNullable<QuerySchema['macros']> {
  const found = readCorpus<readonly CorpusMacro[]>('queries/splunk-macros.json.gz').flat()
  return Object.fromEntries(
    found.map(({ name, definition, arguments: given }) => [
      given.length === 0 ? name : `${name}(${given.length})`,
      { definition, arguments: given },
    ]),
  )
}

interface CorpusMacro {
  readonly name: string
  readonly definition: string
  readonly arguments: readonly string[]
}

/** Lines of a gzipped text file without its comments; undefined when it is not there. */
export function readLines(name: string): readonly string[] | undefined {
  const file = corpusPath(name)
  if (file === undefined) return undefined
  const lines = gunzipSync(readFileSync(file)).toString().split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}
