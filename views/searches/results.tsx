// Found rows: a table of some columns, every row to open as a tree, every value to narrow by.

import type { FoundRows } from '#domain/searches/reading.ts'
import type { Search } from '#domain/searches/search.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterChip, SearchBox } from '#views/parts/field.tsx'
import { formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { urlOf, type ResultsState } from './results-state.ts'
import { isMixed, SummaryHeads } from './row-summary.tsx'
import { Row } from './row.tsx'
import { rowsInWords } from './words.tsx'

export interface ResultsProps {
  readonly search: Search
  /** `/w/acme/searches/sea_…` */
  readonly path: string
  /** `/w/acme/searches` */
  readonly root: string
  readonly state: ResultsState
  readonly found: FoundRows
  readonly pageSize: number
}

/** As wide as a screen is without scrolling; the rest stands in the row. */
const COLUMNS_SHOWN = 6
const COLUMNS_OFFERED = 200

export const Results = (props: ResultsProps) => {
  const { search, path, root, state, found } = props
  const names = columnNames(search)
  const isSummed = state.columns.length === 0 && isMixed(found.rows)
  const usual = isSummed ? [] : names.slice(0, COLUMNS_SHOWN)
  const shown = state.columns.length > 0 ? state.columns : usual
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
                {isSummed && <SummaryHeads />}
                {shown.map((name) => (
                  <SortHead name={name} path={path} state={state} />
                ))}
              </tr>
            </thead>
            <tbody>
              {found.rows.map((row) => (
                <Row
                  row={row}
                  shown={shown}
                  isSummed={isSummed}
                  path={path}
                  root={root}
                  state={state}
                />
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
          without={urlOf(path, { ...state, where: null, offset: 0, open: null })}
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
      <a class="sort" href={urlOf(path, { ...state, sort, offset: 0, open: null })}>
        <bdi>{name}</bdi>
        {isSorted ? (isDescending ? ' ↓' : ' ↑') : ''}
      </a>
    </th>
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
  if (isRunning) {
    return (
      <Empty icon="loader-circle" title="No rows yet">
        Rows stand here as they come.
      </Empty>
    )
  }
  const hasAnswer = search.segments.some(({ state: one }) => one === 'succeeded')
  return hasAnswer ? (
    <Empty icon="search" title="No rows">
      The targets that answered found nothing in this range.
    </Empty>
  ) : (
    <Empty icon="circle-question-mark" title="Nothing is known">
      No target answered. Each says why above.
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
            href={urlOf(path, {
              ...state,
              offset: Math.max(0, state.offset - pageSize),
              open: null,
            })}
          >
            Previous
          </LinkButton>
        )}
        {!isEnd && (
          <LinkButton
            size="s"
            href={urlOf(path, { ...state, offset: state.offset + pageSize, open: null })}
          >
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
