// What an ES|QL query reads, what limits it, and what it would do besides reading. The guard's
// allow list is the command table: a command it does not name is an unknown effect, and so refused.

import { LineMap, type Problem } from '#kernel/problem.ts'
import type {
  Effect,
  Mention,
  QueryFacts,
  Range,
  Scope,
  Source,
  TimeBounds,
} from '#languages/query.ts'
import { ESQL_FUNCTIONS } from './functions.ts'
import { allCommands, expressionsOf, walk } from './walk.ts'
import type { EsqlCommand, EsqlExpression, EsqlPattern, EsqlQuery } from './tree.ts'

export function readEsql(query: EsqlQuery, text: string): QueryFacts {
  const commands = allCommands(query.commands)
  const nodes = commands.flatMap(expressionsOf).flatMap(walk)
  const sources = commands.flatMap(sourcesOf)
  const time = timeOf(commands)
  return {
    sources,
    fields: [...nodes.filter((node) => node.kind === 'field').map(mention), ...columnsOf(commands)],
    commands: commands.map(({ name, start, end }) => ({ name, start, end })),
    functions: nodes.filter((node) => node.kind === 'call').map(mention),
    scope: scopeOf(sources),
    time,
    effects: [...commands.flatMap(effectsOf), ...nodes.flatMap(callEffects)],
    costs: costsOf(commands, nodes, time, new LineMap(text)),
  }
}

function mention({ name, start, end }: Mention): Mention {
  return { name, start, end }
}

function columnsOf(commands: readonly EsqlCommand[]): readonly Mention[] {
  return commands.flatMap((command) => {
    if (command.kind === 'columns') return command.columns
    return command.kind === 'enrich' && command.on !== null ? [command.on] : []
  })
}

function sourcesOf(command: EsqlCommand): readonly Source[] {
  switch (command.kind) {
    case 'from':
      return command.patterns.map((pattern) => sourceOf('index', pattern))
    case 'lookup_join':
      return [sourceOf('lookup', command.index)]
    case 'enrich':
      return [sourceOf('lookup', { ...command.policy, cluster: null })]
    default:
      return []
  }
}

function sourceOf(kind: Source['kind'], { name, cluster, start, end }: EsqlPattern): Source {
  const full = cluster === null ? name : `${cluster}:${name}`
  return { kind, name: full, isPattern: /[*?]/.test(full), start, end }
}

// `FROM *` names everything, and an exclusion (`-old`) limits nothing by itself.
function scopeOf(sources: readonly Source[]): Scope {
  const indexes = sources.filter((source) => source.kind === 'index')
  const named = indexes.filter((source) => !source.name.startsWith('-'))
  const isOpen = named.some(namesEverything)
  if (isOpen) return { state: 'unscoped', by: [], note: 'an index pattern names every index' }
  return named.length > 0 ? { state: 'scoped', by: named } : { state: 'unscoped', by: [] }
}

function namesEverything({ name }: Mention): boolean {
  return /^(\*:)?(\*|_all)$/.test(name)
}

const TIME_FIELD = '@timestamp'
const INGEST_FIELD = 'event.ingested'

// Only conditions that every row must meet bound the time: those before a STATS, joined by `and`.
function timeOf(commands: readonly EsqlCommand[]): TimeBounds {
  let found: TimeBounds = { earliest: null, latest: null, basis: null }
  for (const command of commands) {
    if (command.kind === 'stats' || command.kind === 'fork') break
    if (command.name !== 'where' || command.kind !== 'plain') continue
    for (const condition of command.arguments.flatMap((argument) => conjuncts(argument.value))) {
      const bound = boundOf(condition)
      if (bound) {
        found = {
          earliest: found.earliest ?? bound.earliest,
          latest: found.latest ?? bound.latest,
          basis: found.basis ?? bound.basis,
        }
      }
    }
  }
  return found
}

function conjuncts(node: EsqlExpression): readonly EsqlExpression[] {
  return node.kind === 'and' ? node.items.flatMap(conjuncts) : [node]
}

