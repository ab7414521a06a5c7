// A provider by SAML: what is entered there, its metadata, and how long its certificates last.

import type { Step } from '#domain/identity/port.ts'
import type { ProviderId } from '#kernel/id.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Check, CodeArea, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Code, Foreign } from '#views/parts/text.tsx'

interface Addresses {
  readonly entityId: string
  readonly acs: string
}

export interface SamlValues {
  readonly name: string
  readonly metadata: string
  readonly defaultRole: string
  readonly groupRoles: string
  readonly isEmailTrusted?: 'on' | undefined
}

export interface NewSamlShown extends Addresses {
  readonly path: string
  readonly id: ProviderId
  readonly values: SamlValues
  readonly problems: FieldProblems
}

export const NewSamlPage = ({ shown }: { shown: NewSamlShown }) => (
  <>
    <Head title="New provider by SAML" />
    <div class="split">
      <Panel title="The provider" id="provider">
        <PanelBody>
          <form method="post" action={shown.path} class="stack">
            <input type="hidden" name="id" value={shown.id} />
            <Fields {...shown} />
            <div class="row">
              <Button kind="primary">Add provider</Button>
            </div>
          </form>
        </PanelBody>
      </Panel>
      <Registered {...shown} />
    </div>
  </>
)

const ROLES = [
  ['', 'Nobody: only groups give a role'],
  ['viewer', 'Viewer'],
  ['analyst', 'Analyst'],
  ['engineer', 'Engineer'],
  ['admin', 'Admin'],
] as const

const Fields = ({ values, problems }: NewSamlShown) => (
  <>
    <Field
      name="name"
      label="Name"
      hint="As people read it on the sign-in page."
      problems={problems}
    >
      {(attributes) => (
        <input {...attributes} value={values.name} required maxlength={60} dir="auto" />
      )}
    </Field>
    <Metadata value={values.metadata} problems={problems} />
    <Field name="defaultRole" label="Role of whoever is in none of the groups" problems={problems}>
      {(attributes) => <Select {...attributes} value={values.defaultRole} options={ROLES} />}
    </Field>
    <Field
      name="groupRoles"
      label="Roles by group"
      hint="A line each: group = engineer, approver. The strongest role counts. An approver waits for another admin."
      problems={problems}
    >
      {(attributes) => (
        <CodeArea {...attributes} rows={5} maxlength={40000} value={values.groupRoles} />
      )}
    </Field>
    <Check
      name="isEmailTrusted"
      checked={values.isEmailTrusted === 'on'}
      label="Its e-mail addresses count as verified. Only where nobody can give themselves another one."
    />
  </>
)

const Metadata = ({ value, problems }: { value: string; problems: FieldProblems }) => (
  <Field
    name="metadata"
    label="Metadata of the provider"
    hint="The XML that the provider gives out: who it is, where people sign in, its certificates."
    problems={problems}
  >
    {(attributes) => (
      <CodeArea {...attributes} rows={8} maxlength={262144} required value={value} />
    )}
  </Field>
)

const Registered = ({ entityId, acs }: Addresses) => (
  <Panel title="What you enter at the provider" id="registered">
    <PanelBody>
      <div class="stack">
        <Code label="Entity id (audience), and where our metadata are" text={entityId} />
        <Code label="Assertion consumer service (reply URL)" text={acs} />
        <p class="small muted">
          Assertions must be signed, by RSA and SHA-256, and not encrypted.{' '}
          <a href="/docs/provisioning">Step by step</a>
        </p>
      </div>
    </PanelBody>
  </Panel>
)

export interface SamlShown extends Addresses {
  readonly path: string
  readonly issuer: string
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
              <form method="post" action={shown.path} class="stack">
                <Metadata value="" problems={shown.problems} />
                <div class="row">
                  <Button>Put in place</Button>
                </div>
              </form>
            </PanelBody>
          </Panel>
        )}
      </div>
      <Registered {...shown} />
    </div>
  </>
)
