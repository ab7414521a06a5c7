// The form with which somebody makes their account: name, address, password. And the pages it stands
// on: the claim of an install, an invitation.

import type { Child } from 'hono/jsx'
import { Button } from '#views/parts/button.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'

export interface NewAccountShown {
  /** Where the form posts to: the address of the link. */
  readonly path: string
  readonly typed: { readonly name: string; readonly email: string }
  readonly problems: FieldProblems
}

export const ClaimPage = ({ shown, host }: { shown: NewAccountShown; host: string }) => (
  <>
    <h1>Claim this install</h1>
    <p class="muted">
      Nobody owns <b class="break">{host}</b> yet. You become its owner and the admin of its first
      workspace; everybody after you comes by invitation.
    </p>
    <NewAccountForm shown={shown} verb="Claim it" />
  </>
)

interface InviteProps {
  readonly shown: NewAccountShown
  readonly workspaceName: string
  readonly role: string
}

export const InvitePage = ({ shown, workspaceName, role }: InviteProps) => (
  <>
    <h1>
      You are invited to <Workspace name={workspaceName} />
    </h1>
    <p class="muted">
      As {role}. Make your account to come in: you sign in with{' '}
      <b class="break">{shown.typed.email}</b>.
    </p>
    <NewAccountForm shown={shown} verb="Accept and come in" isEmailFixed />
  </>
)

const Workspace = (props: { name: string }) => (
  <bdi class="break" dir="auto">
    {props.name}
  </bdi>
)

const NewAccountForm = (props: {
  shown: NewAccountShown
  verb: string
  isEmailFixed?: boolean
}) => {
  const { path, typed, problems } = props.shown
  return (
    <form method="post" action={path} class="stack">
      <Field name="name" label="Your name" problems={problems}>
        {(attributes) => (
          <input
            autofocus={Object.keys(problems).length === 0}
            {...attributes}
            value={typed.name}
            maxlength={80}
            required
            autocomplete="name"
            dir="auto"
          />
        )}
      </Field>
      {props.isEmailFixed ? (
        // So that a password manager files the password under the right name.
        <input type="hidden" name="email" value={typed.email} autocomplete="username" />
      ) : (
        <Field name="email" label="E-mail" problems={problems}>
          {(attributes) => (
            <input
              {...attributes}
              type="email"
              value={typed.email}
              maxlength={254}
              required
              autocomplete="username"
            />
          )}
        </Field>
      )}
      <NewPassword problems={problems} />
      <Button kind="primary" size="big" class="btn-block">
        {props.verb}
      </Button>
    </form>
  )
}

export const NewPassword = (props: { problems: FieldProblems; label?: string }) => (
  <Field
    name="password"
    label={props.label ?? 'Password'}
    hint="At least 15 characters. A few words in a row do well; nothing else is asked of it."
    problems={props.problems}
  >
    {(attributes) => (
      <input
        {...attributes}
        type="password"
        maxlength={1_024}
        required
        autocomplete="new-password"
      />
    )}
  </Field>
)

/** For somebody who has an account: they accept as themselves, signed in. */
export const InviteKnownPage = (props: {
  path: string
  workspaceName: string
  role: string
  email: string
  /** Who is signed in on this browser; null for nobody. */
  signedInAs: string | null
  isSelf: boolean
  signIn: string
}) => (
  <>
    <h1>
      You are invited to <Workspace name={props.workspaceName} />
    </h1>
    <p class="muted">
      As {props.role}, with the account of <b class="break">{props.email}</b>.
    </p>
    {props.isSelf ? (
      <form method="post" action={props.path}>
        <Button kind="primary" size="big" class="btn-block">
          Join
        </Button>
      </form>
    ) : (
      <Elsewhere {...props} />
    )}
  </>
)

const Elsewhere = (props: { signedInAs: string | null; signIn: string }) =>
  props.signedInAs === null ? (
    <Step>
      <a class="btn btn-primary btn-big btn-block" href={props.signIn}>
        Sign in to accept
      </a>
    </Step>
  ) : (
    <Step>
      <p>
        You are signed in as <b class="break">{props.signedInAs}</b>. Sign out, then open this link
        again.
      </p>
      <form method="post" action="/sign-out">
        <Button size="big" class="btn-block" icon="log-out">
          Sign out
        </Button>
      </form>
    </Step>
  )

const Step = (props: { children?: Child }) => <div class="stack">{props.children}</div>
