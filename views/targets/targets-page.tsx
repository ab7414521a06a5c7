// The SIEMs of a workspace: how each is, and when it was looked at.

import type { SiemKind } from '#domain/targets/port.ts'
import type { Target, TargetHealth } from '#domain/targets/target.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { HealthBadge, KindIcon, ModeBadge, STAGE_WORDS } from './words.tsx'

export interface TargetsShown {
  /** `/w/acme/targets`. */
  readonly path: string
  /** `/w/acme/mappings`. */
  readonly mappings: string
  readonly targets: readonly { readonly target: Target; readonly health: TargetHealth }[]
  readonly labels: Readonly<Record<SiemKind, string>>
  readonly first: string | null
  readonly next: string | null
  readonly mayWrite: boolean
}

export const TargetsPage = ({ shown }: { shown: TargetsShown }) => (
  <>
    <Head
      title="Targets"
      actions={
        <>
          <LinkButton href={shown.mappings}>Mappings</LinkButton>
          {shown.mayWrite && (
            <LinkButton kind="primary" href={`${shown.path}/new`} icon="plus">
              Add target
            </LinkButton>
          )}
        </>
      }
    />
    <TargetList shown={shown} />
  </>
)

const COLUMNS = [
  { label: 'Target' },
  { label: 'Stage' },
  { label: 'Mode' },
  { label: 'Health' },
  { label: 'Last check' },
]

export const TargetList = ({ shown }: { shown: TargetsShown }) => (
  <section class="panel" id="target-list" aria-label="Targets" {...hxLive(shown.path, ['target'])}>
    <Table label="Targets, by name" columns={COLUMNS} isStacked>
      {shown.targets.map(({ target, health }) => (
        <tr>
          <th scope="row" class="wrap">
            <span class="kind-name">
              <KindIcon of={target.kind} />
              <a href={`${shown.path}/${target.id}`}>
                <Foreign text={target.name} class="break" />
              </a>
              <span class="muted small">{shown.labels[target.kind]}</span>
            </span>
          </th>
          <td>{STAGE_WORDS[target.stage]}</td>
          <td>
            <ModeBadge of={target.mode} />
          </td>
          <td class="wrap">
            <HealthBadge of={health.state} />{' '}
            {health.reason !== '' && <Foreign text={health.reason} class="muted small break" />}
          </td>
          <td class="nowrap">
            {health.checkedAt === null ? <Unknown>never</Unknown> : <Time at={health.checkedAt} />}
          </td>
        </tr>
      ))}
    </Table>
    {shown.targets.every(({ target }) => target.kind === 'local') && (
      <Empty
        icon="crosshair"
        title="No SIEM yet"
        actions={
          shown.mayWrite && <LinkButton href={`${shown.path}/new`}>Add the first one</LinkButton>
        }
      >
        Until there is one, rules are tried on the sandbox of this workspace. A SIEM is added
        read-only: nothing is written there until somebody says so.
      </Empty>
    )}
    {(shown.first ?? shown.next) !== null && (
      <Pager shown="" first={shown.first} next={shown.next} words={['First', 'Next']} />
    )}
  </section>
)
