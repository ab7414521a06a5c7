// Which tables and columns Microsoft Sentinel and Defender's advanced hunting have, from
// tables.json: a line a table, columns with a letter for their type (none is text), `*` and `+` for
// those that most tables share. Facts of the published schemas, as of 2026-07.

import facts from './tables.json' with { type: 'json' }

export const TABLES_AS_OF = '2026-07'

const TYPES: Readonly<Record<string, string>> = {
  d: 'datetime',
  r: 'real',
  i: 'int',
  l: 'long',
  y: 'dynamic',
  b: 'bool',
  g: 'guid',
}
const COMMON: Readonly<Record<string, string>> = facts.common
const SOURCES: readonly Readonly<Record<string, string>>[] = [facts.sentinel, facts.defender]

const known = new Map<string, ReadonlyMap<string, string> | undefined>()

/** Type by column; a table of both products has the columns of either. */
export function columnsOfTable(name: string): ReadonlyMap<string, string> | undefined {
  if (!known.has(name)) known.set(name, readColumns(name))
  return known.get(name)
}

export function tableNames(): readonly string[] {
  return [...new Set(SOURCES.flatMap((tables) => Object.keys(tables)))]
}

/** Tables of Defender's advanced hunting. */
export function huntingTables(): readonly string[] {
  return Object.keys(facts.defender)
}

function readColumns(name: string): ReadonlyMap<string, string> | undefined {
  const lists = SOURCES.flatMap((tables) => (Object.hasOwn(tables, name) ? [tables[name]!] : []))
  if (lists.length === 0) return undefined
  const columns = new Map<string, string>()
  for (const entry of lists.flatMap((list) => list.split(' ').flatMap(expand))) {
    const [column = '', letter] = entry.split('.')
    if (!columns.has(column)) {
      columns.set(column, letter === undefined ? 'string' : TYPES[letter]!)
    }
  }
  return columns
}

function expand(entry: string): readonly string[] {
  return COMMON[entry]?.split(' ') ?? [entry]
}
