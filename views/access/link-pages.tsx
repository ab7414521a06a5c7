// Pages about links that change a password, and about links that are over.

import { Button } from '#views/parts/button.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { NewPassword } from './new-account.tsx'

export const AskResetPage = (props: { email: string; problems: FieldProblems }) => (
  <>
    <h1>Choose a new password</h1>
    <p class="muted">
      Give the e-mail address you sign in with. If there is such an account, a link goes to it.
    </p>
    <form method="post" action="/reset" class="stack">
      <Field name="email" label="E-mail" problems={props.problems}>
        {(attributes) => (
          <input
            {...attributes}
            type="email"
            value={props.email}
            maxlength={254}
            required
            autofocus
            autocomplete="username"
          />
        )}
      </Field>
      <Button kind="primary" size="big" class="btn-block">
        Send the link
      </Button>
    </form>
  </>
)

export const ResetAskedPage = () => (
  <>
    <h1>Look into your mail</h1>
    <p class="muted">
      If there is an account with that address, a link is on its way. It is good for 30 minutes and
      once; the newest one counts.
    </p>
  </>
)

export const NoMailPage = () => (
  <>
    <h1>Choose a new password</h1>
    <p class="muted">
      This instance sends no mail. An owner of it can make a link for you, with which you choose a
      new password.
    </p>
  </>
)

export const ResetPage = (props: { path: string; email: string; problems: FieldProblems }) => (
  <>
    <h1>Choose a new password</h1>
    <p class="muted">
      For <b class="break">{props.email}</b>. Every session of this account ends; you sign in with
      the new password then.
    </p>
    <form method="post" action={props.path} class="stack">
      <input type="hidden" name="email" value={props.email} autocomplete="username" />
      <NewPassword problems={props.problems} label="New password" />
      <Button kind="primary" size="big" class="btn-block">
        Save the password
      </Button>
    </form>
  </>
)

export const ResetDonePage = () => (
  <>
    <h1>The password is changed</h1>
    <p class="muted">Every session of the account has ended.</p>
    <a class="btn btn-primary btn-big btn-block" href="/sign-in">
      Sign in
    </a>
  </>
)

/** One page whatever became of the link: it does not say whether there ever was one. */
export const DeadLinkPage = () => (
  <>
    <h1>This link is over</h1>
    <p class="muted">
      It was used, replaced by a newer one or ended, or its time is up. Ask whoever gave it to you
      for another.
    </p>
    <a class="btn btn-block btn-big" href="/">
      Go to the start
    </a>
  </>
)
