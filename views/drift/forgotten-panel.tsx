// What is ours on targets and has no place any more, with the one step that opens a change against it.

import type { Forgotten } from '#domain/adoption/forgotten.ts'
import { Button } from '#views/parts/button.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

interface Props {
  /** `/w/acme/drift`, of rules and of targets. */
  readonly path: string
  readonly rules: string
  readonly targets: string
  readonly forgotten: readonly Forgotten[]
  readonly mayResolve: boolean
}

const COLUMNS = [{ label: 'Rule' }, { label: 'Target' }, { label: 'There as' }, { label: 'Seen' }]
const SHOWN = 50

export const ForgottenPanel = ({ path, rules, targets, forgotten, mayResolve }: Props) => (
  <Panel
    title="Ours, and forgotten"
    id="forgotten"
    action={
      mayResolve && (
        <form method="post" action={`${path}/prune`}>
          <Button>Remove {forgotten.length === 1 ? 'it' : 'them'} by a change</Button>
        </form>
      )
    }
  >
    <PanelBody>
      Made by this installation, by their mark and their id, while the rule has no place there.
      Nothing that somebody else made is ever among them.
    </PanelBody>
    <Table label="What was forgotten, by rule" columns={COLUMNS} isStacked>
      {forgotten.slice(0, SHOWN).map((one) => (
        <tr>
          <th scope="row" class="wrap">
            <a href={`${rules}/${one.ruleId}`}>
              <Foreign text={clip(one.ruleTitle, 200)} class="break" />
            </a>{' '}
            <span class="muted small">version {one.version}</span>
          </th>
          <td class="wrap">
            <CellLabel>Target</CellLabel>
            <a href={`${targets}/${one.targetId}/rules`}>
              <Foreign text={one.targetName} class="break" />
            </a>
          </td>
          <td class="wrap small">
            <CellLabel>There as</CellLabel>
            <Foreign text={clip(one.name, 200)} class="break" />
            {one.isEnabled === false && <span class="muted"> (off)</span>}
          </td>
          <td class="nowrap">
            <CellLabel>Seen</CellLabel>
            <Time at={one.seenAt} />
          </td>
        </tr>
      ))}
    </Table>
    {forgotten.length > SHOWN && (
      <PanelBody>{count(forgotten.length - SHOWN, 'more', 'more')}</PanelBody>
    )}
  </Panel>
)
