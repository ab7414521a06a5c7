// What is typed to sign in with, a form for each kind of it. No control shows again what was secret.

import type { Credential } from '#domain/targets/port.ts'
import { Button } from '#views/parts/button.tsx'
import { CodeArea, Field, Select, type FieldProblems } from '#views/parts/field.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import type { Typed } from './new-page.tsx'

type Kind = Credential['kind']

export interface FormsShown {
  /** What this kind of target takes. */
  readonly kinds: readonly Kind[]
  /** Whether a certificate may be shown beside it. */
  readonly takesCertificate: boolean
  /** Of the form that was not accepted; nothing of it is secret. */
  readonly typed: Typed
  readonly problems: FieldProblems
}

export function labelOfKind(kind: Kind): string {
  return KINDS[kind].label
}

interface SecretField {
  readonly name: string
  readonly label: string
  readonly form: 'text' | 'secret' | 'pem'
}

/** The fields of each kind of credential. No control may be named `id`. */
const KINDS: Readonly<Record<Kind, { label: string; fields: readonly SecretField[] }>> = {
  none: { label: 'Client certificate alone', fields: [] },
  token: { label: 'Token', fields: [{ name: 'token', label: 'Token', form: 'secret' }] },
  basic: {
    label: 'User and password',
    fields: [
      { name: 'user', label: 'User', form: 'text' },
      { name: 'password', label: 'Password', form: 'secret' },
    ],
  },
  api_key: {
    label: 'API key',
    fields: [
      { name: 'keyId', label: 'ID of the key', form: 'text' },
      { name: 'key', label: 'Key', form: 'secret' },
    ],
  },
  client_secret: {
    label: 'Client secret',
    fields: [
      { name: 'tenant', label: 'Tenant', form: 'text' },
      { name: 'clientId', label: 'Client ID', form: 'text' },
      { name: 'secret', label: 'Secret', form: 'secret' },
    ],
  },
  client_assertion: {
    label: 'Certificate',
    fields: [
      { name: 'tenant', label: 'Tenant', form: 'text' },
      { name: 'clientId', label: 'Client ID', form: 'text' },
      { name: 'certificate', label: 'Certificate, in PEM', form: 'pem' },
      { name: 'privateKey', label: 'Its private key, in PEM', form: 'pem' },
    ],
  },
}

const PURPOSES = [
  ['read', 'Reading'],
  ['write', 'Writing'],
] as const

export const NewCredential = (props: { kind: Kind; shown: FormsShown; path: string }) => {
  const { kind, shown, path } = props
  // Names of fields are unique on the page: there may be two of these forms.
  const named = (name: string) => `${kind}.${name}`
  const { problems } = shown
  return (
    <Panel title={`New: ${KINDS[kind].label.toLowerCase()}`} id={`new-${kind.replace('_', '-')}`}>
      <PanelBody>
        <form method="post" action={`${path}/credentials`} class="stack" autocomplete="off">
          <input type="hidden" name="kind" value={kind} />
          <Field name={named('purpose')} label="For" {...{ problems }}>
            {(attributes) => (
              <Select
                {...attributes}
                value={shown.typed[named('purpose')] ?? 'read'}
                options={PURPOSES}
              />
            )}
          </Field>
          {KINDS[kind].fields.map(({ name, label, form }) => (
            <Field name={named(name)} label={label} {...{ problems }}>
              {(attributes) =>
                form === 'pem' ? (
                  <CodeArea {...attributes} rows={4} value="" required />
                ) : (
                  <input
                    {...attributes}
                    type={form === 'secret' ? 'password' : 'text'}
                    value={form === 'secret' ? '' : (shown.typed[named(name)] ?? '')}
                    required
                    autocomplete={form === 'secret' ? 'new-password' : 'off'}
                    spellcheck={false}
                  />
                )
              }
            </Field>
          ))}
          {shown.takesCertificate && <ShownCertificate {...{ kind, problems }} />}
          <Field
            name={named('expires')}
            label="Ends on"
            hint="Where you know it. Somebody is told 30, 14 and 3 days before."
            {...{ problems }}
          >
            {(attributes) => (
              <input {...attributes} type="date" value={shown.typed[named('expires')] ?? ''} />
            )}
          </Field>
          <div class="row">
            <Button kind="primary">Seal and check</Button>
          </div>
        </form>
      </PanelBody>
    </Panel>
  )
}

/** Open where it is all there is, or where something was wrong with it. */
const ShownCertificate = ({ kind, problems }: { kind: Kind; problems: FieldProblems }) => {
  const named = (name: string) => `${kind}.${name}`
  const names = [named('shownCertificate'), named('shownKey')]
  const isAlone = kind === 'none'
  const isOpen = isAlone || names.some((name) => problems[name] !== undefined)
  return (
    <details open={isOpen}>
      <summary>
        <Icon name="chevron-down" size="s" /> Client certificate
        {isAlone ? '' : ', where the target asks for one'}
      </summary>
      <div class="stack">
        <PemField
          name={named('shownCertificate')}
          label="Certificate to show, in PEM"
          hint="With those that lead to its authority below it, where the target wants them."
          {...{ problems, isAlone }}
        />
        <PemField
          name={named('shownKey')}
          label="Private key of that certificate, in PEM"
          hint="Without a passphrase. It is sealed with the rest and never shown."
          {...{ problems, isAlone }}
        />
      </div>
    </details>
  )
}

const PemField = (props: {
  name: string
  label: string
  hint: string
  problems: FieldProblems
  isAlone: boolean
}) => (
  <Field name={props.name} label={props.label} hint={props.hint} problems={props.problems}>
    {(attributes) => <CodeArea {...attributes} rows={4} value="" required={props.isAlone} />}
  </Field>
)
