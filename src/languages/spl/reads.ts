// What an SPL search reads, what limits it, and what it would do besides reading. Commands come from
// an allow list (commands.ts); macros are looked into where their definitions are given and are
// unknown effects where not, since a macro may stand for anything.

import { LineMap } from '#kernel/problem.ts'
import type { Mention, QueryFacts, QuerySchema, Source, TimeBounds } from '#languages/query.ts'
import { costsOf } from './costs.ts'
import { effectsOf } from './effects.ts'
import { expandSearch } from './expand.ts'
import {
  expandMacro,
  macroCalls,
  NO_MACROS,
  readMacros,
  type MacroReader,
  type SplMacros,
} from './macro.ts'
import { parseSpl } from './parse.ts'
import { scopeOf } from './scope.ts'
import { commandSources, termSources } from './sources.ts'
import { allCommands, nodesOf, type SplNode } from './walk.ts'
import type { SplCommand, SplMacro, SplSearch } from './tree.ts'

export function readSpl(
  search: SplSearch,
  text: string,
  { macros = NO_MACROS, datamodels = {} }: SplKnown = {},
): QueryFacts {
  const commands = allCommands(search)
  const nodes = commands.flatMap(nodesOf)
  const reader = readMacros(macros)
  const sources = [
    ...commands.flatMap(commandSources),
    ...nodes.flatMap(termSources),
    ...macroCalls(text).flatMap((macro) => macroSources(macro, reader)),
  ]
  const expansion = expandSearch(text, readMacros(macros))
  const isSame = expansion.text === text
  const expanded = isSame ? search : (parseSpl(expansion.text).value ?? search)
  const [first] = expanded.commands
  const time = first ? timeOf(first) : NO_TIME
  return {
    sources,
    fields: [...nodes.flatMap(fieldsOf), ...commands.flatMap(commandFields)],
    commands: commands.map(({ name, nameRange }) => ({ name, ...nameRange })),
    functions: nodes.filter((node) => node.kind === 'call').map(mention),
    scope: scopeOf(expanded, expansion, { macros: readMacros(macros), datamodels }),
    time,
    effects: effectsOf(search, text, readMacros(macros)),
    costs: costsOf(search, time, new LineMap(text)),
  }
}

/** What a deployment knows beside the text. */
export interface SplKnown {
  readonly macros?: SplMacros
  readonly datamodels?: QuerySchema['datamodels']
}

const NO_TIME: TimeBounds = { earliest: null, latest: null, basis: null }

function mention({ name, start, end }: Mention): Mention {
  return { name, start, end }
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
    ...commands.flatMap(nodesOf).flatMap(termSources),
    ...macroCalls(inside.text).flatMap((call) => macroSources(call, inside.reader)),
  ]
  return [own, ...found.map((source) => ({ ...source, start: macro.start, end: macro.end }))]
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
