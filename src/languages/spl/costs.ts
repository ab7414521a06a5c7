// What makes an SPL search slow or expensive, each with a reason and a way out.

import type { LineMap, Problem } from '#kernel/problem.ts'
import type { Range, TimeBounds } from '#languages/query.ts'
import type { SplCommand, SplPlain, SplSearch, SplTerm } from './tree.ts'
import { allCommands, nodesOf, type SplNode } from './walk.ts'

interface Cost {
  readonly name: string
  readonly severity?: 'info'
  readonly message: string
  readonly hint: string
}

const LEADING_WILDCARD: Cost = {
  name: 'leading-wildcard',
  message: 'A term that begins with a wildcard cannot use the index and reads every event.',
  hint: 'Add a term without one beside it.',
}
const SEARCH_ALL: Cost = {
  name: 'search-all',
  message: 'Every event of every index that the searcher may see is read.',
  hint: 'Name the index: index=….',
}
const NO_TIME_BOUND: Cost = {
  name: 'no-time-bound',
  message: 'The search itself bounds no time.',
  hint: 'Add earliest=…, or give the search a range.',
}
const RAW_REGEX: Cost = {
  name: 'raw-regex',
  message: 'An expression is tried on the whole text of every event that comes this far.',
  hint: 'Name the field that holds it, or a term of the text before it.',
}
const HIGH_CARDINALITY: Cost = {
  name: 'high-cardinality',
  severity: 'info',
  message: 'Groups of a field with about as many values as events keep nearly every event.',
  hint: 'Group by fewer fields, or bin the time.',
}

const COMMANDS: ReadonlyMap<string, readonly [message: string, hint: string]> = new Map([
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

export function costsOf(search: SplSearch, time: TimeBounds, map: LineMap): readonly Problem[] {
  const problem = ({ name, severity, message, hint }: Cost, { start, end }: Range): Problem => ({
    code: `cost/${name}`,
    severity: severity ?? 'warning',
    message,
    hint,
    ...map.span(start, end),
  })
  const commands = allCommands(search)
  const nodes = commands.flatMap(nodesOf)
  const [first] = search.commands
  return [
    ...nodes.filter(beginsWithWildcard).map((node) => problem(LEADING_WILDCARD, node)),
    ...nodes.filter(matchesRaw).map((node) => problem(RAW_REGEX, node)),
    ...commands.flatMap((command) => costsOfCommand(command).map((cost) => problem(...cost))),
    ...(first?.kind === 'search' && time.earliest === null
      ? [problem(NO_TIME_BOUND, first.nameRange)]
      : []),
  ]
}

function costsOfCommand(command: SplCommand): readonly (readonly [Cost, Range])[] {
  const known = COMMANDS.get(command.name)
  if (known) {
    const [message, hint] = known
    return [[{ name: command.name, message, hint }, command.nameRange]]
  }
  switch (command.kind) {
    case 'search':
      return isEverything(command.condition as SplTerm | null) ? [[SEARCH_ALL, command]] : []
    case 'stats': {
      const isKeeping = !command.options.some(({ name }) => name === 'span')
      const many = command.by.find(({ name }) => MANY_VALUES.test(name))
      return many && isKeeping && KEEPS_GROUPS.has(command.name) ? [[HIGH_CARDINALITY, many]] : []
    }
    case 'plain':
      return readsRaw(command) ? [[RAW_REGEX, command.nameRange]] : []
    default:
      return []
  }
}

function beginsWithWildcard(node: SplNode): boolean {
  const value = node.kind === 'comparison' ? node.value.name : node.kind === 'free' ? node.text : ''
  return /^\*./.test(value)
}

/** No condition, or none that leaves anything out. */
function isEverything(term: SplTerm | null): boolean {
  switch (term?.kind) {
    case undefined:
      return true
    case 'free':
      return term.text === '*'
    case 'comparison':
      if (/^(?:earliest|latest|_index_earliest|_index_latest)$/.test(term.field.name)) return true
      return term.operator === '=' && term.field.name === 'index' && term.value.name === '*'
    case 'and':
      return term.items.every(isEverything)
    case 'or':
      return term.items.some(isEverything)
    default:
      return false
  }
}

/** `rex` and `regex` take the raw text unless they name a field. */
function readsRaw({ name, options, words }: SplPlain): boolean {
  if (name !== 'rex' && name !== 'regex') return false
  const field = name === 'rex' ? options.find((one) => one.name === 'field')?.value : undefined
  if (field !== undefined) return field === '_raw'
  const isOnField = name === 'regex' && options.some((one) => one.name !== '_raw')
  return !isOnField && (words.length > 0 || options.length > 0)
}

function matchesRaw(node: SplNode): boolean {
  if (node.kind !== 'call' || !/^(?:match|like|replace|searchmatch)$/i.test(node.name)) return false
  const [subject] = node.arguments
  return subject?.kind === 'field' && subject.name === '_raw'
}

const KEEPS_GROUPS = new Set(['stats', 'eventstats', 'streamstats', 'chart'])
/** Fields with about as many values as events. */
const MANY_VALUES =
  /^(?:_raw|_time|_cd|CommandLine|cmdline|http_user_agent|url|uri|Message|event_id|EventRecordID|(?:parent_)?process(?:_guid|_id|_exec)?|(?:Source|Target|Parent)?ProcessG?uid|src_port|request_?id)$/i
