// Where targets are not as they should be, newest first.

import type { Forgotten } from '#domain/adoption/forgotten.ts'
import type { Drift } from '#domain/deployments/drift.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { ForgottenPanel } from './forgotten-panel.tsx'
import { DriftBadge, driftWords } from './words.tsx'

export interface DriftPageProps {
  /** `/w/acme/drift`, and of targets. */
  readonly path: string
  readonly targets: string
  readonly state: 'found' | 'ended' | 'all'
  readonly items: readonly Drift[]
  readonly count: number
  readonly first: string | null
  readonly next: string | null
  readonly forgotten: readonly Forgotten[]
  readonly rules: string
  readonly mayResolve: boolean
}

const VIEWS = [
  ['found', 'Open'],
  ['ended', 'Over'],
  ['all', 'All'],
] as const

const COLUMNS = [
  { label: 'What' },
  { label: 'Target' },
  { label: 'Differs' },
  { label: 'Changed there' },
  { label: 'Found' },
]

export const DriftPage = (props: DriftPageProps) => (
  <>
    <Head
      title="Drift"
      meta={['What stands on a target and is not what is to stand there.']}
      actions={
        props.mayResolve && (
          <form method="post" action={`${props.path}/scan`}>
            <Button kind="primary">Look again now</Button>
          </form>
        )
      }
    />
    <nav class="views" aria-label="Findings">
      {VIEWS.map(([state, label]) => (
        <a
          href={`${props.path}?state=${state}`}
          aria-current={props.state === state ? 'page' : undefined}
        >
          {label}
        </a>
      ))}
    </nav>
    <section class="panel" aria-label="Findings of drift">
      {props.items.length === 0 ? (
        <Nothing {...props} />
      ) : (
        <Table label="Findings of drift, newest first" columns={COLUMNS} isStacked>
          {props.items.map((one) => (
            <Line one={one} {...props} />
          ))}
        </Table>
      )}
      {props.items.length > 0 && (
        <Pager
          shown={<span role="status">{count(props.count, 'finding')}</span>}
          first={props.first}
          next={props.next}
        />
      )}
    </section>
    {props.forgotten.length > 0 && <ForgottenPanel {...props} />}
  </>
)

const Nothing = ({ state, targets }: DriftPageProps) =>
  state === 'found' ? (
    <Empty
      icon="check"
      title="Nothing has drifted"
      actions={<LinkButton href={targets}>Targets</LinkButton>}
    >
      Each reading of a target is compared with what is to stand there. Rules that are no rules of
      yours are listed with their target.
    </Empty>
  ) : (
    <Empty icon="check" title="Nothing was found so far">
      Findings that are over stay here.
    </Empty>
  )

const Line = ({ one, path, targets }: DriftPageProps & { one: Drift }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${path}/${one.id}`}>
        <Foreign text={clip(one.ruleTitle ?? one.name, 200)} class="break" />
      </a>{' '}
      <DriftBadge of={one} />
      {one.notices.map((notice) => (
        <div class="muted small break" dir="auto">
          {clip(notice, 200)}
        </div>
      ))}
    </th>
    <td class="wrap">
      <CellLabel>Target</CellLabel>
      <a href={`${targets}/${one.targetId}/rules`}>
        <Foreign text={one.targetName} class="break" />
      </a>
    </td>
    <td class="wrap small">
      <CellLabel>Differs</CellLabel>
      <span class="break" dir="auto">
        {clip(driftWords(one), 300)}
      </span>
    </td>
    <td class="wrap">
      <CellLabel>Changed there</CellLabel>
      <ChangedThere of={one} />
    </td>
    <td class="nowrap">
      <CellLabel>Found</CellLabel>
      <Time at={one.foundAt} />
    </td>
  </tr>
)

/** Who and when, as far as the target tells. */
export const ChangedThere = ({ of }: { of: Drift }) =>
  of.remoteChangedAt === null && of.remoteChangedBy === null ? (
    <Unknown />
  ) : (
    <>
      {of.remoteChangedAt !== null && <Time at={of.remoteChangedAt} />}
      {of.remoteChangedBy !== null && (
        <>
          {' '}
          by <Foreign text={clip(of.remoteChangedBy, 100)} class="break" />
        </>
      )}
    </>
  )
