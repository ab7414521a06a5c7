// How somebody decides about a change that is in review.

import type { Child } from 'hono/jsx'
import type { Decision } from '#domain/changes/change.ts'
import { PasskeyForm } from '#views/access/passkey-form.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import type { ChangePageProps } from './change-page.tsx'
import { shortHash } from './words.tsx'

export const moreWords = (left: number) =>
  left <= 0 ? '' : left === 1 ? 'One signature is missing.' : `${left} signatures are missing.`

/** Approve, send back or reject, with a comment; by a passkey where the workspace signs with them. */
export const SignForms = (props: ChangePageProps & { left: number }) => {
  const { path, whole, signing, left } = props
  const { change } = whole
  return (
    <>
      <p class="muted">
        {left === 1
          ? 'Your signature would be the last that is needed.'
          : `Your signature would be number ${change.signatureCount + 1} of ${change.signaturesNeeded}.`}
      </p>
      {signing.byPasskey && (
        <>
          <PasskeyForm
            kind="get"
            path={`${path}/signatures/passkey`}
            options={`${path}/signatures/challenge`}
            verb="Approve with a passkey"
            keys="a"
            isPrimary
          >
            <input type="hidden" name="hash" value={change.hash} />
            <input type="hidden" name="decision" value="approve" />
          </PasskeyForm>
          <p class="muted small">
            {signing.hasPasskey
              ? 'The passkey signs the hash of this change; anybody can verify that offline.'
              : 'This workspace signs with passkeys, and you have none yet.'}{' '}
            {!signing.hasPasskey && <a href="/account/security/passkeys">Add one</a>}
          </p>
        </>
      )}
      {signing.isProved ? <DecisionForm {...props} /> : <Prove {...props} />}
    </>
  )
}

/** A key, too, leads there: whoever comes back stands before the form. */
const Prove = ({ path, signing }: ChangePageProps) => (
  <>
    <p class="muted">
      {signing.byPasskey
        ? 'To send it back or to reject it, prove first who you are.'
        : 'Whoever decides proves first who they are.'}{' '}
      It holds for five minutes.
    </p>
    <LinkButton
      href={`/account/prove?${new URLSearchParams({ next: path }).toString()}`}
      kind={signing.byPasskey ? 'plain' : 'primary'}
      class="btn-block"
      icon="shield-check"
      data-keys={signing.byPasskey ? 'r' : 'a'}
    >
      Prove who you are
    </LinkButton>
  </>
)

const DecisionForm = (props: ChangePageProps & { left: number }) => {
  const { whole, signing, left } = props
  const { itemCount, hash } = whole.change
  return (
    <>
      {!signing.byPasskey && (
        <Decide
          {...props}
          decision="approve"
          verb="Approve"
          keys="a"
          look={{ kind: 'primary', size: 'big', class: 'btn-block' }}
          question="Approve this change?"
          hint="Optional. Others read it beside your name."
        >
          Your name stands for {count(itemCount, 'item')} with the digest{' '}
          <span class="mono nowrap">{shortHash(hash)}</span>, and for nothing else.{' '}
          {left === 1
            ? 'Nobody else has to sign: whoever may deploy can deploy it then.'
            : `${left === 2 ? 'One more has' : `${left - 1} more have`} to sign after you.`}
        </Decide>
      )}
      <div class="twin">
        <Decide
          {...props}
          decision="request_changes"
          verb="Request changes"
          keys="r"
          look={{ kind: 'plain' }}
          question="Send it back?"
        >
          It can be edited and submitted again; signatures for what it is now do not count for what
          it becomes.
        </Decide>
        <Decide
          {...props}
          decision="reject"
          verb="Reject"
          look={{ kind: 'danger' }}
          question="Reject this change?"
        >
          Nothing of it is written, and it cannot be opened again.
        </Decide>
      </div>
    </>
  )
}

/** A button, and the dialog in which the decision is made with what there is to say. */
const Decide = (
  props: ChangePageProps & {
    decision: Decision
    verb: string
    keys?: string
    look: { kind: 'primary' | 'plain' | 'danger'; size?: 'big'; class?: string }
    question: string
    /** Where a comment need not be given. */
    hint?: string
    children?: Child
  },
) => {
  const { decision, look, hint } = props
  const id = `decide-${decision.replace('_', '-')}`
  const { kind, ...button } = look
  return (
    <Confirm
      id={id}
      opener={props.verb}
      kind={kind}
      {...(kind === 'primary' ? { openerIcon: 'check' as const } : {})}
      button={{ ...button, ...(props.keys === undefined ? {} : { 'data-keys': props.keys }) }}
      question={props.question}
      consequence={props.children}
      keep="Not yet"
      verb={props.verb}
      path={`${props.path}/signatures`}
      fields={{ hash: props.whole.change.hash, decision }}
    >
      <div class="field">
        <label for={`${id}-comment`}>{hint === undefined ? 'Why' : 'Comment'}</label>
        <TextArea
          id={`${id}-comment`}
          class="input"
          name="comment"
          rows={3}
          maxlength={10_000}
          required={hint === undefined}
          aria-describedby={hint && `${id}-hint`}
          value={props.typed}
          dir="auto"
          autofocus
        />
        {hint !== undefined && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </Confirm>
  )
}
