// What the binder knows while it reads one query. Building a table costs milliseconds, so only those
// that the query's words could name are built, and built once.

import type { QuerySchema } from '#languages/query.ts'
import { knownFunctions } from './functions.ts'
import {
  globalsWith,
  openFunction,
  tableSymbol,
  type Globals,
  type KustoSymbol,
} from './microsoft.ts'
import { columnsOfTable, tableNames } from './tables.ts'

const builtTables = new Map<string, KustoSymbol>()
const builtFunctions = new Map<string, KustoSymbol>()

/**
 * The binder keeps what it learned with its globals, so queries share them: a table more changes
 * nothing for a query that has no such word. Schemas and patterns get globals of their own.
 */
export function globalsFor(text: string, schema: QuerySchema | undefined): Globals {
  const words = new Set(text.match(/\w+/g))
  const patterned = namedByPattern(text, schema)
  const names = new Set([...words, ...patterned])
  if (schema === undefined && patterned.length === 0 && !READS_ALL.test(text)) {
    return sharedGlobals(words)
  }
  return globalsWith([...tablesAmong(names, schema), ...functionsAmong(words, schema)])
}

/** Every known table would take part. */
const READS_ALL = /\b(?:search|find)\b|\bunion\b[^|;]*\*/
/** Then they are begun anew: what nobody asks for any more goes. */
const SHARED_MAX = 200

let shared: { readonly names: ReadonlySet<string>; readonly globals: Globals } | undefined

function sharedGlobals(words: ReadonlySet<string>): Globals {
  const wanted = [...words].filter((word) => isKnown(word))
  if (shared && wanted.every((word) => shared!.names.has(word))) return shared.globals
  const before = shared && shared.names.size < SHARED_MAX ? shared.names : []
  const names = new Set([...before, ...wanted])
  const members = [...tablesAmong(names, undefined), ...functionsAmong(names, undefined)]
  shared = { names, globals: globalsWith(members) }
  return shared.globals
}

function isKnown(word: string): boolean {
  return columnsOfTable(word) !== undefined || knownFunctions().has(word.toLowerCase())
}

/** `Device*`: as many as a pattern may cost. */
const PER_PATTERN_MAX = 50

function namedByPattern(text: string, schema: QuerySchema | undefined): readonly string[] {
  return [...text.matchAll(/\b(\w{2,})\*/g)].flatMap(([, prefix]) =>
    allTables(schema)
      .filter((name) => name.startsWith(prefix!))
      .slice(0, PER_PATTERN_MAX),
  )
}

export function columnsOf(
  table: string,
  schema: QuerySchema | undefined,
): ReadonlyMap<string, string> | undefined {
  const own = schema?.tables?.[table]
  return own ? new Map(Object.entries(own)) : columnsOfTable(table)
}

/** Every table there is to name, those of the schema first. */
export function allTables(schema: QuerySchema | undefined): readonly string[] {
  return [...new Set([...Object.keys(schema?.tables ?? {}), ...tableNames()])]
}

function tablesAmong(words: ReadonlySet<string>, schema: QuerySchema | undefined): KustoSymbol[] {
  return [...words].flatMap((name) => {
    if (schema?.tables && Object.hasOwn(schema.tables, name)) {
      return [makeTable(name, columnsOf(name, schema)!)]
    }
    const columns = columnsOfTable(name)
    if (!columns) return []
    const table = builtTables.get(name) ?? makeTable(name, columns)
    builtTables.set(name, table)
    return [table]
  })
}

function makeTable(name: string, columns: ReadonlyMap<string, string>): KustoSymbol {
  const list = [...columns].map(([column, type]) => `['${column}']:${type}`)
  return tableSymbol(name, `(${list.join(', ')})`)
}

function functionsAmong(words: ReadonlySet<string>, schema: QuerySchema | undefined) {
  const own = (schema?.functions ?? []).filter((name) => words.has(name))
  return [
    ...own.map((name) => openFunction(name, '()', '()')),
    ...[...words].flatMap((word) => {
      const found = knownFunctions().get(word.toLowerCase())
      if (!found) return []
      const built = builtFunctions.get(word) ?? openFunction(word, found.parameters, found.schema)
      builtFunctions.set(word, built)
      return [built]
    }),
  ]
}
