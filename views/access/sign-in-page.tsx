// Signing in: passkey, or e-mail and password; then the second step. Plain forms, so that password
// managers know them and everything but passkeys works without script.

import { Button } from '#views/parts/button.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { PasskeyForm } from './passkey-form.tsx'

export interface SignInShown {
  readonly email: string
  readonly next: string | undefined
  /** What went wrong, in words that do not tell whether the account exists. */
  readonly problem: string | undefined
  /** Some addresses lead to an identity provider. */
  readonly hasSingleSignOn: boolean
}

export const SignInPage = ({ email, next, problem, hasSingleSignOn }: SignInShown) => (
  <>
    <h1>Sign in</h1>
    {problem !== undefined && <Problem title={problem} />}
    <PasskeyForm
      kind="get"
      path="/sign-in/passkey"
      options="/sign-in/passkey"
      verb="Sign in with a passkey"
      isOffered
    >
      <Next path={next} />
    </PasskeyForm>
    <form class="stack" method="post" action="/sign-in">
      <Next path={next} />
      <Field name="email" label="E-mail">
        {(attributes) => (
          <input
            {...attributes}
            type="email"
            autocomplete="username webauthn"
            required
            maxlength={254}
            value={email}
            autofocus={email === ''}
          />
        )}
      </Field>
      <Field name="password" label="Password">
        {(attributes) => (
          <input
            {...attributes}
            type="password"
            autocomplete="current-password"
            required
            maxlength={1024}
            autofocus={email !== ''}
          />
        )}
      </Field>
      <Button kind="primary" size="big" icon="log-in" class="btn-block">
        Sign in
      </Button>
      {hasSingleSignOn && (
        <Button size="big" class="btn-block" formaction="/sign-in/with" formnovalidate>
          Use single sign-on
        </Button>
      )}
    </form>
    <p class="gate-more small muted">
      <a href="/reset">The password is lost</a>
      <span>No account? People come by invitation.</span>
    </p>
  </>
)

export interface SecondStepShown {
  readonly hasTotp: boolean
  readonly hasPasskey: boolean
  readonly problems: FieldProblems
}

export const SecondStepPage = ({ hasTotp, hasPasskey, problems }: SecondStepShown) => (
  <>
    <h1>One more step</h1>
    {hasPasskey && (
      <PasskeyForm
        kind="get"
        path="/sign-in/passkey"
        options="/sign-in/passkey"
        verb="Use your passkey"
      />
    )}
    <form class="stack" method="post" action="/sign-in/second">
      <CodeField hasTotp={hasTotp} problems={problems} />
      <Button kind="primary" size="big" class="btn-block">
        Continue
      </Button>
    </form>
    <p class="gate-more small">
      <a href="/sign-in">Sign in as somebody else</a>
    </p>
  </>
)

/** One field for both: they look different, so nobody has to say which it is. */
export const CodeField = ({ hasTotp, problems }: Omit<SecondStepShown, 'hasPasskey'>) => (
  <Field
    name="code"
    label={hasTotp ? 'Code of your authenticator app' : 'Recovery code'}
    hint={hasTotp ? 'Or one of your recovery codes.' : 'Each one works once.'}
    problems={problems}
  >
    {(attributes) => (
      <input
        {...attributes}
        class="input mono"
        autocomplete="one-time-code"
        autocapitalize="off"
        spellcheck={false}
        required
        maxlength={40}
        autofocus
      />
    )}
  </Field>
)

export const Problem = ({ title }: { title: string }) => (
  <div role="alert">
    <Notice tone="bad" title={title} />
  </div>
)

export const Next = ({ path }: { path: string | undefined }) =>
  path === undefined ? <></> : <input type="hidden" name="next" value={path} />
