// The fields after commands whose arguments are words and options: what each adds, keeps and removes.

import { Columns, type NameCheck } from '#languages/columns.ts'
import type { QuerySchema } from '#languages/query.ts'
import type { SplPlain, SplSearch, SplWord } from './tree.ts'

export interface Flow {
  readonly check: NameCheck
  readonly text: string
  readonly schema: QuerySchema
  /** Fields of the events, where they are known. */
  readonly events: Columns
  /** The fields after a search; `before` is what a subpipeline begins with. */
  follow(search: SplSearch, before: Columns | undefined, flow: Flow): Columns
}

type After = (command: SplPlain, columns: Columns, flow: Flow) => Columns

export function afterPlain(
  command: SplPlain,
  columns: Columns,
  flow: Flow,
  isFirst: boolean,
): Columns {
  const known = Object.hasOwn(AFTER, command.name) ? AFTER[command.name]! : open
  // What begins a search has no rows before it.
  return known(command, isFirst ? new Columns([]) : columns, flow)
}

const open: After = (command, columns, flow) => {
  for (const { search } of command.subsearches) flow.follow(search, undefined, flow)
  return columns.opened()
}
const same: After = (_command, columns) => columns

function adds(...names: readonly string[]): After {
  return (_command, columns) => columns.with(names)
}

const AFTER: Readonly<Record<string, After>> = {
  fields: afterFields,
  table: (command, columns, flow) => keep(namesIn(command.words), command.words, columns, flow),
  dedup: afterNamed,
  sort: afterNamed,
  mvexpand: afterNamed,
  makemv: same,
  nomv: same,
  mvcombine: same,
  head: same,
  tail: same,
  reverse: same,
  uniq: same,
  filldown: same,
  fieldformat: same,
  highlight: same,
  localop: same,
  abstract: same,
  regex: same,
  collect: same,
  outputlookup: same,
  outputcsv: same,
  sendemail: same,
  fillnull: (command, columns) => columns.with(namesIn(command.words)),
  top: afterTop,
  rare: afterTop,
  rex: afterRex,
  lookup: afterLookup,
  inputlookup: afterInputLookup,
  bin: afterBin,
  bucket: afterBin,
  spath: afterSpath,
  iplocation: (command, columns) => {
    const prefix = option(command, 'prefix') ?? ''
    return columns.with(['City', 'Country', 'Region', 'lat', 'lon', 'Continent', 'Timezone', 'MetroCode'].map((name) => prefix + name))
  },
  addinfo: adds('info_min_time', 'info_max_time', 'info_sid', 'info_search_time'),
  transaction: adds('duration', 'eventcount', 'closed_txn', 'field_match_sum', 'linecount'),
  strcat: (command, columns) => columns.with(namesIn(command.words).slice(-1)),
  convert: (command, columns) => {
    const isRenaming = command.words.some((word) => word.name.toLowerCase() === 'as')
    return isRenaming ? columns.opened() : columns
  },
  makeresults: (command) =>
    new Columns(['_time', '_raw', 'host', 'source', 'sourcetype', 'splunk_server', 'splunk_server_group'], command.options.some(({ name }) => name === 'data')),
  untable: (command) => new Columns(namesIn(command.words)),
  append: joined,
  appendcols: joined,
  join: joined,
  union: joined,
  multisearch: joined,
  appendpipe: (command, columns, flow) =>
    command.subsearches.reduce(
      (all, { search }) => all.union(flow.follow(search, columns, flow)),
      columns,
    ),
} // prettier-ignore

function joined(command: SplPlain, columns: Columns, flow: Flow): Columns {
  const inner = command.subsearches.map(({ search }) => flow.follow(search, undefined, flow))
  // A dataset that is named and not searched may hold anything.
  const isNaming = command.name === 'union' && command.words.length > 0
  const all = inner.reduce((sum, one) => sum.union(one), columns)
  return isNaming ? all.opened() : all
}

