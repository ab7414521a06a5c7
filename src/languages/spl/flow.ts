// The fields that rows may have after each command of an SPL search, and a warning for those that a
// command names and nothing before can have given. A command that is not known here may give any.
// Source: Splunk Search Reference, what each command adds and removes, read 2026-11.

import type { LineMap, Problem } from '#kernel/problem.ts'
import { Columns, NameCheck } from '#languages/columns.ts'
import type { Mention, QuerySchema, Range } from '#languages/query.ts'
import { afterPlain, type Flow } from './flow-plain.ts'
import type { SplAggregate, SplCommand, SplSearch, SplStats } from './tree.ts'
import { nodesOf, walk, type SplNode } from './walk.ts'

/** `place` says where a part of the text, with macros written out, stands for whoever reads it. */
export function checkFields(
  search: SplSearch,
  text: string,
  schema: QuerySchema,
  place: <T extends Range>(found: T) => T,
  map: LineMap,
): readonly Problem[] {
  const check = new NameCheck('spl', map, place)
  const known = Object.values(schema.tables ?? {}).flatMap((columns) => Object.keys(columns))
  const events = new Columns([...OF_EVENTS, ...known], schema.tables === undefined)
  follow(search, undefined, { check, text, schema, events, follow })
  return check.problems
}

/** What every event has, and what a search may name beside. */
const OF_EVENTS =
  `_time _raw _indextime _cd _bkt _serial _si _sourcetype _subsecond host source sourcetype
  index splunk_server splunk_server_group linecount punct eventtype tag timestamp timestartpos timeendpos
  date_hour date_mday date_minute date_month date_second date_wday date_year date_zone unix_category
  unix_group earliest latest _index_earliest _index_latest starttime endtime savedsearch savedsplunk
  search_name info_min_time info_max_time info_search_time info_sid`.split(/\s+/)

/** `before` is what a subpipeline begins with. */
function follow(search: SplSearch, before: Columns | undefined, flow: Flow): Columns {
  let columns = before ?? flow.events
  for (const [index, command] of search.commands.entries()) {
    const isFirst = index === 0 && before === undefined
    columns = after(command, columns, flow, isFirst)
  }
  return columns
}

function after(command: SplCommand, columns: Columns, flow: Flow, isFirst: boolean): Columns {
  switch (command.kind) {
    case 'search':
    case 'where':
      if (command.condition) flow.check.expect(columns, readIn(command.condition))
      for (const node of nodesOf(command)) {
        if (node.kind === 'subsearch') follow(node.search, undefined, flow)
      }
      return columns
    case 'eval':
      return command.assignments.reduce((known, { target, value }) => {
        flow.check.expect(known, readIn(value))
        return target.name.includes('{') ? known.opened() : known.with([target.name])
      }, columns)
    case 'stats':
      return afterStats(command, columns, flow)
    case 'rename':
      return command.pairs.reduce((known, { from, to }) => {
        if (from.name.includes('*')) return renamedByPattern(known, from.name, to.name)
        flow.check.expect(known, [from])
        return known.without([from.name]).with([to.name])
      }, columns)
    case 'macro':
      return columns.opened()
    case 'plain':
      return afterPlain(command, columns, flow, isFirst)
  }
}

/** No names of fields: parts of structures, tags, and `null` as it is often written. */
const NO_FIELD = /[*{}]|^tag::|^eventtype::|^"|^(?:null|true|false)$/i

/** These ask for a field that may well not be there. */
const ASKING = new Set(['coalesce', 'isnull', 'isnotnull', 'null'])

function readIn(root: SplNode): readonly Mention[] {
  const nodes = walk(root)
  const asked = new Set<SplNode>(
    nodes.flatMap((node) => (node.kind === 'call' && ASKING.has(node.name) ? node.arguments : [])),
  )
  const fields = nodes.flatMap((node) => {
    if (node.kind === 'field') return asked.has(node) ? [] : [node]
    return node.kind === 'comparison' || node.kind === 'in' ? [node.field] : []
  })
  return fields.filter(({ name }) => !NO_FIELD.test(name))
}

/** `rename Processes.* AS *`; two stars may move anything. */
function renamedByPattern(columns: Columns, from: string, to: string): Columns {
  const [head = '', tail = '', ...more] = from.split('*')
  const [newHead = '', newTail, ...moreNew] = to.split('*')
  if (more.length > 0 || moreNew.length > 0 || newTail === undefined) return columns.opened()
  const moved = columns.matching(from)
  const names = moved.map(
    (name) => newHead + name.slice(head.length, name.length - tail.length) + newTail,
  )
  return columns.without(moved).with(names)
}

/** These make a row a group; the others add to the rows there are. */
const ADDING = new Set(['eventstats', 'streamstats'])

function afterStats(command: SplStats, columns: Columns, flow: Flow): Columns {
  const { name, aggregates, by, options } = command
  const made = aggregates.flatMap((one) => namesOfAggregate(one, flow.text))
  const groups = by.map((field) => field.name)
  const all = [...made, ...groups]
  // A star stands for many fields, and one whose argument was not understood for any.
  const isOpen = all.some((one) => one.includes('*')) || aggregates.some(isSparkline)
  if (name === 'tstats' || name === 'mstats') {
    const isPrepared = options.some((one) => one.name === 'prestats')
    return new Columns([...all, '_time'], isOpen || isPrepared || made.length === 0)
  }
  flow.check.expect(
    columns,
    by.filter(({ name: field }) => !NO_FIELD.test(field)),
  )
  for (const { argument } of aggregates) {
    if (argument) flow.check.expect(columns, readIn(argument))
  }
  if (ADDING.has(name)) return isOpen ? columns.opened() : columns.with(made)
  if (name === 'stats') return new Columns(all, isOpen || made.length === 0)
  const isSplit = name !== 'timechart' || by.length > 0
  return new Columns([...all, '_time'], isOpen || isSplit)
}

function isSparkline({ name }: SplAggregate): boolean {
  return name === 'sparkline'
}

/** Without AS a field is called as its function is written, and `count` may be `c`. */
function namesOfAggregate({ name, as, start, end }: SplAggregate, text: string): readonly string[] {
  if (as) return [as.name]
  const written = text.slice(start, end).trim()
  return [name, written, written.replaceAll(/\s+/g, '').replaceAll('"', '')]
}
