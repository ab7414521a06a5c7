// What an SPL search reads, what limits it, and what it would do besides reading. Commands come from
// an allow list (commands.ts); macros are looked into where their definitions are given and are
// unknown effects where not, since a macro may stand for anything.

import { LineMap, type Problem } from '#kernel/problem.ts'
import type { Mention, QueryFacts, Range, Scope, Source, TimeBounds } from '#languages/query.ts'
import { effectsOf } from './effects.ts'
import { expandMacro, macroCalls, NO_MACROS, type MacroReader, type SplMacros } from './macro.ts'
import { parseSpl } from './parse.ts'
import { allCommands, nodesOf, type SplNode } from './walk.ts'
import type { SplCommand, SplMacro, SplSearch, SplStats, SplTerm } from './tree.ts'

export function readSpl(
  search: SplSearch,
  text: string,
  macros: SplMacros = NO_MACROS,
): QueryFacts {
  const commands = allCommands(search)
  const nodes = commands.flatMap(nodesOf)
  const reader: MacroReader = { macros, open: new Set() }
  const sources = [
    ...commands.flatMap(commandSources),
    ...nodes.flatMap(nodeSources),
    ...macroCalls(text).flatMap((macro) => macroSources(macro, reader)),
  ]
  const first = search.commands[0]
  const time = first ? timeOf(first) : NO_TIME
  return {
    sources,
    fields: [...nodes.flatMap(fieldsOf), ...commands.flatMap(commandFields)],
    commands: commands.map(({ name, nameRange }) => ({ name, ...nameRange })),
    functions: nodes.filter((node) => node.kind === 'call').map(mention),
    scope: scopeOf(first, reader),
    time,
    effects: effectsOf(search, text, reader),
    costs: costsOf(commands, nodes, time, new LineMap(text)),
  }
}

const NO_TIME: TimeBounds = { earliest: null, latest: null, basis: null }

function mention({ name, start, end }: Mention): Mention {
  return { name, start, end }
}

const SOURCE_FIELDS: ReadonlyMap<string, Source['kind']> = new Map([
  ['index', 'index'],
  ['sourcetype', 'sourcetype'],
  ['source', 'source'],
  ['eventtype', 'macro'],
  ['savedsearch', 'saved_search'],
])

function nodeSources(node: SplNode): readonly Source[] {
  if (node.kind === 'comparison' && node.operator === '=')
    return namedSources(node.field.name, [node.value])
  return node.kind === 'in' ? namedSources(node.field.name, node.values) : []
}

// The macro itself, and what its definition names, where it is called.
function macroSources(macro: SplMacro, reader: MacroReader): readonly Source[] {
  const own: Source = { kind: 'macro', isPattern: false, ...mention(macro) }
  const inside = expandMacro(macro, reader)
  const search = inside && parseSpl(inside.text).value
  if (!search) return [own]
  const commands = allCommands(search)
  const found = [
    ...commands.flatMap(commandSources),
    ...commands.flatMap(nodesOf).flatMap(nodeSources),
    ...macroCalls(inside.text).flatMap((call) => macroSources(call, inside.reader)),
  ]
  return [own, ...found.map((source) => ({ ...source, start: macro.start, end: macro.end }))]
}

function namedSources(field: string, values: readonly Mention[]): readonly Source[] {
  const kind = SOURCE_FIELDS.get(field.toLowerCase())
  if (kind === undefined) return []
  return values.map((value) => ({ kind, isPattern: value.name.includes('*'), ...mention(value) }))
}

const LOOKUPS = new Set(['lookup', 'inputlookup', 'outputlookup'])

function commandSources(command: SplCommand): readonly Source[] {
  if (command.kind === 'stats') {
    return command.from
      .filter((option) => option.name === 'datamodel' || option.name === 'sid')
      .map(({ value, start, end }) => ({
        kind: 'datamodel',
        name: value,
        isPattern: false,
        start,
        end,
      }))
  }
  if (command.kind !== 'plain') return []
  const [word] = command.words
  if (word === undefined) return []
  if (LOOKUPS.has(command.name)) return [{ kind: 'lookup', isPattern: false, ...mention(word) }]
  if (command.name === 'savedsearch')
    return [{ kind: 'saved_search', isPattern: false, ...mention(word) }]
  if (command.name !== 'datamodel' && command.name !== 'from') return []
  const [, kind = 'datamodel', name = word.name] =
    /^(datamodel|lookup|savedsearch|inputlookup):(.+)$/.exec(word.name) ?? []
  const known = { datamodel: 'datamodel', savedsearch: 'saved_search' } as const
  return [
    {
      ...mention(word),
      kind: known[kind as keyof typeof known] ?? 'lookup',
      name,
      isPattern: false,
    },
  ]
}

function fieldsOf(node: SplNode): readonly Mention[] {
  if (node.kind === 'field') return [mention(node)]
  return node.kind === 'comparison' || node.kind === 'in' ? [mention(node.field)] : []
}

function commandFields(command: SplCommand): readonly Mention[] {
  if (command.kind === 'stats') return command.by.map(mention)
  if (command.kind === 'rename') return command.pairs.map((pair) => mention(pair.from))
  const listsFields =
    command.kind === 'plain' && (command.name === 'table' || command.name === 'fields')
  if (!listsFields) return []
  return command.words.filter((word) => word.name !== '-' && word.name !== '+').map(mention)
}

