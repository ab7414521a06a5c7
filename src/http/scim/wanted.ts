// What a directory asks to be shown (RFC 7644 sections 3.4.2 and 3.9): which things, in which order, which
// part of the list, which attributes of each. It asks in the address, or in the body of `.search`.

import { asFields, invalid, lowered, requireSchema, withoutSchema } from '#domain/identity/scim.ts'
import { readFilter, type Filter } from '#domain/identity/scim-filter.ts'
import type { HttpContext } from '#http/env.ts'

export const COUNT_MAX = 200
const COUNT_DEFAULT = 100
const NAMES_MAX = 50
const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** Names in lower case; `only` comes before `without`. */
export interface View {
  readonly only: readonly string[]
  readonly without: readonly string[]
}

export interface WantedList {
  readonly filter: Filter | undefined
  readonly sortBy: string | undefined
  readonly isDescending: boolean
  readonly offset: number
  readonly limit: number
  readonly view: View
}

/** Throws `ScimRefusal` for what cannot be read. */
export function readList(c: HttpContext): WantedList {
  return listOf({
    filter: c.req.query('filter'),
    sortby: c.req.query('sortBy'),
    sortorder: c.req.query('sortOrder'),
    startindex: numberIn(c.req.query('startIndex')),
    count: numberIn(c.req.query('count')),
    attributes: c.req.query('attributes'),
    excludedattributes: c.req.query('excludedAttributes'),
  })
}

/** The same out of the body of a search. */
export function readSearch(body: unknown): WantedList {
  const given = lowered(asFields(body))
  requireSchema(given['schemas'], SEARCH_SCHEMA)
  return listOf(given)
}

export function readView(c: HttpContext): View {
  return viewOf({
    attributes: c.req.query('attributes'),
    excludedattributes: c.req.query('excludedAttributes'),
  })
}

function listOf(given: Readonly<Record<string, unknown>>): WantedList {
  const filter = textOf(given['filter'], 'filter')
  const sortBy = textOf(given['sortby'], 'sortBy')
  const order = (textOf(given['sortorder'], 'sortOrder') ?? 'ascending').toLowerCase()
  if (order !== 'ascending' && order !== 'descending') {
    invalid('sortOrder is neither ascending nor descending.')
  }
  return {
    filter: filter === undefined ? undefined : readFilter(filter),
    sortBy: sortBy === undefined ? undefined : withoutSchema(sortBy).toLowerCase(),
    isDescending: order === 'descending',
    offset: Math.max(1, wholeOf(given['startindex'], 'startIndex') ?? 1) - 1,
    limit: Math.min(COUNT_MAX, Math.max(0, wholeOf(given['count'], 'count') ?? COUNT_DEFAULT)),
    view: viewOf(given),
  }
}

function viewOf(given: Readonly<Record<string, unknown>>): View {
  return {
    only: namesOf(given['attributes'], 'attributes'),
    without: namesOf(given['excludedattributes'], 'excludedAttributes'),
  }
}

function namesOf(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null) return []
  const names: readonly unknown[] = typeof value === 'string' ? value.split(',') : listIn(value)
  if (names.length > NAMES_MAX) invalid(`${what} names more than ${NAMES_MAX}.`)
  return names
    .map((name) => withoutSchema((textOf(name, what) ?? '').trim()).toLowerCase())
    .filter((name) => name !== '')
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : invalid('attributes are a list of names.')
}

function textOf(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : invalid(`${what} is no text.`)
}

const numberIn = (text: string | undefined): unknown =>
  text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : text

function wholeOf(value: unknown, what: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (Number.isSafeInteger(value)) return value as number
  return invalid(`${what} is no whole number.`)
}

/** Always there, whatever somebody asks for (RFC 7643 section 7, `returned`). */
const ALWAYS = ['schemas', 'id']

/** Whether an attribute is shown in whole or in part. */
export function shows({ only, without }: View, name: string): boolean {
  if (ALWAYS.includes(name)) return true
  if (only.length === 0) return !without.includes(name)
  return only.some((one) => one === name || one.startsWith(`${name}.`))
}

/** What is shown of a thing. */
export function shownOf(thing: Readonly<Record<string, unknown>>, view: View) {
  if (view.only.length === 0 && view.without.length === 0) return thing
  const shown = Object.entries(thing).filter(([name]) => shows(view, name.toLowerCase()))
  return Object.fromEntries(
    shown.map(([name, value]) => [name, partsOf(name.toLowerCase(), value, view)]),
  )
}

function partsOf(name: string, value: unknown, { only, without }: View): unknown {
  if (ALWAYS.includes(name) || only.includes(name)) return value
  if (Array.isArray(value)) return value.map((one) => partsOf(name, one, { only, without }))
  if (typeof value !== 'object' || value === null) return value
  const isShown = (part: string) =>
    only.length === 0 ? !without.includes(`${name}.${part}`) : only.includes(`${name}.${part}`)
  return Object.fromEntries(Object.entries(value).filter(([part]) => isShown(part.toLowerCase())))
}
