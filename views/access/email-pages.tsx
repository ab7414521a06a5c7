// Another e-mail address: asking for it, and taking it by the link that went there.

import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'

export const EmailPage = (props: {
  email: string
  typed: string
  /** Without a mail server an owner changes addresses. */
  hasMail: boolean
  /** Where an owner changes their own; null for whoever is none. */
  ownerPath: string | null
  problems: FieldProblems
}) => (
  <>
    <Head title="Another address" />
    <Panel id="email" class="narrow">
      <PanelBody>
        <div class="stack">
          <p>
            You sign in with <Foreign text={props.email} class="break" />, and links to a new
            password go there.
          </p>
          {props.hasMail ? (
            <form method="post" action="/account/email" class="stack">
              <Field
                name="email"
                label="New address"
                hint="A link goes there. The old address stays until you open it."
                problems={props.problems}
              >
                {(attributes) => (
                  <input
                    {...attributes}
                    type="email"
                    value={props.typed}
                    maxlength={254}
                    required
                    autofocus
                    autocomplete="email"
                  />
                )}
              </Field>
              <div class="row">
                <Button kind="primary">Send the link</Button>
                <LinkButton href="/account" kind="quiet">
                  Leave it
                </LinkButton>
              </div>
            </form>
          ) : (
            <p class="muted">
              This instance sends no mail, so nobody can prove that an address is theirs.{' '}
              {props.ownerPath === null ? (
                'An owner of it changes yours.'
              ) : (
                <>
                  You own it: change yours <a href={props.ownerPath}>among its people</a>.
                </>
              )}
            </p>
          )}
        </div>
      </PanelBody>
    </Panel>
  </>
)

/** The same whether somebody has the address or not. */
export const EmailAskedPage = ({ email }: { email: string }) => (
  <>
    <Head title="Look into your mail" />
    <Panel id="email" class="narrow">
      <PanelBody>
        <div class="stack">
          <p>
            If nobody here uses <Foreign text={email} class="break" /> yet, a link is on its way
            there. Open it in a browser where you are signed in. It is good for 30 minutes and once.
          </p>
          <p class="muted small">Your address stays as it is until then.</p>
          <div class="row">
            <LinkButton href="/account">Back to your profile</LinkButton>
          </div>
        </div>
      </PanelBody>
    </Panel>
  </>
)

export const TakeEmailPage = ({ path, email }: { path: string; email: string }) => (
  <>
    <Head title="Another address" />
    <Panel id="email" class="narrow">
      <PanelBody>
        <form method="post" action={path} class="stack">
          <p>
            From now on you sign in with <Foreign text={email} class="break" />. Every other session
            of yours ends, and the old address is told.
          </p>
          <div class="row">
            <Button kind="primary">Use this address</Button>
            <LinkButton href="/account" kind="quiet">
              Leave it
            </LinkButton>
          </div>
        </form>
      </PanelBody>
    </Panel>
  </>
)
