// What was written to targets, newest first.

import type { Deployment } from '#domain/deployments/deployment.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { withQuery } from '#views/parts/address.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { countsInWords } from './progress.tsx'
import { DEPLOYMENT_STATE_WORDS, DeploymentStateBadge, kindOfRun } from './words.tsx'

export interface DeploymentsPageProps {
  /** `/w/acme/deployments`. */
  readonly path: string
  readonly changes: string
  readonly items: readonly Deployment[]
  readonly count: number
  readonly filter: { readonly q: string; readonly state: string }
  readonly names: ReadonlyMap<Actor, string>
  readonly cursor: string | null
  readonly next: string | null
}

const COLUMNS = [
  { label: 'Deployment' },
  { label: 'State' },
  { label: 'Items' },
  { label: 'By' },
  { label: 'Started' },
]

export const DeploymentsPage = (props: DeploymentsPageProps) => (
  <>
    <Head title="Deployments" />
    <section class="panel" aria-label="Deployments">
      <FilterBar {...props} />
      {props.items.length === 0 ? (
        <None {...props} />
      ) : (
        <Table label="Table of deployments" columns={COLUMNS} isStacked>
          {props.items.map((one) => (
            <Line {...props} of={one} />
          ))}
        </Table>
      )}
      <Pager
        shown={<span role="status">{count(props.count, 'deployment')}</span>}
        first={props.cursor === null ? null : withQuery(props.path, props.filter)}
        next={props.next && withQuery(props.path, { ...props.filter, cursor: props.next })}
      />
    </section>
  </>
)

const FilterBar = ({ path, filter }: DeploymentsPageProps) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Filter deployments">
    <SearchBox label="Words in the title" name="q" value={filter.q} maxlength={200} data-keys="/" />
    <FilterSelect
      name="state"
      label="State"
      value={filter.state}
      options={[['', 'Any state'], ...DEPLOYMENT_STATE_WORDS]}
    />
    <Button size="s">Filter</Button>
  </form>
)

const None = ({ path, changes, filter }: DeploymentsPageProps) =>
  filter.q === '' && filter.state === '' ? (
    <Empty
      icon="rocket"
      title="Nothing was deployed yet"
      actions={<LinkButton href={changes}>Changes</LinkButton>}
    >
      An approved change is deployed item by item; each is read back and compared before it counts,
      and can be rolled back.
    </Empty>
  ) : (
    <Empty
      icon="list-filter"
      title="No deployment fits"
      actions={<LinkButton href={path}>Show all</LinkButton>}
    >
      Something was deployed, but nothing that the filter leaves.
    </Empty>
  )

const Line = ({ of, path, names }: DeploymentsPageProps & { of: Deployment }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${path}/${of.id}`} class="break" data-row>
        <Foreign text={clip(of.changeTitle, 200)} />
      </a>{' '}
      {(of.isDryRun || of.kind === 'rollback') && <Badge>{kindOfRun(of)}</Badge>}
    </th>
    <td>
      <DeploymentStateBadge of={of.state} />
    </td>
    <td class="wrap">
      <CellLabel>Items</CellLabel>
      {countsInWords(of)}
    </td>
    <td class="wrap break">
      <bdi>{describeActor(of.startedBy, names)}</bdi>
    </td>
    <td class="nowrap">
      <Time at={of.startedAt} />
    </td>
  </tr>
)
