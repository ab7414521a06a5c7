// What the product signs in with on a target. Secrets are typed here and shown nowhere.

import type { CredentialSummary, Purpose } from '#domain/targets/target.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { labelOfKind, NewCredential, type FormsShown } from './credential-forms.tsx'
import { DependantsPanel } from './dependants-panel.tsx'
import { StepsPanel } from './new-page.tsx'
import { TargetHead, type TargetHeadProps } from './target-head.tsx'

export interface CredentialsShown extends FormsShown {
  readonly credentials: readonly CredentialSummary[]
  readonly steps: { readonly read: readonly string[]; readonly write: readonly string[] }
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
          {shown.credentials.map((one) => (
            <DependantsPanel of={one} />
          ))}
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
    <td class="wrap cell-wide">
      {labelOfKind(one.kind)}
      {[one.label, one.identity !== one.label && one.identity, one.certificate].map(
        (text) =>
          typeof text === 'string' &&
          text !== '' && (
            <span class="muted small">
              {' '}
              <Foreign text={text} class="break" />
            </span>
          ),
      )}
    </td>
    <td class="wrap cell-wide">
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
      <Ends of={one} />
    </td>
    <td>{mayWrite && <Acts one={one} path={path} />}</td>
  </tr>
)

/** What is known of the secret and of the certificate, each with its own end. */
const Ends = ({ of }: { of: CredentialSummary }) => {
  const { endsAt, expiresAt, certificateEndsAt } = of
  if (endsAt !== null) {
    return (
      <>
        goes <Time at={endsAt} />
      </>
    )
  }
  return (
    <>
      {expiresAt === null ? certificateEndsAt === null && <Unknown /> : <Time at={expiresAt} />}
      {certificateEndsAt !== null && (
        <span class="muted small">
          {' '}
          certificate <Time at={certificateEndsAt} />
        </span>
      )}
    </>
  )
}

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
      {slot === 'next' && isGood && <Promote one={one} path={path} />}
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

/** With a question where something hangs on the one in force, or nobody could find that out. */
const Promote = ({ one, path }: { one: CredentialSummary; path: string }) => {
  const { purpose, dependants } = one
  const to = `${path}/credentials/promote`
  const isClear =
    dependants === null || (dependants.count === 0 && dependants.completeness.kind === 'complete')
  if (isClear) return <SmallForm path={to} purpose={purpose} verb="Put in force" />
  return (
    <Confirm
      id={`promote-${one.id}`}
      opener="Put in force"
      question="Put this credential in force?"
      consequence={
        dependants.count === 0
          ? 'Nobody could find out what hangs on the one in force: see below.'
          : `On the one in force hangs what is listed below: ${count(dependants.count, 'object')}. It can be brought back for a day.`
      }
      keep="Not yet"
      verb="Put in force"
      path={to}
      fields={{ purpose }}
    />
  )
}

const SmallForm = (props: { path: string; purpose: Purpose; verb: string }) => (
  <form method="post" action={props.path}>
    <input type="hidden" name="purpose" value={props.purpose} />
    <Button size="s">{props.verb}</Button>
  </form>
)
