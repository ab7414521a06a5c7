// The address of a list of rules: its whole state stands there, so that a link shows what one saw.

import type { RuleFilter, RuleSort } from '#domain/rules/list.ts'

export interface ListState {
  readonly filter: RuleFilter
  readonly sort: RuleSort
}

/** What lists show first when nobody says otherwise. */
export const USUAL_SORT: RuleSort = 'title'

/** `path` is the list's. Values of one key stand together, separated by commas. */
export function rulesUrl(path: string, { filter, sort }: ListState, cursor?: string): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(filter)) {
    const text = Array.isArray(value) ? value.join(',') : value
    if (text !== undefined && text !== '') query.set(key, String(text))
  }
  if (sort !== USUAL_SORT) query.set('sort', sort)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

/** Whether anything is left out of the list. */
export function isFiltered(filter: RuleFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '')
}
