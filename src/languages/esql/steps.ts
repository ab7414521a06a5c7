// The processing commands of ES|QL, each as a function over rows and the columns behind it.
// Source: elastic.co/docs, ES|QL "Processing commands" 9.x, read 2026-11.

import {
  flatten,
  Refusal,
  unsupported,
  valuesOf,
  type Budget,
  type EventRecord,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { readWildcards } from '#languages/wildcard.ts'
import { compilePattern } from '#languages/sigma/test.ts'
import { compileFilter, compute } from './compute.ts'
import { edgeOf } from './operators.ts'
import type { ComputeScope } from './computed.ts'
import { compileDissect } from './dissect.ts'
import { Schema } from './schema.ts'
import { compileStats, nameOf } from './stats.ts'
import type { EsqlArgument, EsqlColumns, EsqlCommand, EsqlLookupJoin, EsqlPlain } from './tree.ts'
import { isScalar, orderOf, textFrom } from './values.ts'

export type Lookups = ReadonlyMap<string, readonly EventRecord[]>

export interface StepParts {
  readonly scope: ComputeScope
  readonly schema: Schema
  readonly budget: Budget
  readonly lookups: Lookups | undefined
}

export interface Step {
  readonly schema: Schema
  run(rows: Iterable<Fields>): Iterable<Fields>
}

/** Throws `Refusal`. */
export function compileCommand(command: EsqlCommand, parts: StepParts): Step {
  switch (command.kind) {
    case 'columns':
      return command.name === 'keep' ? keep(command, parts) : drop(command, parts)
    case 'stats':
      return compileStats(command, parts.scope, parts.schema, parts.budget)
    case 'lookup_join':
      return lookupJoin(command, parts)
    case 'plain': {
      const compile = PLAIN[command.name]
      if (compile !== undefined) return compile(command, parts)
      break
    }
    case 'from':
    case 'fork':
    case 'enrich':
      break
  }
  throw unsupported(`The command ${command.name.toUpperCase()}`, command)
}

const PLAIN: Readonly<Record<string, (command: EsqlPlain, parts: StepParts) => Step>> = {
  where,
  eval: evaluate,
  rename,
  sort,
  limit,
  mv_expand: expand,
  dissect,
}

function where(command: EsqlPlain, { scope, schema, budget }: StepParts): Step {
  const holds = compileFilter(only(command).value, scope)
  return {
    schema,
    *run(rows) {
      for (const row of rows) {
        budget.step()
        if (holds(row)) yield row
      }
    },
  }
}

function only(command: EsqlPlain): EsqlArgument {
  const [first] = command.arguments
  if (first === undefined)
    throw new Refusal('wrong-arguments', 'Something is missing here.', command)
  return first
}

/** Each assignment sees those before it. */
function evaluate(command: EsqlPlain, { scope, schema, budget }: StepParts): Step {
  let known = schema
  const assignments = command.arguments.map((item) => {
    const own = known
    const { type, of, span } = compute(item.value, { ...scope, typeOf: (name) => own.typeOf(name) })
    if (span !== undefined) throw unsupported('A column that is a span of time', item)
    const name = nameOf(item, scope)
    known = known.with(name, type)
    return { name, of }
  })
  return {
    schema: known,
    *run(rows) {
      for (const row of rows) {
        budget.step()
        for (const { name, of } of assignments) put(row, name, of(row))
        yield row
      }
    },
  }
}

function put(row: Fields, name: string, value: Value): void {
  row.delete(name)
  row.set(name, value)
}

function matcherOf(pattern: string): (name: string) => boolean {
  return compilePattern(readWildcards(pattern, { any: '*', isCaseless: false }))
}

/** An exact name wins its place over a pattern; of patterns the last one that fits. */
function keep({ columns }: EsqlColumns, { schema }: StepParts): Step {
  const isClosed = columns.every(({ name }) => !name.includes('*')) || !schema.isOpen
  for (const { name } of columns) if (!name.includes('*')) schema.typeOf(name)
  const choose = (names: readonly string[]): readonly string[] => {
    const places = new Map<string, readonly [number, number]>()
    for (const [at, { name: pattern }] of columns.entries()) {
      const isExact = !pattern.includes('*')
      const matches = matcherOf(pattern)
      const found = isExact ? [pattern] : names.filter(matches)
      for (const name of found) {
        const rank = isExact ? 2 : pattern === '*' ? 0 : 1
        if (rank >= (places.get(name)?.[0] ?? -1)) places.set(name, [rank, at])
      }
    }
    return [...places].toSorted(([, [, a]], [, [, b]]) => a - b).map(([name]) => name)
  }
  const known = choose([...schema.types.keys()])
  const types = new Map(
    known.map((name) => [name, schema.has(name) ? schema.typeOf(name) : 'unknown'] as const),
  )
  return {
    schema: new Schema(types, !isClosed),
    *run(rows) {
      for (const row of rows) {
        const names = isClosed ? known : choose([...row.keys()])
        yield new Map(names.map((name) => [name, row.get(name) ?? null]))
      }
    },
  }
}

function drop({ columns }: EsqlColumns, { schema }: StepParts): Step {
  const checks = columns.map(({ name }) => matcherOf(name))
  for (const { name } of columns) if (!name.includes('*')) schema.typeOf(name)
  const isGone = (name: string) => checks.some((check) => check(name))
  const exact = columns.map(({ name }) => name).filter((name) => !name.includes('*'))
  const gone = [...exact, ...[...schema.types.keys()].filter(isGone)]
  return {
    schema: schema.without(gone),
    *run(rows) {
      for (const row of rows) {
        for (const name of row.keys()) if (isGone(name)) row.delete(name)
        yield row
      }
    },
  }
}

function rename(command: EsqlPlain, { schema }: StepParts): Step {
  const pairs: (readonly [from: string, to: string])[] = []
  for (let at = 0; at < command.arguments.length; at++) {
    const item = command.arguments[at]!
    const next = command.arguments[at + 1]
    if (item.target !== null && item.value.kind === 'field')
      pairs.push([item.value.name, item.target.name])
    else if (next?.words === 'as' && item.value.kind === 'field' && next.value.kind === 'field') {
      pairs.push([item.value.name, next.value.name])
      at++
    } else throw new Refusal('wrong-arguments', 'RENAME needs “old AS new”.', item)
  }
  return {
    schema: pairs.reduce((known, [from, to]) => known.renamed(from, to), schema),
    *run(rows) {
      for (const row of rows) {
        for (const [from, to] of pairs) {
          const value = row.get(from) ?? null
          row.delete(from)
          put(row, to, value)
        }
        yield row
      }
    },
  }
}

/** Nulls come last, or first when the order is descending, unless the query says otherwise. */
function sort(command: EsqlPlain, { scope, schema, budget }: StepParts): Step {
  const keys = command.arguments.map(({ value, wordsAfter }) => {
    const isDown = wordsAfter.includes('desc')
    const isNullFirst = wordsAfter.includes('nulls') ? wordsAfter.includes('first') : isDown
    return { of: compute(value, scope).of, isDown, isNullFirst }
  })
  const compare = (a: Fields, b: Fields): number => {
    for (const { of, isDown, isNullFirst } of keys) {
      const [x, y] = [edgeOf(of(a), isDown), edgeOf(of(b), isDown)]
      if (x === null && y === null) continue
      if (x === null || y === null) return (x === null) === isNullFirst ? -1 : 1
      const order = orderOf(x, y, command)!
      if (order !== 0) return isDown ? -order : order
    }
    return 0
  }
  return { schema, run: (rows) => budget.collect(rows).toSorted(compare) }
}

function limit(command: EsqlPlain, { schema }: StepParts): Step {
  const { value } = only(command)
  if (value.kind !== 'literal' || typeof value.value !== 'number' || command.arguments.length > 1) {
    throw unsupported('LIMIT with more than a number', command)
  }
  const most = value.value
  return {
    schema,
    *run(rows) {
      let count = 0
      if (most === 0) return
      for (const row of rows) {
        yield row
        if (++count >= most) return
      }
    },
  }
}

function expand(command: EsqlPlain, { schema, budget }: StepParts): Step {
  const { value } = only(command)
  if (value.kind !== 'field')
    throw new Refusal('wrong-arguments', 'MV_EXPAND needs a column.', value)
  const { name } = value
  schema.typeOf(name)
  return {
    schema,
    *run(rows) {
      for (const row of rows) {
        const own = row.get(name) ?? null
        if (isScalar(own)) yield row
        else {
          for (const one of own) {
            budget.step()
            yield new Map(row).set(name, one)
          }
        }
      }
    },
  }
}

function dissect(command: EsqlPlain, { scope, schema, budget }: StepParts): Step {
  const [input, pattern, separator] = command.arguments
  if (pattern?.value.kind !== 'literal') throw unsupported('DISSECT without a pattern', command)
  const { of } = compute(input!.value, scope)
  const by = separator?.value.kind === 'literal' ? String(separator.value.value) : ''
  const dissector = compileDissect(String(pattern.value.value), by)
  return {
    schema: dissector.names.reduce((known, name) => known.with(name, 'keyword'), schema),
    *run(rows) {
      for (const row of rows) {
        budget.step()
        const value = of(row)
        const isOne = value !== null && isScalar(value)
        const found = isOne ? dissector.read(textFrom(value, 'DISSECT')) : undefined
        for (const name of dissector.names) put(row, name, found?.get(name) ?? null)
        yield row
      }
    },
  }
}

/** A left join: every match is a row of its own, and what the lookup has replaces what was there. */
function lookupJoin(command: EsqlLookupJoin, { schema, budget, lookups }: StepParts): Step {
  const table = lookups?.get(command.index.name)
  if (table === undefined) throw unsupported(`The lookup index ${command.index.name}`, command)
  const on = command.on.map((node) => {
    if (node.kind !== 'field') throw unsupported('A join by more than fields', node)
    schema.typeOf(node.name)
    return node.name
  })
  const added = new Set<string>()
  const index = new Map<string, Fields[]>()
  for (const event of table) {
    const row = flatten(event)
    for (const name of row.keys()) if (!on.includes(name)) added.add(name)
    const key = keyOf(row, on)
    if (key !== undefined) index.set(key, [...(index.get(key) ?? []), row])
  }
  return {
    schema: [...added].reduce((known, name) => known.with(name, 'unknown'), schema),
    *run(rows) {
      for (const row of rows) {
        budget.step()
        const key = keyOf(row, on)
        for (const match of (key !== undefined && index.get(key)) || [undefined]) {
          const joined = new Map(row)
          for (const name of added) put(joined, name, match?.get(name) ?? null)
          yield joined
        }
      }
    },
  }
}

/** Null, and several values, are equal to nothing. */
function keyOf(row: Fields, on: readonly string[]): string | undefined {
  const values = on.map((name) => row.get(name) ?? null)
  const isWhole = values.every((value) => valuesOf(value).length === 1)
  return isWhole ? JSON.stringify(values) : undefined
}
