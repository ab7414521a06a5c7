// Proving once more who one is, before something that touches credentials, tokens, roles or policies.

import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { PasskeyForm } from './passkey-form.tsx'
import { CodeField, Next, Problem } from './sign-in-page.tsx'

export interface ProveShown {
  readonly email: string
  readonly next: string
  /** A form was sent and not kept. */
  readonly wasSent: boolean
  readonly hasPassword: boolean
  readonly hasTotp: boolean
  readonly hasPasskey: boolean
  /** Where one goes to prove it at a provider. */
  readonly providers: readonly { readonly name: string; readonly path: string }[]
  readonly problem: string | undefined
  readonly problems: FieldProblems
}

export const ProvePage = (shown: ProveShown) => (
  <>
    <h1>Is it still you?</h1>
    <p class="muted">
      What comes next touches how people sign in, tokens, roles or policies. Prove once more who you
      are; it holds for five minutes.
    </p>
    {shown.wasSent && (
      <Notice tone="warn" title="What you just sent was not done.">
        You come back to its form afterwards; send it once more then.
      </Notice>
    )}
    {shown.problem !== undefined && <Problem title={shown.problem} />}
    {shown.hasPasskey && (
      <PasskeyForm
        kind="get"
        path="/account/prove"
        options="/account/prove/passkey"
        verb="Prove it by a passkey"
      >
        <Next path={shown.next} />
      </PasskeyForm>
    )}
    {shown.hasTotp && <ByCode {...shown} />}
    {shown.hasTotp && shown.hasPassword && (
      <p class="or">
        <span>or with your password</span>
      </p>
    )}
    {shown.hasPassword && <ByPassword {...shown} />}
    {shown.providers.map(({ name, path }) => (
      <LinkButton href={path} size="big" class="btn-block">
        Prove it with {name}
      </LinkButton>
    ))}
    <LinkButton href="/account" kind="quiet" class="btn-block">
      Leave it
    </LinkButton>
  </>
)

const ByCode = ({ next, problems }: ProveShown) => (
  <form class="stack" method="post" action="/account/prove">
    <Next path={next} />
    <CodeField hasTotp problems={problems} />
    <Button kind="primary" size="big" class="btn-block">
      Prove it by the code
    </Button>
  </form>
)

const ByPassword = ({ next, email, problems, hasTotp }: ProveShown) => (
  <form class="stack" method="post" action="/account/prove">
    <Next path={next} />
    {/* So that a password manager knows whose password is asked for. */}
    <input type="hidden" name="email" autocomplete="username" value={email} />
    <Field name="password" label="Password" problems={problems}>
      {(attributes) => (
        <input
          {...attributes}
          type="password"
          autocomplete="current-password"
          required
          maxlength={1024}
          autofocus={!hasTotp}
        />
      )}
    </Field>
    <Button {...(hasTotp ? {} : { kind: 'primary' as const })} size="big" class="btn-block">
      Prove it by the password
    </Button>
  </form>
)
