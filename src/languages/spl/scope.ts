// What data an SPL search is limited to: an index, a source type, a source or a data model that every
// event must satisfy, in the search itself and in every subsearch that reads events. Macros are written
// out where they are known, and a data model is followed to the search it is made of.

import type { Mention, QuerySchema, Scope, Source } from '#languages/query.ts'
import { expandSearch, type Expansion } from './expand.ts'
import type { MacroReader } from './macro.ts'
import { parseSpl } from './parse.ts'
import { commandSources, termSources } from './sources.ts'
import type { SplCommand, SplSearch, SplTerm } from './tree.ts'
import { nodesOf } from './walk.ts'

export interface ScopeReader {
  readonly macros: MacroReader
  /** The search a data model is made of, by `Model` or `Model.Dataset`. */
  readonly datamodels: NonNullable<QuerySchema['datamodels']>
}

/** Of the expanded search; ranges are those of the text that was written. */
export function scopeOf(search: SplSearch, expansion: Expansion, reader: ScopeReader): Scope {
  const found = scopeOfSearch(search, reader)
  const by = found.by.flatMap((source): readonly Source[] => {
    const macros = expansion.macrosAround(source).map(asMacro)
    return [...macros, expansion.place(source)]
  })
  const isSummary = search.commands.some(isSummariesOnly)
  const note = found.note ?? (isSummary ? SUMMARIES : undefined)
  return { state: found.state, by: unique(by), ...(note !== undefined && { note }) }
}

const SUMMARIES = 'summariesonly: reads what was accelerated, not what is newer'

function isSummariesOnly(command: SplCommand): boolean {
  if (command.kind !== 'stats' && command.kind !== 'plain') return false
  return command.options.some(
    ({ name, value }) => name === 'summariesonly' && /^(?:t|true|1)$/i.test(value),
  )
}

function asMacro({ name, start, end }: Mention): Source {
  return { kind: 'macro', name, isPattern: false, start, end }
}

function unique(sources: readonly Source[]): readonly Source[] {
  const byPlace = new Map<string, Source>()
  for (const source of sources) {
    const key = `${source.kind} ${source.name} ${source.start}`
    if (!byPlace.has(key)) byPlace.set(key, source)
  }
  return [...byPlace.values()]
}

/** These begin with rows that are already there, and read none themselves. */
const ON_ROWS = new Set(['foreach', 'appendpipe'])
/** These begin a search and read only what their subsearches read. */
const OF_SUBSEARCHES = new Set(['multisearch', 'union', 'set', 'append'])
const MAKES_ROWS = new Set(['makeresults', 'gentimes'])

function scopeOfSearch({ commands }: SplSearch, reader: ScopeReader): Scope {
  const [first] = commands
  if (first === undefined) return UNSCOPED
  const inner = commands
    .filter(({ name }) => !ON_ROWS.has(name))
    .flatMap(nodesOf)
    .filter((node) => node.kind === 'subsearch')
    .map(({ search }) => scopeOfSearch(search, reader))
  const isOnlyInner = inner.length > 0 && OF_SUBSEARCHES.has(first.name)
  const all = isOnlyInner ? inner : [scopeOfFirst(first, reader), ...inner]
  const open = all.find(({ state }) => state === 'unscoped')
  if (open) return open
  return { state: 'scoped', by: all.flatMap(({ by }) => by) }
}

const UNSCOPED: Scope = { state: 'unscoped', by: [] }

function scopeOfFirst(first: SplCommand, reader: ScopeReader): Scope {
  if (first.kind === 'search') {
    const by = first.condition === null ? [] : limits(first.condition as SplTerm)
    return by.length > 0 ? { state: 'scoped', by } : UNSCOPED
  }
  if (first.kind !== 'stats' && first.kind !== 'plain') return UNSCOPED
  if (MAKES_ROWS.has(first.name)) return { state: 'scoped', by: [] }
  const where = first.kind === 'stats' && first.where !== null ? limits(first.where) : []
  const sources = commandSources(first)
  const scopes = sources.map((source) => scopeOfSource(source, reader))
  // A condition on the index limits a model that does not.
  const open = where.length > 0 ? undefined : scopes.find(({ state }) => state === 'unscoped')
  if (open) return open
  const by = [...scopes.flatMap((scope) => scope.by), ...where]
  return by.length > 0 ? { state: 'scoped', by } : UNSCOPED
}

function scopeOfSource(source: Source, { datamodels, macros }: ScopeReader): Scope {
  const [model = ''] = source.name.split('.')
  const name = [source.name, model].find((one) => Object.hasOwn(datamodels, one))
  if (source.kind !== 'datamodel' || name === undefined) return { state: 'scoped', by: [source] }
  const expansion = expandSearch(datamodels[name]!, macros)
  const condition = parseSpl(expansion.text).value?.commands[0]
  const found =
    condition?.kind === 'search' && condition.condition !== null
      ? limits(condition.condition as SplTerm)
      : []
  if (found.length === 0) {
    const note = `the constraint of the data model “${name}” names no index`
    return { state: 'unscoped', by: [], note }
  }
  const at = { start: source.start, end: source.end }
  const chain = found.flatMap((one): readonly Source[] => [
    ...expansion.macrosAround(one).map(asMacro),
    one,
  ])
  return { state: 'scoped', by: [source, ...chain.map((one) => ({ ...one, ...at }))] }
}

// What every event must satisfy: any part of an AND, each part of an OR.
function limits(term: SplTerm): readonly Source[] {
  switch (term.kind) {
    case 'and':
      return term.items.flatMap(limits)
    case 'or': {
      const parts = term.items.map(limits)
      return parts.every((part) => part.length > 0) ? parts.flat() : []
    }
    case 'comparison':
    case 'in': {
      const named = termSources(term).filter((source) => source.kind !== 'macro')
      // One value that names everything opens a list.
      return named.some((source) => /^[*_]*\*$/.test(source.name)) ? [] : named
    }
    default:
      return []
  }
}
