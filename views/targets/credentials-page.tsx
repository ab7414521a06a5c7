// What the product signs in with on a target. Secrets are typed here and shown nowhere.

import type { Credential } from '#domain/targets/port.ts'
import type { CredentialSummary, Purpose } from '#domain/targets/target.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, Select, TextArea, type FieldProblems } from '#views/parts/field.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { StepsPanel, type Typed } from './new-page.tsx'
import { TargetHead, type TargetHeadProps } from './target-head.tsx'

type Kind = Exclude<Credential['kind'], 'none'>

export interface CredentialsShown {
  readonly credentials: readonly CredentialSummary[]
  /** What this kind of target takes. */
  readonly kinds: readonly Kind[]
  readonly steps: { readonly read: readonly string[]; readonly write: readonly string[] }
  /** Of the form that was not accepted; nothing of it is secret. */
  readonly typed: Typed
  readonly problems: FieldProblems
}

export const CredentialsPage = (props: TargetHeadProps & { shown: CredentialsShown }) => {
  const { shown, path, mayWrite } = props
  if (shown.kinds.length === 0) {
    return (
      <>
        <TargetHead {...props} />
        <section class="panel" aria-label="Credentials">
          <Empty icon="lock" title="It needs none">
            The sandbox is part of this server.
          </Empty>
        </section>
      </>
    )
  }
  return (
    <>
      <TargetHead {...props} />
      <div class="split">
        <div class="stack">
          <Stored {...{ shown, path, mayWrite }} />
          {mayWrite && shown.kinds.map((kind) => <NewCredential {...{ kind, shown, path }} />)}
        </div>
        <div class="stack">
          <StepsPanel
            title="An account that may only read"
            steps={shown.steps.read}
            id="steps-read"
          />
          <StepsPanel
            title="An account that may write"
            steps={shown.steps.write}
            id="steps-write"
          />
        </div>
      </div>
    </>
  )
}

const COLUMNS = [
  { label: 'For' },
  { label: 'Who' },
  { label: 'Last check' },
  { label: 'Ends' },
  { label: 'Acts', isLabelHidden: true },
]

interface StoredProps {
  readonly shown: CredentialsShown
  readonly path: string
  readonly mayWrite: boolean
}

const Stored = ({ shown, path, mayWrite }: StoredProps) => (
  <section class="panel" aria-label="Credentials">
    {shown.credentials.length === 0 ? (
      <Empty icon="lock" title="No credential yet">
        Until there is one for reading, nothing is asked of this target. Type it below: it is sealed
        at once and never shown again.
      </Empty>
    ) : (
      <Table label="Credentials, by purpose" columns={COLUMNS} isStacked>
        {shown.credentials.map((one) => (
          <CredentialRow {...{ one, path, mayWrite }} />
        ))}
      </Table>
    )}
  </section>
)

const CredentialRow = ({
  one,
  path,
  mayWrite,
}: { readonly one: CredentialSummary } & Omit<StoredProps, 'shown'>) => (
  <tr>
    <th scope="row" class="nowrap">
      {one.purpose === 'write' ? 'Writing' : 'Reading'} <SlotBadge of={one.slot} />
    </th>
    <td class="wrap">
      {KINDS[one.kind as Kind].label}
      {one.label !== '' && (
        <span class="muted small">
          {' '}
          <Foreign text={one.label} class="break" />
        </span>
      )}
    </td>
    <td class="wrap">
      {one.checkedAt === null ? (
        <Unknown>not checked yet</Unknown>
      ) : (
        <>
          <Badge tone={one.problem === null ? 'ok' : 'bad'}>
            {one.problem === null ? 'let in' : 'failed'}
          </Badge>{' '}
          <Time at={one.checkedAt} class="small" />{' '}
          {one.problem !== null && <Foreign text={one.problem} class="muted small break" />}
        </>
      )}
    </td>
    <td class="nowrap">
      {one.endsAt !== null ? (
        <>
          goes <Time at={one.endsAt} />
        </>
      ) : one.expiresAt === null ? (
        <Unknown />
      ) : (
        <Time at={one.expiresAt} />
      )}
    </td>
    <td>{mayWrite && <Acts one={one} path={path} />}</td>
  </tr>
)

const SlotBadge = ({ of }: { of: CredentialSummary['slot'] }) =>
  of === 'current' ? (
    <Badge tone="accent">in force</Badge>
  ) : (
    <Badge>{of === 'next' ? 'next' : 'before'}</Badge>
  )

const Acts = ({ one, path }: { one: CredentialSummary; path: string }) => {
  const { purpose, slot } = one
  const isGood = one.checkedAt !== null && one.problem === null
  return (
    <div class="row">
      {slot === 'next' && isGood && (
        <SmallForm path={`${path}/credentials/promote`} purpose={purpose} verb="Put in force" />
      )}
      {slot === 'previous' && (
        <SmallForm path={`${path}/credentials/revert`} purpose={purpose} verb="Bring back" />
      )}
      <Confirm
        id={`remove-${one.id}`}
        opener="Remove"
        question="Remove this credential?"
        consequence={
          slot === 'current'
            ? 'Searches and checks that need it stop. It cannot be shown or brought back; it must be typed again.'
            : 'It cannot be shown or brought back; it must be typed again.'
        }
        keep="Keep it"
        verb="Remove credential"
        path={`${path}/credentials/remove`}
        fields={{ purpose, slot }}
      />
    </div>
  )
}

const SmallForm = (props: { path: string; purpose: Purpose; verb: string }) => (
  <form method="post" action={props.path}>
    <input type="hidden" name="purpose" value={props.purpose} />
    <Button size="s">{props.verb}</Button>
  </form>
)

interface SecretField {
  readonly name: string
  readonly label: string
  readonly form: 'text' | 'secret' | 'pem'
}

/** The fields of each kind of credential. No control may be named `id`. */
const KINDS: Readonly<Record<Kind, { label: string; fields: readonly SecretField[] }>> = {
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

const NewCredential = (props: { kind: Kind; shown: CredentialsShown; path: string }) => {
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
                  <TextArea
                    {...attributes}
                    class="input mono"
                    rows={4}
                    value=""
                    required
                    spellcheck={false}
                  />
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
