// The address of a list of rules: its whole state stands there, so that a link shows what one saw.

import type { RuleFilter, RuleSort } from '#domain/rules/list.ts'

/** In the order of the table; the name is always there. */
export const COLUMN_NAMES = [
  'level',
  'attack',
  'source',
  'owner',
  'group',
  'status',
  'state',
  'where',
  'tests',
  'changed',
] as const
export type ColumnName = (typeof COLUMN_NAMES)[number]

/** What lists show when nobody says otherwise. */
export const USUAL_COLUMNS: readonly ColumnName[] = [
  'level',
  'attack',
  'source',
  'state',
  'tests',
  'changed',
]

export interface ListState {
  readonly filter: RuleFilter
  readonly sort: RuleSort
  readonly columns: readonly ColumnName[]
}

/** `path` is the list's. */
export function rulesUrl(path: string, state: ListState, cursor?: string): string {
  const query = listQuery(state)
  if (cursor !== undefined) query.set('cursor', cursor)
  return `${path}?${query.toString()}`
}

/** What the address says behind its `?`. Values of one key stand together, separated by commas. */
export function listQuery({ filter, sort, columns }: ListState): URLSearchParams {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(filter)) {
    const text = Array.isArray(value) ? value.join(',') : value
    if (text !== undefined && text !== '') query.set(key, String(text))
  }
  // Never left out: an address without anything is where a person's own view begins.
  query.set('sort', sort)
  if (columns.join() !== USUAL_COLUMNS.join()) query.set('columns', columns.join() || 'none')
  return query
}

/** Whether anything is left out of the list. */
export function isFiltered(filter: RuleFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '')
}
