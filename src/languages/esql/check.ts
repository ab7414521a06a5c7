// Columns that cannot be where an ES|QL query names them. Behind FROM the schema says what there is;
// commands that make, keep or drop columns say the rest. Without a schema only what follows such a
// command is checked.

import { LineMap, type Problem } from '#kernel/problem.ts'
import { Columns, columnsOfTables, NameCheck } from '#languages/columns.ts'
import type { Mention, QuerySchema } from '#languages/query.ts'
import type {
  EsqlAssignment,
  EsqlCommand,
  EsqlExpression,
  EsqlFrom,
  EsqlPlain,
  EsqlQuery,
} from './tree.ts'
import { walk } from './walk.ts'

export function checkColumns(
  query: EsqlQuery,
  text: string,
  schema: QuerySchema | undefined,
): readonly Problem[] {
  const check = new NameCheck('esql', new LineMap(text))
  follow(query.commands, new Columns([], true), { check, text, tables: schema?.tables })
  return check.problems
}

interface Flow {
  readonly check: NameCheck
  readonly text: string
  readonly tables: QuerySchema['tables']
}

function follow(commands: readonly EsqlCommand[], before: Columns, flow: Flow): Columns {
  return commands.reduce((columns, command) => after(command, columns, flow), before)
}

function after(command: EsqlCommand, columns: Columns, flow: Flow): Columns {
  const expect = (nodes: readonly EsqlExpression[]) =>
    flow.check.expect(columns, nodes.flatMap(fieldsOf))
  switch (command.kind) {
    case 'from':
      return columnsOfSource(command, flow)
    case 'stats': {
      expect(command.by.map(({ value }) => value))
      const groups = columns.with(command.by.flatMap((one) => namesOf(one, flow)))
      for (const { value, where } of command.aggregates) {
        flow.check.expect(groups, [...fieldsOf(value), ...(where ? fieldsOf(where) : [])])
      }
      const made = [...command.aggregates, ...command.by].flatMap((one) => namesOf(one, flow))
      return command.name === 'stats' ? new Columns(made) : columns.with(made)
    }
    case 'columns': {
      const named = command.columns.map((column) => column.name)
      flow.check.expect(columns, command.columns.filter(isPlainName))
      if (command.name === 'keep') return columns.only(named)
      return columns.without(named.flatMap((name) => columns.matching(name)))
    }
    case 'enrich': {
      flow.check.expect(columns, command.on === null ? [] : [command.on])
      if (command.added.length === 0) return columns.opened()
      return columns.with(command.added.flatMap((one) => namesOf(one, flow)))
    }
    case 'lookup_join': {
      const own = flow.tables?.[command.index.name]
      return own ? columns.with(Object.keys(own)) : columns.opened()
    }
    case 'fork': {
      const branches = command.branches.map((branch) => follow(branch, columns, flow))
      return branches.reduce((all, one) => all.union(one), new Columns(['_fork']))
    }
    case 'plain':
      return afterPlain(command, columns, flow)
  }
}

function columnsOfSource(command: EsqlFrom, flow: Flow): Columns {
  const metadata = command.metadata.map(({ name }) => name)
  const inner = command.subqueries.map(({ commands }) => follow(commands, OPEN, flow))
  const { tables } = flow
  const isRead = command.patterns.length > 0 || inner.length === 0
  const own =
    tables === undefined
      ? OPEN
      : new Columns(
          columnsOfTables(
            tables,
            command.patterns.map(({ name }) => name),
          ),
        )
  const all = isRead ? [own, ...inner] : inner
  return all.reduce((sum, one) => sum.union(one), new Columns(metadata))
}

const OPEN = new Columns([], true)
/** These pass the columns on as they are. */
const KEEPS = new Set(['where', 'sort', 'limit', 'mv_expand', 'sample', 'insist'])

function afterPlain(command: EsqlPlain, columns: Columns, flow: Flow): Columns {
  const { name, arguments: given } = command
  const expect = (known: Columns, value: EsqlExpression) =>
    flow.check.expect(known, fieldsOf(value).filter(isPlainName))
  switch (name) {
    case 'row':
      return new Columns(given.flatMap((one) => namesOf(one, flow)))
    case 'eval':
      return given.reduce((known, one) => {
        expect(known, one.value)
        return known.with(namesOf(one, flow))
      }, columns)
    case 'rename':
      return afterRename(command, columns, expect)
    case 'dissect':
    case 'grok': {
      const [subject, pattern] = given.map(({ value }) => value)
      if (subject) expect(columns, subject)
      if (pattern?.kind !== 'literal') return columns.opened()
      return columns.with(namesInPattern(String(pattern.value)))
    }
    default:
      if (!KEEPS.has(name)) return columns.opened()
      for (const { value } of given) expect(columns, value)
      return columns
  }
}

/** `old AS new`, `new = old` */
function afterRename(
  { arguments: given }: EsqlPlain,
  columns: Columns,
  expect: (known: Columns, value: EsqlExpression) => void,
): Columns {
  let known = columns
  for (const [at, { target, value, words }] of given.entries()) {
    const next = given[at + 1]
    const to = target?.name ?? (next?.words === 'as' ? nameOf(next.value) : undefined)
    const from = nameOf(value)
    if (words === 'as' || from === undefined || to === undefined) continue
    expect(known, value)
    known = known.without([from]).with([to])
  }
  return known
}

function nameOf(node: EsqlExpression): string | undefined {
  return node.kind === 'field' ? node.name : undefined
}

/** `%{key}` of DISSECT, `%{WORD:key:int}` and `(?<key>…)` of GROK. */
function namesInPattern(pattern: string): readonly string[] {
  const keys = [...pattern.matchAll(/%\{[+?*&]?([^}]*)\}/g)].map(([, key]) => key!)
  const groups = [...pattern.matchAll(/\(\?<([\w.@-]+)>/g)].map(([, name]) => name!)
  return [
    ...groups,
    ...keys.flatMap((key) => [key.replace(/(?:\/\d+)?(?:->)?$/, ''), key.split(':')[1] ?? '']),
  ]
}

/** A column without a name is called as its expression is written; blanks in it may differ. */
function namesOf({ target, value, start, end }: EsqlAssignment, { text }: Flow): readonly string[] {
  if (target) return [target.name]
  if (value.kind === 'field') return [value.name]
  const written = text.slice(start, end).trim()
  return [written, written.replaceAll(/\s+/g, '')]
}

function fieldsOf(node: EsqlExpression): readonly Mention[] {
  return walk(node).filter((one) => one.kind === 'field')
}

function isPlainName({ name }: Mention): boolean {
  return !name.includes('*')
}
