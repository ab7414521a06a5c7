// The data that an SPL command or term names: indexes, source types, models, lookups, stored searches.

import type { Mention, Source } from '#languages/query.ts'
import type { SplCommand } from './tree.ts'
import type { SplNode } from './walk.ts'

const SOURCE_FIELDS: ReadonlyMap<string, Source['kind']> = new Map([
  ['index', 'index'],
  ['sourcetype', 'sourcetype'],
  ['source', 'source'],
  ['eventtype', 'macro'],
  ['savedsearch', 'saved_search'],
])

export function termSources(node: SplNode): readonly Source[] {
  if (node.kind === 'comparison' && node.operator === '=')
    return namedSources(node.field.name, [node.value])
  return node.kind === 'in' ? namedSources(node.field.name, node.values) : []
}

function namedSources(field: string, values: readonly Mention[]): readonly Source[] {
  const kind = SOURCE_FIELDS.get(field.toLowerCase())
  if (kind === undefined) return []
  return values.map((value) => ({ kind, isPattern: value.name.includes('*'), ...mention(value) }))
}

const LOOKUPS = new Set(['lookup', 'inputlookup', 'outputlookup'])

export function commandSources(command: SplCommand): readonly Source[] {
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

function mention({ name, start, end }: Mention): Mention {
  return { name, start, end }
}
