// What was asked, newest first.

import type { Search, SearchOutcome } from '#domain/searches/search.ts'
import type { Actor } from '#kernel/actor.ts'
import { LANGUAGE_NAMES } from '#kernel/siem.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { rowsInWords, SearchBadge } from './words.tsx'

export interface SearchesFilter {
  readonly q: string
  /** Id of a target; empty for any. */
  readonly target: string
  readonly state: '' | 'open' | 'short'
  readonly by: '' | 'me'
}

export interface SearchesPageProps {
  /** `/w/acme/searches`. */
  readonly path: string
  readonly items: readonly (Search & { readonly outcome: SearchOutcome | undefined })[]
  readonly names: ReadonlyMap<Actor, string>
  readonly filter: SearchesFilter
  readonly targets: readonly { readonly id: string; readonly name: string }[]
  readonly count: number
  readonly cursor: string | null
  readonly next: string | null
}

const COLUMNS = [
  { label: 'Search' },
  { label: 'Outcome' },
  { label: 'Targets' },
  { label: 'Rows', isNumber: true },
  { label: 'Asked' },
]

export const SearchesPage = (props: SearchesPageProps) => {
  const { path, items, filter } = props
  const isNarrowed = Object.values(filter).some((part) => part !== '')
  return (
    <>
      <Head
        title="Searches"
        actions={
          <LinkButton kind="primary" icon="plus" href={`${path}/new`} data-keys="n">
            New search
          </LinkButton>
        }
      />
      <SearchViews path={path} current="all" />
      <section class="panel" aria-label="Searches">
        <FilterBar {...props} />
        {items.length > 0 ? (
          <Table label="Table of searches" columns={COLUMNS} isStacked>
            {items.map((search) => (
              <Line search={search} path={path} names={props.names} />
            ))}
          </Table>
        ) : isNarrowed ? (
          <Empty
            icon="list-filter"
            title="No search fits"
            actions={<LinkButton href={path}>Show all searches</LinkButton>}
          >
            Searches there are, but none that the filter leaves.
          </Empty>
        ) : (
          <Empty
            icon="search"
            title="Nobody has asked anything yet"
            actions={
              <LinkButton kind="primary" href={`${path}/new`}>
                New search
              </LinkButton>
            }
          >
            One question goes to as many targets as you tick. It only reads, and every text that
            leaves is in the audit log.
          </Empty>
        )}
        <Pager
          shown={<span role="status">{count(props.count, 'search', 'searches')}</span>}
          first={props.cursor === null ? null : urlOfList(path, filter)}
          next={props.next === null ? null : urlOfList(path, filter, props.next)}
        />
      </section>
    </>
  )
}

/** All, or what is kept to be asked again. */
export const SearchViews = ({
  path,
  current,
}: {
  path: string
  current: 'all' | 'saved' | 'forecasts'
}) => (
  <nav class="views" aria-label="Which searches">
    <a href={path} aria-current={current === 'all' ? 'page' : undefined}>
      All
    </a>
    <a href={`${path}/saved`} aria-current={current === 'saved' ? 'page' : undefined}>
      Saved
    </a>
    <a
      href={path.replace(/searches$/, 'forecasts')}
      aria-current={current === 'forecasts' ? 'page' : undefined}
    >
      Forecasts
    </a>
  </nav>
)

const STATES = [
  ['', 'Any outcome'],
  ['open', 'Still running'],
  ['short', 'A target did not answer'],
] as const

const FilterBar = ({ path, filter, targets }: SearchesPageProps) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Filter searches">
    <SearchBox label="Words" name="q" value={filter.q} maxlength={200} data-keys="/" />
    <FilterSelect
      label="Target"
      name="on"
      value={filter.target}
      options={[['', 'Any target'], ...targets.map(({ id, name }) => [id, name] as const)]}
    />
    <FilterSelect label="Outcome" name="state" value={filter.state} options={STATES} />
    <Check name="by" value="me" checked={filter.by === 'me'} label="Asked by me" />
    <Button size="s">Filter</Button>
  </form>
)

function urlOfList(path: string, { q, target, state, by }: SearchesFilter, cursor = ''): string {
  const parts = Object.entries({ q, on: target, state, by, cursor })
  const query = new URLSearchParams(parts.filter(([, value]) => value !== ''))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

export const Line = ({
  search,
  path,
  names,
}: {
  search: SearchesPageProps['items'][number]
  path: string
  names: SearchesPageProps['names']
}) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${path}/${search.id}`} class="break">
        <Foreign text={search.title} />
      </a>{' '}
      <span class="muted small">{LANGUAGE_NAMES[search.language]}</span>
    </th>
    <td>
      <SearchBadge outcome={search.outcome} />
    </td>
    <td class="break cell-wide">
      {search.segments.map(({ targetName }) => targetName).join(', ')}
    </td>
    <td class="num">
      {rowsInWords(search.segments.reduce((sum, { rowCount }) => sum + rowCount, 0))}
    </td>
    <td class="wrap">
      <Time at={search.createdAt} />{' '}
      <bdi class="muted small break">{describeActor(search.createdBy, names)}</bdi>
    </td>
  </tr>
)
