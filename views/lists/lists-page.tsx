// The reference lists of a workspace.

import type { ReferenceList } from '#domain/rules/lists/list.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Check, SearchBox } from '#views/parts/field.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export interface ListsPageProps {
  /** `/w/acme/lists`. */
  readonly path: string
  readonly words: string
  readonly isOverdueOnly: boolean
  readonly items: readonly (ReferenceList & { readonly isOverdue: boolean })[]
  readonly count: number
  readonly cursor: string | null
  readonly next: string | null
  readonly mayWrite: boolean
}

export const ListsPage = (props: ListsPageProps) => {
  const { path, words, isOverdueOnly, items, mayWrite } = props
  const isNarrowed = words !== '' || isOverdueOnly
  return (
    <>
      <Head
        title="Reference lists"
        actions={
          mayWrite && (
            <LinkButton kind="primary" icon="plus" href={`${path}/new`} data-keys="n">
              New list
            </LinkButton>
          )
        }
        meta={['Values that rules and exclusions name by %name% instead of repeating them.']}
      />
      {(items.length > 0 || isNarrowed) && (
        <form class="filters" role="search" action={path}>
          <SearchBox label="Find by name, owner or words" name="q" value={words} data-keys="/" />
          <Check name="overdue" value="1" label="To be looked at again" checked={isOverdueOnly} />
          <Button size="s">Filter</Button>
        </form>
      )}
      {items.length === 0 ? (
        <section class="panel" aria-label="Reference lists">
          <NoLists path={path} isNarrowed={isNarrowed} mayWrite={mayWrite} />
        </section>
      ) : (
        <ListTable {...props} />
      )}
    </>
  )
}

const ListTable = (props: ListsPageProps) => (
  <div class="panel">
    <Table
      label="Reference lists"
      isStacked
      columns={[
        { label: 'Name' },
        { label: 'Values' },
        { label: 'Owner' },
        { label: 'Look at it again' },
      ]}
    >
      {props.items.map((one) => (
        <tr>
          <th scope="row">
            <a href={`${props.path}/${one.id}`} class="mono break">
              {one.name}
            </a>
            {one.about !== '' && (
              <p class="small break prose" dir="auto">
                {clip(one.about, 200)}
              </p>
            )}
          </th>
          <td>
            <CellLabel>Values</CellLabel>
            {one.values.length}
          </td>
          <td class="break">
            <CellLabel>Owner</CellLabel>
            <Foreign text={one.owner} />
          </td>
          <td>
            <CellLabel>Look at it again</CellLabel>
            {one.isOverdue ? <Badge tone="warn">overdue</Badge> : <Time at={one.reviewBy} />}
          </td>
        </tr>
      ))}
    </Table>
    <Pager
      shown={count(props.count, 'list')}
      first={props.cursor === null ? null : addressOf(props, null)}
      next={props.next === null ? null : addressOf(props, props.next)}
      words={['First', 'Next']}
    />
  </div>
)

const NoLists = (props: { path: string; isNarrowed: boolean; mayWrite: boolean }) =>
  props.isNarrowed ? (
    <Empty icon="search" title="No list fits" actions={<a href={props.path}>Show all</a>}>
      None has these words, or none of them is overdue.
    </Empty>
  ) : (
    <Empty
      icon="list-checks"
      title="No list yet"
      actions={props.mayWrite && <LinkButton href={`${props.path}/new`}>New list</LinkButton>}
    >
      Names of admins, addresses of scanners, hosts that may do what others may not: kept once, with
      an owner, and written into every rule that names them.
    </Empty>
  )

function addressOf({ path, words, isOverdueOnly }: ListsPageProps, cursor: string | null): string {
  const query = new URLSearchParams({
    ...(words !== '' && { q: words }),
    ...(isOverdueOnly && { overdue: '1' }),
    ...(cursor !== null && { cursor }),
  })
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
