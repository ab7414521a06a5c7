// A provider by SAML: what is entered there, its metadata, and how long its certificates last.

import type { OwnKey } from '#domain/identity/own-keys.ts'
import type { Step } from '#domain/identity/port.ts'
import type { SamlPreset } from '#domain/identity/saml-names.ts'
import type { ProviderId } from '#kernel/id.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { CodeArea, Field, type FieldProblems } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody, Tabs } from '#views/parts/panel.tsx'
import { Code, Foreign } from '#views/parts/text.tsx'
import { ProviderNameField } from './provider-rights-fields.tsx'
import { OwnKeys } from './saml-keys.tsx'
import { SamlRights, type KnownNames, type SamlValues } from './saml-fields.tsx'
import { SamlRegistered, type ProviderAddresses } from './saml-registered.tsx'

export interface NewSamlShown extends ProviderAddresses {
  readonly path: string
  readonly id: ProviderId
  readonly preset: SamlPreset
  readonly presets: readonly (readonly [SamlPreset, label: string])[]
  readonly values: SamlValues
  readonly known: KnownNames
  readonly metadata: string
  readonly problems: FieldProblems
}

export const NewSamlPage = ({ shown }: { shown: NewSamlShown }) => (
  <>
    <Head title="New provider by SAML" />
    <Tabs
      label="Which provider"
      tabs={shown.presets.map(([preset, label]) => ({
        href: `${shown.path}?preset=${preset}`,
        label,
        isCurrent: shown.preset === preset,
      }))}
    />
    <div class="split">
      <Panel title="The provider" id="provider">
        <PanelBody>
          <form method="post" action={shown.path} class="stack">
            <input type="hidden" name="id" value={shown.id} />
            <input type="hidden" name="preset" value={shown.preset} />
            <ProviderNameField {...shown} />
            <Metadata value={shown.metadata} problems={shown.problems} />
            <SamlRights {...shown} />
            <div class="row">
              <Button kind="primary">Add provider</Button>
            </div>
          </form>
        </PanelBody>
      </Panel>
      <SamlRegistered {...shown} />
    </div>
  </>
)

const Metadata = ({
  value,
  problems,
  isRequired = true,
}: {
  value: string
  problems: FieldProblems
  isRequired?: boolean
}) => (
  <Field
    name="metadata"
    label="Metadata of the provider"
    hint="The XML that the provider gives out: who it is, where people sign in, its certificates."
    problems={problems}
  >
    {(attributes) => (
      <CodeArea {...attributes} rows={8} maxlength={262144} required={isRequired} value={value} />
    )}
  </Field>
)

export interface SamlShown extends ProviderAddresses {
  readonly path: string
  readonly issuer: string
  /** Oldest first. */
  readonly keys: readonly OwnKey[]
  readonly steps: readonly Step[]
  readonly mayManage: boolean
  readonly problems: FieldProblems
}

const VERDICTS = { good: ['ok', 'good'], odd: ['warn', 'look'], bad: ['bad', 'bad'] } as const

export const SamlPage = ({ shown }: { shown: SamlShown }) => (
  <>
    <Head title="SAML" />
    <div class="split">
      <div class="stack">
        <Panel title="What the provider said" id="said">
          <PanelBody>
            <div class="stack">
              <Code label="Entity id" text={shown.issuer} />
              {shown.steps.map(({ name, verdict, text }) => (
                <div>
                  <div class="row">
                    <Foreign text={name} class="break" />
                    <Badge tone={VERDICTS[verdict][0]}>{VERDICTS[verdict][1]}</Badge>
                  </div>
                  <Foreign text={text} class="small muted break" />
                </div>
              ))}
            </div>
          </PanelBody>
        </Panel>
        {shown.mayManage && (
          <Panel title="Newer metadata" id="renew">
            <PanelBody>
              <form method="post" action={shown.path} class="stack" enctype="multipart/form-data">
                <Field name="file" label="A file of metadata">
                  {(attributes) => <input {...attributes} type="file" accept=".xml" />}
                </Field>
                <Metadata value="" problems={shown.problems} isRequired={false} />
                <div class="row">
                  <Button>See what changes</Button>
                </div>
              </form>
            </PanelBody>
          </Panel>
        )}
      </div>
      <div class="stack">
        <SamlRegistered {...shown} />
        <OwnKeys keys={shown.keys} path={`${shown.path}/keys`} mayManage={shown.mayManage} />
      </div>
    </div>
  </>
)
