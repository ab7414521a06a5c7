// What the binder knows while it reads one query. Building a table costs milliseconds, and the binder
// keeps what it learned with its globals. So tables are built once for a schema, only those that some
// query's words could name, and queries share the globals that hold them.

import type { QuerySchema } from '#languages/query.ts'
import { knownFunctions } from './functions.ts'
import {
  globalsWith,
  openFunction,
  tableSymbol,
  type Globals,
  type KustoSymbol,
} from './microsoft.ts'
import { Recent } from './recent.ts'
import { columnsOfTable, tableNames } from './tables.ts'

/** What was built for one schema. */
interface Shelf {
  readonly schema: QuerySchema | undefined
  readonly tables: Map<string, KustoSymbol>
  readonly functions: Map<string, KustoSymbol>
  /** For queries that name what they read: what nobody names changes nothing for them. */
  shared: { readonly names: ReadonlySet<string>; readonly globals: Globals }
  /** For queries that read whatever there is: exactly what they may see, by its names. */
  readonly own: Recent<Globals>
}

const SCHEMAS_KEPT = 4
const OWN_KEPT = 16
/** Shared globals with more names are begun anew: what nobody asks for any more goes. */
const SHARED_MAX = 200

const shelves = new Recent<Shelf>(SCHEMAS_KEPT)

export function globalsFor(text: string, schema: QuerySchema | undefined): Globals {
  // A schema comes from another thread, anew with every question.
  const key = schema === undefined ? '' : JSON.stringify(schema)
  const shelf = shelves.get(key) ?? shelves.set(key, makeShelf(schema))
  const code = withoutTexts(text)
  const words = new Set(text.match(/\w+/g))
  const patterned = namedByPattern(code, schema)
  if (patterned.length === 0 && !READS_ALL.test(code)) return sharedGlobals(shelf, words)
  const names = knownAmong(shelf, new Set([...words, ...patterned]))
  const place = names.toSorted().join(' ')
  return shelf.own.get(place) ?? shelf.own.set(place, build(shelf, names))
}

function makeShelf(schema: QuerySchema | undefined): Shelf {
  const shared = { names: new Set<string>(), globals: globalsWith([]) }
  return { schema, tables: new Map(), functions: new Map(), shared, own: new Recent(OWN_KEPT) }
}

/** Every known table would take part. */
const READS_ALL = /\b(?:search|find)\b|\bunion\b[^|;]*\*/

/** Less comments and string literals: prose “finds” and “searches” a lot. */
function withoutTexts(text: string): string {
  return text.replaceAll(/\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, ' ')
}

function sharedGlobals(shelf: Shelf, words: ReadonlySet<string>): Globals {
  const { names, globals } = shelf.shared
  const wanted = knownAmong(shelf, words)
  if (wanted.every((word) => names.has(word))) return globals
  const all = new Set([...(names.size < SHARED_MAX ? names : []), ...wanted])
  shelf.shared = { names: all, globals: build(shelf, [...all]) }
  return shelf.shared.globals
}

function knownAmong({ schema }: Shelf, words: ReadonlySet<string>): readonly string[] {
  return [...words].filter(
    (word) =>
      columnsOf(word, schema) !== undefined ||
      knownFunctions().has(word.toLowerCase()) ||
      schema?.functions?.includes(word),
  )
}

/** `Device*`: as many as a pattern may cost. */
const PER_PATTERN_MAX = 50

function namedByPattern(code: string, schema: QuerySchema | undefined): readonly string[] {
  return [...code.matchAll(/\b(\w{2,})\*/g)].flatMap(([, prefix]) =>
    allTables(schema)
      .filter((name) => name.startsWith(prefix!))
      .slice(0, PER_PATTERN_MAX),
  )
}

export function columnsOf(
  table: string,
  schema: QuerySchema | undefined,
): ReadonlyMap<string, string> | undefined {
  const tables = schema?.tables
  if (tables && Object.hasOwn(tables, table)) return new Map(Object.entries(tables[table]!))
  return columnsOfTable(table)
}

/** Every table there is to name, those of the schema first. */
export function allTables(schema: QuerySchema | undefined): readonly string[] {
  return [...new Set([...Object.keys(schema?.tables ?? {}), ...tableNames()])]
}

function build(shelf: Shelf, names: readonly string[]): Globals {
  return globalsWith([
    ...names.flatMap((name) => tableNamed(shelf, name) ?? []),
    ...names.flatMap((name) => functionNamed(shelf, name) ?? []),
  ])
}

function tableNamed({ schema, tables }: Shelf, name: string): KustoSymbol | undefined {
  const built = tables.get(name)
  if (built) return built
  const columns = columnsOf(name, schema)
  if (!columns) return undefined
  const list = [...columns].map(([column, type]) => `['${column}']:${type}`)
  const table = tableSymbol(name, `(${list.join(', ')})`)
  tables.set(name, table)
  return table
}

function functionNamed({ schema, functions }: Shelf, name: string): KustoSymbol | undefined {
  const built = functions.get(name)
  if (built) return built
  const found = knownFunctions().get(name.toLowerCase())
  const isOwn = schema?.functions?.includes(name)
  if (!isOwn && !found) return undefined
  const { parameters, schema: columns } = isOwn ? { parameters: '()', schema: '()' } : found!
  const made = openFunction(name, parameters, columns)
  functions.set(name, made)
  return made
}
