// `parse` and `parse-where`: texts, stars and columns by turns. Source: learn.microsoft.com, Kusto
// "parse operator", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'
import { compute } from './compute.ts'
import type { ComputeScope } from './computed.ts'
import type { KustoExpression, KustoParse } from './tree.ts'
import {
  missing,
  readInstant,
  readSpan,
  textOf,
  typeNamed,
  type KustoTable,
  type KustoType,
  type KustoValue,
} from './values.ts'

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'column'; readonly name: string; readonly type: KustoType }

/** Where a text is not found, or a value is not of its type, all of the columns are empty. */
export function parseColumns(
  table: KustoTable,
  operator: KustoParse,
  scope: ComputeScope,
): KustoTable {
  if (operator.options.length > 0)
    throw unsupported(`The operator ${operator.name} with options`, operator)
  const { type, of } = compute(operator.item, scope)
  const parts = operator.patterns.map(partOf)
  const added = parts.filter((part) => part.kind === 'column')
  const columns = new Map(table.columns)
  for (const part of added) columns.set(part.name, part.type)
  const rows = table.rows.flatMap((row) => {
    const found = readParts(textOf(of(row), type), parts)
    if (found === undefined && operator.name === 'parse-where') return []
    const out = new Map(row)
    for (const part of added) out.set(part.name, found?.get(part.name) ?? missing(part.type))
    return [out]
  })
  return { columns, rows }
}

function partOf(node: KustoExpression): Part {
  if (node.kind === 'star') return { kind: 'any' }
  if (node.kind === 'literal') return { kind: 'text', text: node.text }
  if (node.kind === 'name') return { kind: 'column', name: node.name, type: 'string' }
  if (node.kind === 'typed' && node.item.kind === 'name') {
    return { kind: 'column', name: node.item.name, type: typeNamed(node.type) }
  }
  throw unsupported('This part of a pattern', node)
}

/** Each column runs to the first place of the text behind it, the last to the end. */
function readParts(
  text: string,
  parts: readonly Part[],
): ReadonlyMap<string, KustoValue> | undefined {
  const found = new Map<string, KustoValue>()
  let at = 0
  let open: Part | undefined
  const close = (end: number): boolean => {
    if (open?.kind === 'column') {
      const value = convert(text.slice(at, end), open.type)
      if (value === undefined) return false
      found.set(open.name, value)
    }
    open = undefined
    return true
  }
  for (const part of parts) {
    if (part.kind !== 'text') {
      if (open?.kind === 'column')
        throw new Refusal('bad-pattern', 'Two columns need a text between them.')
      open = part
      continue
    }
    const place =
      open === undefined ? (text.startsWith(part.text, at) ? at : -1) : text.indexOf(part.text, at)
    if (place < 0 || !close(place)) return undefined
    at = place + part.text.length
  }
  if (open === undefined) return at === text.length ? found : undefined
  return close(text.length) ? found : undefined
}

function convert(text: string, type: KustoType): KustoValue | undefined {
  switch (type) {
    case 'string':
      return text
    case 'long':
      return /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined
    case 'real':
      return /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined
    case 'datetime':
      return readInstant(text) ?? undefined
    case 'timespan':
      return readSpan(text.trim()) ?? undefined
    case 'bool':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined
    case 'dynamic':
      throw unsupported('A dynamic column in a pattern')
  }
}
