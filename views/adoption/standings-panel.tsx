// On the page of a rule: the targets it stands on, and how.

import type { StandsAt } from '#domain/adoption/standing.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { StandingState } from './words.tsx'

const COLUMNS = [{ label: 'Target' }, { label: 'State' }, { label: 'Last seen' }]

/** `targets` is `/w/acme/targets`. */
export const StandingsPanel = (props: { targets: string; standings: readonly StandsAt[] }) =>
  props.standings.length === 0 ? null : (
    <Panel title="Where it stands" id="standings">
      <Table label="Where it stands" columns={COLUMNS} isStacked>
        {props.standings.map((one) => (
          <tr>
            <th scope="row" class="wrap">
              <a href={pathOf(props.targets, one)}>
                <Foreign text={one.targetName} class="break" />
              </a>
            </th>
            <td class="wrap">
              <StandingState of={one.state} />{' '}
              {one.origin === 'baseline' && <span class="muted small">adopted </span>}
              {one.ownership === 'observe' && <Badge icon="lock">observed</Badge>}
            </td>
            <td class="nowrap">
              <Time at={one.checkedAt} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  )

const pathOf = (targets: string, { targetId, observedId }: StandsAt) =>
  observedId === null ? `${targets}/${targetId}` : `${targets}/${targetId}/rules/${observedId}`
