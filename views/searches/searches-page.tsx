// What was asked, newest first, and what is kept under a name.

import type { Search, SearchOutcome } from '#domain/searches/search.ts'
import { LANGUAGE_NAMES } from '#kernel/siem.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { rowsInWords, SearchBadge } from './words.tsx'

export interface SearchesPageProps {
  /** `/w/acme/searches`. */
  readonly path: string
  readonly items: readonly (Search & { readonly outcome: SearchOutcome | undefined })[]
  readonly isSaved: boolean
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
  const { path, items, isSaved } = props
  const here = isSaved ? `${path}?saved=yes` : path
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
      <nav class="views" aria-label="Which searches">
        <a href={path} aria-current={isSaved ? undefined : 'page'}>
          All
        </a>
        <a href={`${path}?saved=yes`} aria-current={isSaved ? 'page' : undefined}>
          Saved
        </a>
      </nav>
      <section class="panel" aria-label="Searches">
        {items.length === 0 ? (
          <Empty
            icon="search"
            title={isSaved ? 'Nothing is saved' : 'Nobody has asked anything yet'}
            actions={
              <LinkButton kind="primary" href={`${path}/new`}>
                New search
              </LinkButton>
            }
          >
            {isSaved
              ? 'A search that you save stands here, to be asked again.'
              : 'One question goes to as many targets as you tick. It only reads, and every text that leaves is in the audit log.'}
          </Empty>
        ) : (
          <Table label="Table of searches" columns={COLUMNS} isStacked>
            {items.map((search) => (
              <Line search={search} path={path} />
            ))}
          </Table>
        )}
        <Pager
          shown={<span role="status">{count(props.count, 'search', 'searches')}</span>}
          first={props.cursor === null ? null : here}
          next={
            props.next === null
              ? null
              : `${path}?${new URLSearchParams({ ...(isSaved && { saved: 'yes' }), cursor: props.next }).toString()}`
          }
        />
      </section>
    </>
  )
}

const Line = ({ search, path }: { search: SearchesPageProps['items'][number]; path: string }) => (
  <tr>
    <th scope="row">
      <a href={`${path}/${search.id}`} class="break">
        <Foreign text={search.title} />
      </a>{' '}
      <span class="muted small">{LANGUAGE_NAMES[search.language]}</span>
    </th>
    <td>
      <SearchBadge outcome={search.outcome} />
    </td>
    <td class="break">{search.segments.map(({ targetName }) => targetName).join(', ')}</td>
    <td class="num">
      {rowsInWords(search.segments.reduce((sum, { rowCount }) => sum + rowCount, 0))}
    </td>
    <td>
      <Time at={search.createdAt} />
    </td>
  </tr>
)
