// What `eval` and `where` compute. Comparisons regard case; numbers are compared as numbers where both
// sides are; a missing field makes a comparison, and its negation, neither true nor false. How several
// values compare is not documented: that is refused. Source: Splunk Search Reference, "eval", "where",
// "Evaluation functions", read 2026-11.

import {
  junction,
  Refusal,
  unsupported,
  valuesOf,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compileWildcards } from '#languages/wildcard.ts'
import { SPL_FUNCTIONS } from './eval-functions.ts'
import type { SplBinary, SplCall, SplExpression } from './tree.ts'
import { compareValues, numberIn, textIn } from './values.ts'

export type Compute = (row: Fields) => Value

export interface ComputeScope {
  /** Unix seconds. */
  readonly now: number
}

/** Throws `Refusal`. */
export function compileEval(node: SplExpression, scope: ComputeScope): Compute {
  switch (node.kind) {
    case 'all':
    case 'any':
    case 'xor':
      return logic(
        node.kind,
        node.items.map((item) => compileCondition(item, scope)),
      )
    case 'none': {
      const item = compileCondition(node.item, scope)
      return (row) => {
        const value = item(row)
        return value === null ? null : !value
      }
    }
    case 'negation': {
      const item = compileEval(node.item, scope)
      return (row) => {
        const value = numberIn(item(row))
        return value === undefined ? null : -value
      }
    }
    case 'binary':
      return binary(node, scope)
    case 'membership': {
      const left = compileEval(node.left, scope)
      const others = node.list.map((item) => compileEval(item, scope))
      return (row) => {
        const value = one(left(row), node)
        if (value === null) return null
        return others.some((other) => isEqual(value, one(other(row), node)) === true)
      }
    }
    case 'call':
      return call(node, scope)
    case 'field':
      return (row) => row.get(node.name) ?? null
    case 'literal':
      return () => node.value
    case 'macro':
      throw unsupported(`The macro ${node.name}`, node)
    case 'subsearch':
      throw unsupported('A subsearch in an expression', node)
  }
}

/** Null is neither true nor false. Throws `Refusal`. */
export function compileCondition(
  node: SplExpression,
  scope: ComputeScope,
): (row: Fields) => boolean | null {
  const compute = compileEval(node, scope)
  return (row) => {
    const value = compute(row)
    if (value === null || typeof value === 'boolean') return value
    throw new Refusal('type-mismatch', 'A condition must be true or false.', node)
  }
}

function logic(
  kind: 'all' | 'any' | 'xor',
  items: readonly ((row: Fields) => boolean | null)[],
): Compute {
  if (kind === 'xor') {
    return (row) => {
      const values = items.map((item) => item(row))
      if (values.includes(null)) return null
      return values.filter((value) => value === true).length % 2 === 1
    }
  }
  return junction(kind === 'any' ? 'or' : 'and', items)
}

/** One value or none. */
function one(value: Value, node: SplExpression): Value {
  if (typeof value !== 'object' || value === null) return value
  throw unsupported('A comparison of several values', node)
}

function isEqual(a: Value, b: Value): boolean | null {
  if (a === null || b === null) return null
  return compareValues(a, b) === 0
}

const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  '=': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
}

function binary(node: SplBinary, scope: ComputeScope): Compute {
  const { operator } = node
  const [left, right] = [compileEval(node.left, scope), compileEval(node.right, scope)]
  if (operator === 'like') {
    return (row) => {
      const [text, pattern] = [one(left(row), node), one(right(row), node)]
      return text === null || pattern === null ? null : isLike(textIn(text), textIn(pattern))
    }
  }
  const holds = ORDERS[operator]
  if (holds !== undefined) {
    return (row) => {
      const [a, b] = [one(left(row), node), one(right(row), node)]
      return a === null || b === null ? null : holds(compareValues(a, b))
    }
  }
  return (row) => {
    const [a, b] = [one(left(row), node), one(right(row), node)]
    return a === null || b === null ? null : calculate(operator, a, b, node)
  }
}

/** `%` is any text, `_` one character. */
export function isLike(text: string, pattern: string): boolean {
  return compileWildcards(pattern, { any: '%', one: '_', escape: '\\', isCaseless: false })(text)
}

