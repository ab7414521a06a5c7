// What was written to targets, newest first.

import type { Deployment } from '#domain/deployments/deployment.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { clip } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { countsInWords } from './progress.tsx'
import { DeploymentStateBadge, kindOfRun } from './words.tsx'

export interface DeploymentsPageProps {
  /** `/w/acme/deployments`. */
  readonly path: string
  readonly changes: string
  readonly items: readonly Deployment[]
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
      {props.items.length === 0 ? (
        <Empty
          icon="rocket"
          title="Nothing was deployed yet"
          actions={<LinkButton href={props.changes}>Changes</LinkButton>}
        >
          An approved change is deployed item by item; each is read back and compared before it
          counts, and can be rolled back.
        </Empty>
      ) : (
        <Table label="Table of deployments" columns={COLUMNS} isStacked>
          {props.items.map((one) => (
            <Line {...props} of={one} />
          ))}
        </Table>
      )}
      <Pager
        shown={<span role="status">{props.items.length === 0 ? 'None' : 'Newest first'}</span>}
        first={props.cursor === null ? null : props.path}
        next={props.next && `${props.path}?cursor=${encodeURIComponent(props.next)}`}
      />
    </section>
  </>
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