function boundOf(node: EsqlExpression): TimeBounds | undefined {
  if (node.kind === 'call' && node.name === 'trange') {
    const [from, to] = node.arguments.map(spell)
    return { earliest: from ?? null, latest: to ?? null, basis: 'event' }
  }
  if (node.kind !== 'binary' || !/^[<>]=?$/.test(node.operator)) return undefined
  const isFieldLeft = node.left.kind === 'field'
  const field = isFieldLeft ? node.left : node.right
  if (field.kind !== 'field' || (field.name !== TIME_FIELD && field.name !== INGEST_FIELD))
    return undefined
  const basis = field.name === TIME_FIELD ? 'event' : 'ingest'
  const value = spell(isFieldLeft ? node.right : node.left)
  const isLower = node.operator.startsWith('>') === isFieldLeft
  return isLower
    ? { earliest: value, latest: null, basis }
    : { earliest: null, latest: value, basis }
}

function spell(node: EsqlExpression): string {
  switch (node.kind) {
    case 'literal':
      return String(node.value)
    case 'interval':
      return `${node.amount} ${node.unit}`
    case 'binary':
      return `${spell(node.left)} ${node.operator} ${spell(node.right)}`
    case 'call':
      return `${node.name}(${node.arguments.map(spell).join(', ')})`
    case 'field':
    case 'parameter':
      return node.name
    default:
      return '…'
  }
}

const SENDING = new Set(['completion', 'rerank', 'text_embedding'])
const SENDS = 'Sends the text of rows to an inference endpoint.'

function effectsOf(command: EsqlCommand): readonly Effect[] {
  const range = { start: command.start, end: command.end }
  if (SENDING.has(command.name))
    return [{ kind: 'sends', name: command.name, why: SENDS, ...range }]
  const patterns =
    command.kind === 'from'
      ? command.patterns
      : command.kind === 'lookup_join'
        ? [command.index]
        : []
  return patterns
    .filter((pattern) => pattern.cluster !== null)
    .map(({ cluster, name, start, end }) => ({
      kind: 'crosses',
      name: `${cluster}:${name}`,
      why: 'Reads from another cluster.',
      start,
      end,
    }))
}

function callEffects(node: EsqlExpression): readonly Effect[] {
  if (node.kind !== 'call') return []
  if (SENDING.has(node.name)) return [{ kind: 'sends', why: SENDS, ...mention(node) }]
  if (ESQL_FUNCTIONS.has(node.name)) return []
  return [{ kind: 'unknown', why: 'This function is not known to read only.', ...mention(node) }]
}

function costsOf(
  commands: readonly EsqlCommand[],
  nodes: readonly EsqlExpression[],
  time: TimeBounds,
  map: LineMap,
): readonly Problem[] {
  const costs: Problem[] = []
  const note = (code: string, at: Range, message: string, hint: string) =>
    costs.push({ code, severity: 'warning', message, hint, ...map.span(at.start, at.end) })
  for (const node of nodes.filter(startsWithWildcard)) {
    const message =
      'A pattern that begins with a wildcard is compared with every value of the field.'
    note('cost/leading-wildcard', node, message, 'Where only the end matters, ENDS_WITH says so.')
  }
  for (const command of commands) {
    const everything = command.kind === 'from' && command.patterns.find(namesEverything)
    if (!everything) continue
    const message = 'Every event of every index that the searcher may see is read.'
    note('cost/search-all', everything, message, 'Name the indexes: FROM logs-….')
  }
  const [source] = commands
  if (source?.kind === 'from' && time.earliest === null) {
    const message = 'Nothing bounds the time: every event of the indexes is read.'
    note(
      'cost/no-time-bound',
      source,
      message,
      'Add WHERE @timestamp >= NOW() - 1 hour, or give the search a range.',
    )
  }
  return costs
}

function startsWithWildcard(node: EsqlExpression): boolean {
  if (node.kind !== 'binary' && node.kind !== 'membership') return false
  if (node.operator !== 'like' && node.operator !== 'rlike') return false
  const patterns = node.kind === 'binary' ? [node.right] : node.list
  const start = node.operator === 'like' ? /^[*?]./ : /^(\.\*|\.\+)./
  return patterns.some(
    (item) => item.kind === 'literal' && typeof item.value === 'string' && start.test(item.value),
  )
}
