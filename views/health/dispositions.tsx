// Alerts of a rule, and what they were: told by the target or said here.

import type { AlertRef } from '#domain/health/alert.ts'
import type { Disposition } from '#domain/targets/port.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Select } from '#views/parts/field.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export const DISPOSITION_WORDS = {
  true_positive: 'True positive',
  benign_true_positive: 'Benign true positive',
  false_positive: 'False positive',
  undetermined: 'Undetermined',
} as const satisfies Record<Disposition, string>

const TONES = {
  true_positive: 'ok',
  benign_true_positive: 'accent',
  false_positive: 'warn',
  undetermined: 'unknown',
} as const satisfies Record<Disposition, Tone>

const COLUMNS = [{ label: 'When' }, { label: 'Where' }, { label: 'What it was' }]

export const AlertsTable = (props: {
  alerts: readonly AlertRef[]
  /** `/w/acme/alerts`. */
  path: string
  mayDispose: boolean
}) => (
  <Table label="Alerts, newest first" columns={COLUMNS} isStacked>
    {props.alerts.map((alert) => (
      <tr>
        <th scope="row">
          <Time at={alert.at} />
          {alert.version !== null && <div class="muted small">version {alert.version}</div>}
        </th>
        <td class="break">
          <CellLabel>Where</CellLabel>
          <Foreign text={alert.targetName} />
        </td>
        <td class="cell-wide">
          {alert.disposition !== null && (
            <Badge tone={TONES[alert.disposition]}>{DISPOSITION_WORDS[alert.disposition]}</Badge>
          )}{' '}
          {alert.disposition !== null && (
            <span class="muted small">
              {alert.disposedBy === null ? 'by the target' : describeActor(alert.disposedBy)}
            </span>
          )}
          {alert.note !== '' && (
            <div class="small break" dir="auto">
              {alert.note}
            </div>
          )}
          {props.mayDispose && <DispositionForm alert={alert} path={props.path} />}
        </td>
      </tr>
    ))}
  </Table>
)

const OPTIONS = Object.entries(DISPOSITION_WORDS) as unknown as readonly (readonly [
  string,
  string,
])[]

const DispositionForm = ({ alert, path }: { alert: AlertRef; path: string }) => (
  <form method="post" action={`${path}/${alert.id}/disposition`} class="set-one">
    <Select
      class="input input-s"
      name="disposition"
      aria-label="What it was"
      value={alert.disposition ?? 'true_positive'}
      options={OPTIONS}
    />
    <Button size="s">Set</Button>
  </form>
)
