// What a person made of the rows: all of it stands in the address of the page.

export interface ResultsState {
  readonly words: string
  readonly where: { readonly column: string; readonly value: string } | null
  readonly sort: { readonly column: string; readonly isDescending: boolean } | null
  /** Names of the columns shown; empty: the first few, or of rows of several kinds a summary. */
  readonly columns: readonly string[]
  readonly offset: number
  /** The row whose whole is shown. */
  readonly open: { readonly position: number; readonly index: number } | null
}

/** The page with this state. */
export function urlOf(path: string, state: ResultsState): string {
  const { words, where, sort, columns, offset, open } = state
  const query = new URLSearchParams()
  if (words !== '') query.set('q', words)
  if (where !== null) {
    query.set('column', where.column)
    query.set('value', where.value)
  }
  if (sort !== null) query.set('sort', `${sort.isDescending ? '-' : ''}${sort.column}`)
  for (const name of columns) query.append('show', name)
  if (offset > 0) query.set('offset', String(offset))
  if (open !== null) query.set('open', `${open.position}.${open.index}`)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
