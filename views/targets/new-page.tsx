// Adding a target: the kind first, then only its fields, beside the vendor's steps for an account that
// may do no more than it must.

import type { SettingField } from '#domain/targets/settings.ts'
import type { SiemKind } from '#domain/targets/port.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { CodeArea, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { KindIcon } from './words.tsx'

/** What was typed, by the names of the fields. */
export type Typed = Readonly<Record<string, string>>

export interface KindChoice {
  readonly kind: SiemKind
  readonly label: string
  readonly about: string
}

export const ChooseKindPage = (props: { path: string; kinds: readonly KindChoice[] }) => (
  <>
    <Head title="Add a target" />
    <Panel title="What kind of SIEM is it?" id="kinds">
      <ul class="rows">
        {props.kinds.map(({ kind, label, about }) => (
          <li>
            <KindIcon of={kind} />
            <div class="grow">
              <a href={`${props.path}/new?kind=${kind}`}>
                <strong>{label}</strong>
              </a>
              <p class="muted small">{about}</p>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  </>
)

export interface NewTargetShown {
  readonly path: string
  readonly kind: SiemKind
  readonly label: string
  readonly fields: readonly SettingField[]
  readonly steps: readonly string[]
  readonly typed: Typed
  readonly problems: FieldProblems
}

export const NewTargetPage = ({ shown }: { shown: NewTargetShown }) => (
  <>
    <Head title={`Add ${shown.label}`} />
    <div class="split">
      <Panel title="The target" id="new-target">
        <PanelBody>
          <form method="post" action={`${shown.path}/new?kind=${shown.kind}`} class="stack">
            <NameField typed={shown.typed} problems={shown.problems} />
            <StageField typed={shown.typed} problems={shown.problems} />
            <SettingFields {...shown} />
            <CaField typed={shown.typed} problems={shown.problems} />
            <p class="hint">
              It is added read-only. What it signs in with comes next, and is asked for once.
            </p>
            <div class="row">
              <Button kind="primary">Add target</Button>
              <LinkButton href={`${shown.path}/new`}>Another kind</LinkButton>
            </div>
          </form>
        </PanelBody>
      </Panel>
      <StepsPanel title="An account that may only read" steps={shown.steps} />
    </div>
  </>
)

export const StepsPanel = (props: { title: string; steps: readonly string[]; id?: string }) => (
  <Panel title={props.title} id={props.id ?? 'steps'}>
    <PanelBody>
      <ol class="numbered">
        {props.steps.map((step) => (
          <li>{step}</li>
        ))}
      </ol>
    </PanelBody>
  </Panel>
)

interface FormPart {
  readonly typed: Typed
  readonly problems: FieldProblems
}

export const NameField = ({ typed, problems }: FormPart) => (
  <Field
    name="name"
    label="Name"
    hint="Short and lasting: rules name it. Small letters, digits and dashes."
    {...{ problems }}
  >
    {(attributes) => (
      <input
        {...attributes}
        class="input mono"
        value={typed['name'] ?? ''}
        maxlength={63}
        required
        autocomplete="off"
        placeholder="splunk-london"
      />
    )}
  </Field>
)

const STAGES = [
  ['production', 'Production'],
  ['test', 'Test'],
  ['dev', 'Development'],
] as const

export const StageField = ({ typed, problems }: FormPart) => (
  <Field name="stage" label="Stage" {...{ problems }}>
    {(attributes) => (
      <Select {...attributes} value={typed['stage'] ?? 'production'} options={STAGES} />
    )}
  </Field>
)

export const SettingFields = ({
  fields,
  typed,
  problems,
}: FormPart & { fields: readonly SettingField[] }) => (
  <>
    {fields.map(({ name, label, hint, example, isOptional, choices }) => {
      const field = `settings.${name}`
      const value = typed[field] ?? ''
      return (
        <Field name={field} label={label} hint={hint} {...{ problems }}>
          {(attributes) =>
            choices === undefined ? (
              <input
                {...attributes}
                value={value}
                maxlength={500}
                required={isOptional !== true}
                placeholder={example}
                autocomplete="off"
                spellcheck={false}
              />
            ) : (
              <Select {...attributes} value={value} options={choices} />
            )
          }
        </Field>
      )
    })}
  </>
)

export const CaField = ({ typed, problems }: FormPart) => (
  <Field
    name="ca"
    label="Certificate authority"
    hint="PEM of your own authority, or of a certificate that signed itself. Empty: the authorities of this machine."
    {...{ problems }}
  >
    {(attributes) => <CodeArea {...attributes} rows={3} value={typed['ca'] ?? ''} />}
  </Field>
)
