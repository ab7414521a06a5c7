// What templates do with values: the filters, tests and comparisons of Jinja and the methods of texts
// that pipelines use, as tables. They read plain data by own names and reach nothing else.
// Source: jinja.palletsprojects.com, "Template Designer Documentation" 3.1, read 2026-11.

import { plainOf } from './pipeline-state.ts'

export type Names = Readonly<Record<string, unknown>>

/** How a value that has parts is written as a text. */
export const TEXT: unique symbol = Symbol('text')

export type Call = (value: unknown, given: readonly unknown[], named: Names) => unknown

export const FILTERS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['upper', (value) => textOf(value).toUpperCase()],
  ['lower', (value) => textOf(value).toLowerCase()],
  ['capitalize', (value) => capitalized(textOf(value))],
  ['title', (value) => textOf(value).replaceAll(/[\p{L}\d']+/gu, capitalized)],
  ['trim', (value) => textOf(value).trim()],
  ['string', textOf],
  ['int', (value) => Math.trunc(Number(textOf(value))) || 0],
  ['length', lengthOf],
  ['count', lengthOf],
  ['first', (value) => partsOf(value)[0]],
  ['last', (value) => partsOf(value).at(-1)],
  ['list', partsOf],
  ['reverse', (value) => partsOf(value).toReversed()],
  ['sort', (value) => partsOf(value).toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))],
  ['unique', (value) => [...new Map(partsOf(value).map((one) => [textOf(one), one])).values()]],
  ['map', (value, _given, named) => partsOf(value).map((one) => partOf(one, named['attribute']))],
  ['join', (value, [separator], { attribute }) => joined(value, separator, attribute)],
  ['default', (value, [other, isForFalse]) => otherwise(value, other, isForFalse)],
  ['d', (value, [other, isForFalse]) => otherwise(value, other, isForFalse)],
  ['replace', replaced],
  ['indent', (value, [width], named) => indented(textOf(value), named['width'] ?? width)],
  ['tojson', (value) => JSON.stringify(value ?? null)],
])

/** Of texts, and `get` of a map. */
export const METHODS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['upper', FILTERS.get('upper')!],
  ['lower', FILTERS.get('lower')!],
  ['capitalize', FILTERS.get('capitalize')!],
  ['title', FILTERS.get('title')!],
  ['strip', FILTERS.get('trim')!],
  ['replace', replaced],
  ['split', (value, [by]) => textOf(value).split(by === undefined ? /\s+/ : textOf(by))],
  ['startswith', (value, [start]) => textOf(value).startsWith(textOf(start))],
  ['endswith', (value, [end]) => textOf(value).endsWith(textOf(end))],
  ['join', (value, [list]) => joined(list, value, undefined)],
  ['get', (value, [name, other]) => partOf(value, name) ?? other],
])

export const TESTS: ReadonlyMap<string, (value: unknown) => boolean> = new Map<
  string,
  (value: unknown) => boolean
>([
  ['defined', (value) => value !== undefined],
  ['undefined', (value) => value === undefined],
  ['none', (value) => value === null || value === undefined],
  ['string', (value) => typeof value === 'string'],
  ['number', (value) => typeof value === 'number'],
  ['iterable', (value) => Array.isArray(value) || typeof value === 'string'],
])

export const COMPARISONS: ReadonlyMap<string, (a: unknown, b: unknown) => boolean> = new Map([
  ['==', (a, b) => sameOf(a) === sameOf(b)],
  ['!=', (a, b) => sameOf(a) !== sameOf(b)],
  ['<', (a, b) => Number(a) < Number(b)],
  ['>', (a, b) => Number(a) > Number(b)],
  ['<=', (a, b) => Number(a) <= Number(b)],
  ['>=', (a, b) => Number(a) >= Number(b)],
])

/** By own names only: nothing of the language around is in reach. */
export function partOf(value: unknown, name: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) && typeof name === 'number') return value.at(name)
  const key = plainOf(name)
  return Object.hasOwn(value, key) ? (value as Names)[key] : undefined
}

/** Empty texts, lists and 0 are false. */
export function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return plainOf(value)
  const text = (value as { readonly [TEXT]?: string })[TEXT]
  return text ?? JSON.stringify(value)
}

function sameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? textOf(value) : value
}

function partsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : textOf(value).split('')
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : textOf(value).length
}

export function isIn(value: unknown, list: unknown): boolean {
  if (Array.isArray(list)) return list.some((one) => sameOf(one) === sameOf(value))
  return typeof list === 'object' && list !== null && !(TEXT in list)
    ? Object.hasOwn(list, textOf(value))
    : textOf(list).includes(textOf(value))
}

function joined(value: unknown, separator: unknown, attribute: unknown): string {
  const parts = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const own = attribute === undefined ? parts : parts.map((one) => partOf(one, attribute))
  return own.map(textOf).join(textOf(separator))
}

function otherwise(value: unknown, other: unknown = '', isForFalse: unknown = false): unknown {
  return value === undefined || value === null || (isTrue(isForFalse) && !isTrue(value))
    ? other
    : value
}

function replaced(value: unknown, [from, to]: readonly unknown[]): string {
  const text = textOf(value)
  return textOf(from) === '' ? text : text.replaceAll(textOf(from), () => textOf(to))
}

function indented(text: string, width: unknown = 4): string {
  const spaces = ' '.repeat(Math.min(Math.max(Number(width) || 0, 0), 64))
  return text.replaceAll(/\n(?=.)/g, `\n${spaces}`)
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()
}
