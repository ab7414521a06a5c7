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

export function globalsFor(text: string, schema: QuerySchema | undefined): Globals {
  const words = new Set(text.match(/\w+/g))
  const tables = new Set([...words, ...namedByPattern(text, schema)])
  return globalsWith([...tablesAmong(tables, schema), ...functionsAmong(words, schema)])
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