function option(command: SplPlain, name: string): string | undefined {
  return command.options.find((one) => one.name === name)?.value
}

function namesIn(words: readonly SplWord[]): readonly string[] {
  return words.map(({ name }) => name)
}

function keep(
  names: readonly string[],
  words: readonly SplWord[],
  columns: Columns,
  flow: Flow,
): Columns {
  flow.check.expect(
    columns,
    words.filter(({ name }) => names.includes(name) && !/[*{}]/.test(name)),
  )
  return columns.only(names)
}

function afterFields({ words }: SplPlain, columns: Columns, flow: Flow): Columns {
  const [sign] = words
  const isSigned = sign?.name === '-' || sign?.name === '+'
  const listed = isSigned ? words.slice(1) : words
  const names = namesIn(listed)
  if (sign?.name === '-' || sign?.name.startsWith('-')) {
    return columns.without(names.flatMap((name) => columns.matching(name.replace(/^-/, ''))))
  }
  return keep(names, listed, columns, flow).with(['_time', '_raw'])
}

/** Words that are no fields: counts, directions, keywords, what a function is given. */
const NO_NAME = /^[-+]?(?:\d+|asc|desc|a|d|sortby|num|str|ip|auto|limit)?$/i

function afterNamed({ words }: SplPlain, columns: Columns, flow: Flow): Columns {
  const named = words.flatMap((word) => {
    if (NO_NAME.test(word.name) || /[*{}]/.test(word.name)) return []
    return [{ ...word, name: word.name.replace(/^[-+]/, '') }]
  })
  flow.check.expect(columns, named)
  return columns
}

function afterTop(command: SplPlain, _columns: Columns): Columns {
  const names = [
    option(command, 'countfield') ?? 'count',
    option(command, 'percentfield') ?? 'percent',
  ]
  return new Columns([...namesIn(command.words), ...names])
}

function afterRex(command: SplPlain, columns: Columns, flow: Flow): Columns {
  const { options, words } = command
  const field = options.find(({ name }) => name === 'field')
  if (field) flow.check.expect(columns, [{ ...field, name: field.value }])
  if (option(command, 'mode') === 'sed') return columns
  const made = words.flatMap(({ name }) =>
    [...name.matchAll(/\(\?P?<(\w+)>/g)].map(([, group]) => group!),
  )
  const offset = option(command, 'offset_field')
  return columns.with(offset === undefined ? made : [...made, offset])
}

/** `lookup name in AS field OUTPUT out AS new` */
function afterLookup({ words }: SplPlain, columns: Columns, flow: Flow): Columns {
  const at = words.findIndex(({ name }) => /^output(?:new)?$/i.test(name))
  if (at >= 0) return columns.with(newNames(words.slice(at + 1)))
  const own = flow.schema.lookups?.[words[0]?.name ?? '']
  return own ? columns.with(own) : columns.opened()
}

function newNames(words: readonly SplWord[]): readonly string[] {
  return words.flatMap(({ name }, index) => {
    const isAs = (at: number) => words[at]?.name.toLowerCase() === 'as'
    return isAs(index) || isAs(index + 1) ? [] : [name]
  })
}

function afterInputLookup(command: SplPlain, columns: Columns, flow: Flow): Columns {
  const own = flow.schema.lookups?.[command.words[0]?.name ?? '']
  const rows = new Columns(own ?? [], own === undefined)
  return columns.union(rows)
}

function afterBin({ words }: SplPlain, columns: Columns, flow: Flow): Columns {
  const [field] = words
  if (field && !/^\d/.test(field.name)) flow.check.expect(columns, [field])
  return words[1]?.name.toLowerCase() === 'as' && words[2] ? columns.with([words[2].name]) : columns
}

function afterSpath(command: SplPlain, columns: Columns): Columns {
  const path = option(command, 'path') ?? command.words[0]?.name
  if (path === undefined) return columns.opened()
  return columns.with([option(command, 'output') ?? path])
}
