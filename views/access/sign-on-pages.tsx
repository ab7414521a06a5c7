// On the way to an identity provider and back: where an address leads, what to do when it led nowhere, and
// what is left open there after signing out here.

import { LinkButton } from '#views/parts/button.tsx'
import { Foreign } from '#views/parts/text.tsx'
import { Problem } from './sign-in-page.tsx'

export const ChosenPage = (props: {
  email: string
  provider: { readonly name: string; readonly path: string } | undefined
}) => (
  <>
    <h1>Single sign-on</h1>
    {props.provider ? (
      <>
        <p>
          People with the address <Foreign text={props.email} class="break" /> sign in with{' '}
          <Foreign text={props.provider.name} />.
        </p>
        <LinkButton href={props.provider.path} kind="primary" size="big" class="btn-block">
          Go on to {props.provider.name}
        </LinkButton>
      </>
    ) : (
      <p>
        There is no single sign-on for the address <Foreign text={props.email} class="break" />.
        Sign in with a passkey or a password, or ask an admin.
      </p>
    )}
    <p class="gate-more small">
      <a href="/sign-in">Sign in another way</a>
    </p>
  </>
)

/** By their provider. */
export const EndedPage = () => (
  <>
    <h1>Signed out</h1>
    <p>Your provider ended your session here.</p>
    <LinkButton href="/sign-in" kind="primary" size="big" class="btn-block">
      To the sign-in page
    </LinkButton>
  </>
)

export const FailedPage = ({ message }: { message: string }) => (
  <>
    <h1>Not signed in</h1>
    <Problem title={message} />
    <LinkButton href="/sign-in" kind="primary" size="big" class="btn-block">
      Back to the sign-in page
    </LinkButton>
  </>
)

export const SignedOutPage = ({
  there,
}: {
  there: { readonly url: string; readonly name: string }
}) => (
  <>
    <h1>Signed out</h1>
    <p>
      You are signed out here. At <Foreign text={there.name} /> you are signed in still: on a
      machine that others use, sign out there, too.
    </p>
    <LinkButton href={there.url} kind="primary" size="big" class="btn-block">
      Sign out at {there.name}
    </LinkButton>
    <p class="gate-more small">
      <a href="/sign-in">Sign in again</a>
    </p>
  </>
)