/** `+` adds numbers and joins texts, `.` always joins; what is no number has no other result. */
function calculate(operator: string, a: Value, b: Value, node: SplExpression): Value {
  if (operator === '.') return textIn(a) + textIn(b)
  const [x, y] = [numberIn(a), numberIn(b)]
  if (x === undefined || y === undefined) {
    return operator === '+' && x === undefined && y === undefined ? textIn(a) + textIn(b) : null
  }
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      return y === 0 ? null : x / y
    case '%':
      return y === 0 ? null : x % y
    default:
      throw unsupported(`The operator “${operator}”`, node)
  }
}

type MakeCall = (given: readonly SplExpression[], node: SplCall, scope: ComputeScope) => Compute

/** Those that do not compute all of their arguments, or look at the whole of a list. */
const LAZY: Readonly<Record<string, MakeCall>> = {
  if: ([condition, yes, no], node, scope) => choose([condition!, yes!], no ?? node, scope),
  case: (given, _node, scope) => choose(given, undefined, scope),
  validate: (given, _node, scope) => {
    const checks = pairsOf(given, scope)
    return (row) => checks.find(({ holds }) => holds(row) !== true)?.value(row) ?? null
  },
  mvfilter: ([condition], node, scope) => {
    const name = onlyField(condition!, node)
    const holds = compileCondition(condition!, scope)
    return (row) => {
      const kept = valuesOf(row.get(name)).filter(
        (value) => holds(new Map(row).set(name, value)) === true,
      )
      return kept.length === 0 ? null : kept.length === 1 ? kept[0]! : kept
    }
  },
  mvmap: ([field, expression], node, scope) => {
    if (field?.kind !== 'field' || expression === undefined) throw unsupported('This mvmap', node)
    const compute = compileEval(expression, scope)
    return (row) => {
      const values = valuesOf(row.get(field.name)).flatMap((value) =>
        valuesOf(compute(new Map(row).set(field.name, value))),
      )
      return values.length === 0 ? null : values.length === 1 ? values[0]! : values
    }
  },
}

function call(node: SplCall, scope: ComputeScope): Compute {
  const lazy = LAZY[node.name]
  if (lazy !== undefined) return lazy(node.arguments, node, scope)
  const known = SPL_FUNCTIONS.get(node.name)
  if (known === undefined) throw unsupported(`The function ${node.name}`, node)
  const given = node.arguments.map((item) => compileEval(item, scope))
  return (row) => {
    const values = given.map((compute) => compute(row))
    if (!known.takesNull && values.some((value) => value === null)) return null
    if (!known.takesMany) for (const value of values) one(value, node)
    return known.apply(values, scope)
  }
}

interface Choice {
  readonly holds: (row: Fields) => boolean | null
  readonly value: Compute
}

function pairsOf(given: readonly SplExpression[], scope: ComputeScope): readonly Choice[] {
  const pairs: Choice[] = []
  for (let at = 0; at + 1 < given.length; at += 2) {
    const holds = compileCondition(given[at]!, scope)
    pairs.push({ holds, value: compileEval(given[at + 1]!, scope) })
  }
  return pairs
}

function choose(
  given: readonly SplExpression[],
  otherwise: SplExpression | undefined,
  scope: ComputeScope,
): Compute {
  const pairs = pairsOf(given, scope)
  const last = otherwise === undefined ? () => null : compileEval(otherwise, scope)
  return (row) => (pairs.find(({ holds }) => holds(row) === true)?.value ?? last)(row)
}

function onlyField(node: SplExpression, outer: SplCall): string {
  const names = new Set(fieldsIn(node))
  const [name] = names
  if (name === undefined || names.size > 1) throw unsupported('mvfilter over several fields', outer)
  return name
}

function fieldsIn(node: SplExpression): readonly string[] {
  switch (node.kind) {
    case 'field':
      return [node.name]
    case 'all':
    case 'any':
    case 'xor':
      return node.items.flatMap(fieldsIn)
    case 'none':
    case 'negation':
      return fieldsIn(node.item)
    case 'binary':
      return [...fieldsIn(node.left), ...fieldsIn(node.right)]
    case 'membership':
      return [node.left, ...node.list].flatMap(fieldsIn)
    case 'call':
      return node.arguments.flatMap(fieldsIn)
    default:
      return []
  }
}
