// How somebody decides about a change that is in review.

import { PasskeyForm } from '#views/access/passkey-form.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { TextArea } from '#views/parts/field.tsx'
import type { ChangePageProps } from './change-page.tsx'

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
      data-keys="a"
    >
      Prove who you are
    </LinkButton>
  </>
)

const DecisionForm = ({ path, whole, signing, typed }: ChangePageProps) => (
  <form method="post" action={`${path}/signatures`} class="stack-s">
    <input type="hidden" name="hash" value={whole.change.hash} />
    <TextArea
      aria-label="Comment on your decision"
      data-keys="a"
      class="input"
      name="comment"
      rows={3}
      maxlength={10_000}
      placeholder="Comment; needed to send it back or to reject it"
      value={typed}
      dir="auto"
    />
    {!signing.byPasskey && (
      <Button
        kind="primary"
        size="big"
        class="btn-block"
        name="decision"
        value="approve"
        icon="check"
      >
        Approve
      </Button>
    )}
    <div class="twin">
      <Button name="decision" value="request_changes">
        Request changes
      </Button>
      <Button kind="danger" name="decision" value="reject">
        Reject
      </Button>
    </div>
  </form>
)
