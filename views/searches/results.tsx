// Found rows: a table of some columns, every row to open as a tree, every value to narrow by.

import type { FoundRow, FoundRows } from '#domain/searches/reading.ts'
import type { Search } from '#domain/searches/search.ts'
import type { Json } from '#kernel/json.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterChip, SearchBox } from '#views/parts/field.tsx'
import { formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { rowsInWords } from './words.tsx'

export interface ResultsState {
  readonly words: string
  readonly where: { readonly column: string; readonly value: string } | null
  readonly sort: { readonly column: string; readonly isDescending: boolean } | null
  /** Names of the columns shown; empty: the first few. */
  readonly columns: readonly string[]
  readonly offset: number
}

export interface ResultsProps {
  readonly search: Search
  readonly path: string
  readonly state: ResultsState
  readonly found: FoundRows
  readonly pageSize: number
}

/** As wide as a screen is without scrolling; the rest stands in the row. */
const COLUMNS_SHOWN = 6
const COLUMNS_OFFERED = 200
const CELL_CHARS = 200
const NARROW_CHARS = 200

export const Results = (props: ResultsProps) => {
  const { search, path, state, found } = props
  const names = columnNames(search)
  const shown = state.columns.length > 0 ? state.columns : names.slice(0, COLUMNS_SHOWN)
  const total = search.segments.reduce((sum, { rowCount }) => sum + rowCount, 0)
  return (
    <Panel title="Rows" id="rows" sub={rowsInWords(total)}>
      <Narrow {...props} names={names} shown={shown} />
      {found.rows.length === 0 ? (
        <NoRows search={search} path={path} state={state} />
      ) : (
        <div class="scroll" tabindex={0} role="region" aria-label="Found rows">
          <table class="table results">
            <thead>
              <tr>
                <th scope="col">
                  <span class="vh">Whole row</span>
                </th>
                <th scope="col">Target</th>
                {shown.map((name) => (
                  <SortHead name={name} path={path} state={state} />
                ))}
              </tr>
            </thead>
            <tbody>
              {found.rows.map((row) => (
                <Row row={row} shown={shown} path={path} state={state} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Foot {...props} />
    </Panel>
  )
}

const Narrow = ({
  path,
  state,
  names,
  shown,
}: ResultsProps & { names: readonly string[]; shown: readonly string[] }) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Narrow the rows">
    <SearchBox
      label="Words in the rows"
      name="q"
      value={state.words}
      maxlength={500}
      data-keys="/"
    />
    {state.where && (
      <>
        <input type="hidden" name="column" value={state.where.column} />
        <input type="hidden" name="value" value={state.where.value} />
        <FilterChip
          field={state.where.column}
          value={state.where.value}
          without={urlOf(path, { ...state, where: null, offset: 0 })}
        />
      </>
    )}
    {state.sort && (
      <input
        type="hidden"
        name="sort"
        value={`${state.sort.isDescending ? '-' : ''}${state.sort.column}`}
      />
    )}
    {names.length > 1 && (
      <details class="menu">
        <summary class="btn btn-s">Columns</summary>
        <div class="menu-list columns-list">
          {names.slice(0, COLUMNS_OFFERED).map((name) => (
            <label class="check">
              <input type="checkbox" name="show" value={name} checked={shown.includes(name)} />
              <bdi class="clip">{name}</bdi>
            </label>
          ))}
          <Button size="s" kind="primary">
            Show these
          </Button>
        </div>
      </details>
    )}
    <Button size="s">Narrow</Button>
  </form>
)

const SortHead = ({ name, path, state }: { name: string; path: string; state: ResultsState }) => {
  const isSorted = state.sort?.column === name
  const isDescending = isSorted && state.sort.isDescending
  const sort = { column: name, isDescending: isSorted && !isDescending }
  return (
    <th scope="col" aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : undefined}>
      <a class="sort" href={urlOf(path, { ...state, sort, offset: 0 })}>
        <bdi>{name}</bdi>
        {isSorted ? (isDescending ? ' ↓' : ' ↑') : ''}
      </a>
    </th>
  )
}

const Row = ({
  row,
  shown,
  path,
  state,
}: {
  row: FoundRow
  shown: readonly string[]
  path: string
  state: ResultsState
}) => {
  const { columns, values, segment } = row
  const valueOf = (name: string) => values[columns.findIndex((column) => column.name === name)]
  return (
    <tr>
      <td>
        <details class="row-json">
          <summary class="small">All</summary>
          <dl class="facts">
            {columns.map(({ name }, at) => (
              <>
                <dt>
                  <bdi>{name}</bdi>
                </dt>
                <dd class="break">
                  <Tree value={values[at] ?? null} />{' '}
                  <OnlyThis column={name} value={plainText(values[at])} path={path} state={state} />
                </dd>
              </>
            ))}
          </dl>
        </details>
      </td>
      <td class="nowrap">
        <Foreign text={segment.targetName} />
      </td>
      {shown.map((name) => (
        <td class={segment.timeColumn === name ? 'mono nowrap' : 'cmd'}>
          <Cell value={valueOf(name)} />
        </td>
      ))}
    </tr>
  )
}

const OnlyThis = (props: {
  column: string
  value: string | undefined
  path: string
  state: ResultsState
}) => {
  const { column, value, path, state } = props
  if (value === undefined) return null
  return (
    <a class="small" href={urlOf(path, { ...state, where: { column, value }, offset: 0 })}>
      only this
    </a>
  )
}

const Cell = ({ value }: { value: Json | undefined }) => {
  if (value === null || value === undefined) return <span class="faint">–</span>
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return (
    <Foreign
      text={text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS).toWellFormed()}…` : text}
    />
  )
}

/** A value as it is nested. */
const Tree = ({ value }: { value: Json }) => {
  if (value === null) return <span class="faint">null</span>
  if (typeof value !== 'object') return <Foreign text={String(value)} class="mono" />
  const parts = Array.isArray(value)
    ? value.map((one, at): [string, Json] => [String(at), one as Json])
    : Object.entries(value as Record<string, Json>)
  return (
    <dl class="facts">
      {parts.map(([name, part]) => (
        <>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd class="break">
            <Tree value={part} />
          </dd>
        </>
      ))}
    </dl>
  )
}

const NoRows = ({ search, path, state }: Pick<ResultsProps, 'search' | 'path' | 'state'>) => {
  if (state.words !== '' || state.where !== null) {
    return (
      <Empty
        icon="list-filter"
        title="No row fits"
        actions={<LinkButton href={path}>Show all rows</LinkButton>}
      >
        None of the rows that are kept holds what you narrow by.
      </Empty>
    )
  }
  const isRunning = search.segments.some(({ state: one }) => one === 'queued' || one === 'running')
  const hasHad = search.segments.some(({ rowCount }) => rowCount > 0)
  if (hasHad) {
    return (
      <Empty icon="clock" title="The rows are no longer kept">
        They were kept for {search.evidenceDays === 0 ? 'an hour' : `${search.evidenceDays} days`}.
        Ask again to read them anew.
      </Empty>
    )
  }
  return isRunning ? (
    <Empty icon="loader-circle" title="No rows yet">
      Rows stand here as they come.
    </Empty>
  ) : (
    <Empty icon="search" title="No rows">
      The targets that answered found nothing in this range.
    </Empty>
  )
}

const Foot = ({ path, state, found, pageSize }: ResultsProps) => {
  const { rows, isEnd, sortedOver } = found
  const first = state.offset + 1
  const last = state.offset + rows.length
  return (
    <div class="pager">
      <span>
        {rows.length === 0 ? 'No rows' : `${formatNumber(first)} to ${formatNumber(last)}`}
        {sortedOver !== null && `, sorted over the first ${formatNumber(sortedOver)} only`}
      </span>
      <nav aria-label="Pages">
        {state.offset > 0 && (
          <LinkButton
            size="s"
            href={urlOf(path, { ...state, offset: Math.max(0, state.offset - pageSize) })}
          >
            Previous
          </LinkButton>
        )}
        {!isEnd && (
          <LinkButton size="s" href={urlOf(path, { ...state, offset: state.offset + pageSize })}>
            Next
          </LinkButton>
        )}
      </nav>
    </div>
  )
}

/** Of every answer, each once, times first. */
function columnNames({ segments }: Search): readonly string[] {
  const names = new Set<string>()
  for (const { timeColumn } of segments) if (timeColumn !== null) names.add(timeColumn)
  for (const { columns } of segments) for (const { name } of columns) names.add(name)
  return [...names]
}

/** A value one can narrow by; undefined for what is nested, absent or endless. */
function plainText(value: Json | undefined): string | undefined {
  if (value === null || value === undefined || typeof value === 'object') return undefined
  const text = String(value)
  return text.length <= NARROW_CHARS ? text : undefined
}

/** The page with this state, all of it in the address. */
export function urlOf(path: string, { words, where, sort, columns, offset }: ResultsState): string {
  const query = new URLSearchParams()
  if (words !== '') query.set('q', words)
  if (where !== null) {
    query.set('column', where.column)
    query.set('value', where.value)
  }
  if (sort !== null) query.set('sort', `${sort.isDescending ? '-' : ''}${sort.column}`)
  for (const name of columns) query.append('show', name)
  if (offset > 0) query.set('offset', String(offset))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
