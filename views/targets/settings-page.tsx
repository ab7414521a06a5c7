// What a target is: its name, address, mode and limits; and taking it away.

import type { SettingField } from '#domain/targets/settings.ts'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { CodeArea, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { CaField, NameField, SettingFields, StageField, type Typed } from './new-page.tsx'
import { TargetHead, type TargetHeadProps } from './target-head.tsx'

export interface SettingsShown {
  readonly fields: readonly SettingField[]
  readonly typed: Typed
  readonly problems: FieldProblems
  /** What goes with it; empty where nothing is known to. */
  readonly dependents: readonly string[]
}

const MODES = [
  ['read_only', 'Read only: nothing is written there'],
  ['read_write', 'Read and write: approved changes are deployed'],
] as const

const DEPLOYS = [
  ['api', 'By its API'],
  ['artefact', 'As a signed package for a pipeline of yours'],
] as const

const MINUTES = [
  ['1', 'Every minute'],
  ['5', 'Every 5 minutes'],
  ['10', 'Every 10 minutes'],
  ['15', 'Every 15 minutes'],
  ['30', 'Every 30 minutes'],
  ['60', 'Every hour'],
] as const

export const TargetSettingsPage = (props: TargetHeadProps & { shown: SettingsShown }) => {
  const { shown, path, target, mayWrite } = props
  const isLocal = target.kind === 'local'
  return (
    <>
      <TargetHead {...props} />
      <div class="stack narrow">
        <Panel title="Settings" id="target-settings">
          <PanelBody>
            <form method="post" action={`${path}/settings`} class="stack">
              <input type="hidden" name="over" value={String(target.version)} />
              <fieldset class="stack plain" disabled={!mayWrite}>
                <legend class="vh">Settings of {target.name}</legend>
                <Fields shown={shown} isLocal={isLocal} />
                {mayWrite && (
                  <div class="row">
                    <Button kind="primary">Save</Button>
                  </div>
                )}
              </fieldset>
            </form>
          </PanelBody>
        </Panel>
        {mayWrite && !isLocal && (
          <Panel title="Remove this target" id="remove-target">
            <PanelBody>
              <Confirm
                id="remove"
                opener="Remove target"
                question={`Remove ${target.name}?`}
                consequence={`Its credentials go at once. What is deployed there stays and is no longer looked at. ${shown.dependents.join(' ')}`}
                keep="Keep it"
                verb="Remove target"
                path={`${path}/removal`}
              />
            </PanelBody>
          </Panel>
        )}
      </div>
    </>
  )
}

interface FieldsProps {
  readonly shown: SettingsShown
}

const Fields = ({ shown, isLocal }: FieldsProps & { isLocal: boolean }) => (
  <>
    {!isLocal && (
      <>
        <NameField {...shown} />
        <StageField {...shown} />
        <Chosen name="mode" label="Mode" options={MODES} shown={shown} />
        <SettingFields {...shown} />
        <p class="hint">Another address voids the credentials: they were typed for this one.</p>
        <CaField {...shown} />
        <PinsField shown={shown} />
        <Chosen name="deploy" label="Rules get there" options={DEPLOYS} shown={shown} />
        <Chosen name="checkMinutes" label="Health check" options={MINUTES} shown={shown} />
      </>
    )}
    <LimitFields shown={shown} />
  </>
)

const Chosen = (
  props: FieldsProps & {
    name: string
    label: string
    options: readonly (readonly [value: string, label: string])[]
  },
) => (
  <Field name={props.name} label={props.label} problems={props.shown.problems}>
    {(attributes) => (
      <Select {...attributes} value={props.shown.typed[props.name] ?? ''} options={props.options} />
    )}
  </Field>
)

const PinsField = ({ shown: { typed, problems } }: FieldsProps) => (
  <Field
    name="pins"
    label="Pinned keys"
    hint="SHA-256 of the server’s public key in base64, one a line. One of them must fit; the name in the certificate then does not count."
    {...{ problems }}
  >
    {(attributes) => <CodeArea {...attributes} rows={2} value={typed['pins'] ?? ''} />}
  </Field>
)

const LimitFields = ({ shown: { typed, problems } }: FieldsProps) => (
  <>
    <Field name="concurrency" label="Searches at a time" {...{ problems }}>
      {(attributes) => (
        <input
          {...attributes}
          type="number"
          min={1}
          max={50}
          required
          value={typed['concurrency'] ?? ''}
        />
      )}
    </Field>
    <Field
      name="parameters"
      label="Parameters"
      hint="What rules name as ${index.windows}: one a line, as index.windows = wineventlog."
      {...{ problems }}
    >
      {(attributes) => <CodeArea {...attributes} rows={4} value={typed['parameters'] ?? ''} />}
    </Field>
  </>
)