// What every event must satisfy: all parts of an AND, each part of an OR, a macro's definition.
function scopeOf(first: SplCommand | undefined, reader: MacroReader): Scope {
  if (first === undefined) return { state: 'unscoped', by: [] }
  if (first.kind === 'stats' || first.kind === 'plain') {
    const by = commandSources(first)
    const where = first.kind === 'stats' && first.where !== null ? limits(first.where, reader) : []
    const all = [...by, ...where]
    const isMade = first.name === 'makeresults' || first.name === 'gentimes'
    const note = first.kind === 'stats' && isSummariesOnly(first) ? { note: SUMMARIES } : {}
    if (all.length > 0 || isMade) return { state: 'scoped', by: all, ...note }
    return { state: 'unscoped', by: [] }
  }
  const condition = first.kind === 'search' ? (first.condition as SplTerm | null) : null
  const term = first.kind === 'macro' ? first.macro : condition
  const by = term === null ? [] : limits(term, reader)
  return by.length > 0 ? { state: 'scoped', by } : { state: 'unscoped', by: [] }
}

const SUMMARIES = 'summariesonly: reads what was accelerated, not what is newer'

function isSummariesOnly({ options }: SplStats): boolean {
  return options.some(
    ({ name, value }) => name === 'summariesonly' && /^(?:t|true|1)$/i.test(value),
  )
}

function limits(term: SplTerm, reader: MacroReader): readonly Source[] {
  switch (term.kind) {
    case 'and':
      return term.items.flatMap((item) => limits(item, reader))
    case 'or': {
      const parts = term.items.map((item) => limits(item, reader))
      return parts.every((part) => part.length > 0) ? parts.flat() : []
    }
    case 'comparison':
    case 'in':
      return nodeSources(term).filter(
        (source) => source.kind !== 'macro' && !/^[*_]*\*$/.test(source.name),
      )
    case 'macro':
      return isScoping(term, reader) ? [{ kind: 'macro', isPattern: false, ...mention(term) }] : []
    default:
      return []
  }
}

function isScoping(macro: SplMacro, reader: MacroReader): boolean {
  const inside = expandMacro(macro, reader)
  const search = inside && parseSpl(inside.text).value
  return search !== undefined && scopeOf(search.commands[0], inside!.reader).state === 'scoped'
}

function timeOf(command: SplCommand): TimeBounds {
  const term =
    command.kind === 'search' ? command.condition : command.kind === 'stats' ? command.where : null
  if (term === null) return NO_TIME
  const required = term.kind === 'and' ? (term.items as readonly SplNode[]) : [term]
  const value = (name: string) => {
    const found = required.find((node) => node.kind === 'comparison' && node.field.name === name)
    return found?.kind === 'comparison' ? found.value.name : null
  }
  const [earliest, latest] = [value('earliest'), value('latest')]
  if (earliest !== null || latest !== null) return { earliest, latest, basis: 'event' }
  const ingest = { earliest: value('_index_earliest'), latest: value('_index_latest') }
  return ingest.earliest === null && ingest.latest === null
    ? NO_TIME
    : { ...ingest, basis: 'ingest' }
}

function costsOf(
  commands: readonly SplCommand[],
  nodes: readonly SplNode[],
  time: TimeBounds,
  map: LineMap,
): readonly Problem[] {
  const costs: Problem[] = []
  const note = (code: string, at: Range, message: string, hint: string) =>
    costs.push({ code, severity: 'warning', message, hint, ...map.span(at.start, at.end) })
  for (const node of nodes) {
    const value =
      node.kind === 'comparison' ? node.value.name : node.kind === 'free' ? node.text : ''
    if (!/^\*./.test(value)) continue
    const message = 'A term that begins with a wildcard cannot use the index and reads every event.'
    note('cost/leading-wildcard', node, message, 'Add a term without one beside it.')
  }
  for (const command of commands) {
    const hint = COSTLY.get(command.name)
    if (hint) note(`cost/${command.name}`, command.nameRange, hint[0], hint[1])
  }
  const [first] = commands
  if (first && time.earliest === null && first.kind === 'search') {
    const message = 'The search itself bounds no time.'
    note(
      'cost/no-time-bound',
      first.nameRange,
      message,
      'Add earliest=…, or give the search a range.',
    )
  }
  return costs
}

const COSTLY: ReadonlyMap<string, readonly [message: string, hint: string]> = new Map([
  [
    'join',
    ['“join” runs a subsearch that is cut off at 50,000 rows.', 'Use stats by the shared field.'],
  ],
  ['append', ['“append” runs a subsearch that is cut off at 50,000 rows.', 'Search both with OR.']],
  ['appendcols', ['“appendcols” joins rows by position.', 'Use stats by the shared field.']],
  [
    'transaction',
    ['“transaction” keeps whole events in memory.', 'Use stats with min(_time) and max(_time).'],
  ],
  ['map', ['“map” runs a search for every result.', 'Use a subsearch or a lookup.']],
])
