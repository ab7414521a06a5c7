// What a group of rules asks of changes beyond its workspace: read by everybody, decided by admins.

import type { GroupAsks } from '#domain/rules/groups/policy.ts'
import type { Tightened } from '#domain/workspaces/group-policy.ts'
import { Button } from '#views/parts/button.tsx'
import { Field, Switch, TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Panel, PanelBody } from '#views/parts/panel.tsx'

export interface GroupAsksProps {
  /** `/w/acme/groups/grp_…`, and where what waits is confirmed. */
  readonly path: string
  readonly settings: string
  readonly asks: GroupAsks
  readonly mayAsk: boolean
}

export const AsksPanel = (props: GroupAsksProps) => (
  <Panel
    title="What its changes need"
    id="asks"
    sub="the strictest of the workspace and of every group whose rules a change holds"
  >
    <PanelBody>
      {props.asks.waiting !== undefined && (
        <Notice tone="warn" title="Something else waits for another admin.">
          It asks less than now. It is confirmed under <a href={props.settings}>Settings</a>.
        </Notice>
      )}
      <Facts facts={factsOf(props.asks.effective)} />
    </PanelBody>
    {props.mayAsk && <AsksForm {...props} />}
  </Panel>
)

function factsOf(effective: Tightened) {
  const { review, signatures, passkeySigning, testGate, soakDays, windows } = effective
  const texts = windows.filter((text) => text !== '')
  return [
    ['Signatures', review ? count(signatures, 'signature') : 'none, review is off'],
    ['With a passkey', passkeySigning ? 'yes' : 'no'],
    ['Tests must pass', testGate ? 'yes' : 'no'],
    ['Soak', soakDays === 0 ? 'none' : count(soakDays, 'day')],
    ['Windows', texts.length === 0 ? 'always' : <span class="mono pre">{texts.join('\n')}</span>],
  ] as const
}

const SWITCHES = [
  ['review', 'Changes need a signature'],
  ['passkeySigning', 'Sign with a passkey'],
  ['testGate', 'Tests must pass'],
] as const

const AsksForm = ({ path, asks: { asked, version } }: GroupAsksProps) => (
  <form method="post" action={`${path}/policy`} class="act">
    <PanelBody>
      <p class="muted">
        Beyond the workspace, for rules of this group. It can only ask for more; to ask for less
        again takes another admin.
      </p>
      <input type="hidden" name="version" value={String(version)} />
      <div class="stack">
        {SWITCHES.map(([name, label]) => (
          <Switch label={label} name={name} checked={asked[name] === true} />
        ))}
        <Field name="signatures" label="Signatures at least" hint="Empty: as the workspace asks.">
          {(attributes) => (
            <input
              {...attributes}
              type="number"
              min="1"
              max="5"
              value={String(asked.signatures ?? '')}
            />
          )}
        </Field>
        <Field name="soakDays" label="Days of soak at least" hint="Empty: as the workspace asks.">
          {(attributes) => (
            <input
              {...attributes}
              type="number"
              min="0"
              max="90"
              value={String(asked.soakDays ?? '')}
            />
          )}
        </Field>
        <Field
          name="windows"
          label="Its own windows"
          hint="As in Settings, a line each; those of the workspace have to be open too."
        >
          {(attributes) => (
            <TextArea
              {...attributes}
              class="input mono"
              rows={3}
              spellcheck={false}
              maxlength={2_000}
              value={asked.windows ?? ''}
            />
          )}
        </Field>
      </div>
      <div class="row">
        <Button>Save what it asks</Button>
      </div>
    </PanelBody>
  </form>
)
