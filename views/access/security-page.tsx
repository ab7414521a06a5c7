// What lets a person in: password, authenticator app, recovery codes. And the two pages that show a
// secret, each once.

import type { PasskeyRow } from '#domain/access/passkey-store.ts'
import type { SecondFactors } from '#domain/access/factors.ts'
import type { Instant } from '#kernel/time.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import { PasskeysPanel } from './passkey-pages.tsx'

export interface SecurityShown {
  readonly email: string
  readonly passwordSince: Instant | null
  readonly factors: SecondFactors
  readonly passkeys: readonly PasskeyRow[]
  /** Workspaces that let nobody in without a second factor. */
  readonly demandedBy: readonly string[]
  readonly problems: FieldProblems
}

export const SecurityPage = (shown: SecurityShown) => (
  <>
    <Head title="Signing in" meta={['Your password, and what stands behind it']} />
    <div class="stack">
      {shown.demandedBy.length > 0 && (
        <Notice tone="warn" title={`${shown.demandedBy.join(', ')} asks for a second factor.`}>
          Set one up here; its pages open after that.
        </Notice>
      )}
      <div class="split">
        <PasswordPanel {...shown} />
        <div class="stack">
          <PasskeysPanel {...shown} />
          <TotpPanel {...shown} />
          <RecoveryPanel {...shown} />
        </div>
      </div>
    </div>
  </>
)

const PasswordPanel = ({ email, passwordSince, problems }: SecurityShown) => (
  <Panel
    title="Password"
    id="password"
    sub={passwordSince === null ? 'none yet' : <>set <Time at={passwordSince} /></>} // prettier-ignore
  >
    <PanelBody>
      <form method="post" action="/account/security/password" class="stack">
        <input type="hidden" name="email" autocomplete="username" value={email} />
        <Field
          name="password"
          label="New password"
          hint="15 characters or more, 8 beside a second factor. A few words in a row do well; nothing else is asked of it."
          problems={problems}
        >
          {(attributes) => (
            <input
              {...attributes}
              type="password"
              autocomplete="new-password"
              required
              maxlength={1024}
            />
          )}
        </Field>
        <div class="row">
          <Button kind="primary">Change the password</Button>
        </div>
        <p class="small muted">Every other session of yours ends by it.</p>
      </form>
    </PanelBody>
  </Panel>
)

const TotpPanel = ({ factors: { totpSince } }: SecurityShown) => (
  <Panel
    title="Authenticator app"
    id="totp"
    action={<Badge tone={totpSince === null ? 'unknown' : 'ok'}>{totpSince === null ? 'Not set up' : 'In use'}</Badge>} // prettier-ignore
  >
    <PanelBody>
      {totpSince === null ? (
        <form method="post" action="/account/security/totp" class="stack">
          <p>An app on your phone shows a code that changes every 30 seconds.</p>
          <div class="row">
            <Button icon="smartphone">Set up an app</Button>
          </div>
        </form>
      ) : (
        <div class="stack">
          <p>
            Set up <Time at={totpSince} />.
          </p>
          <div class="row">
            <Confirm
              id="totp-remove"
              opener="Remove the app"
              question="Remove the authenticator app?"
              consequence="Its codes stop working at once, and your other sessions end. Without another second factor the recovery codes go, too."
              keep="Keep it"
              verb="Remove it"
              path="/account/security/totp/removal"
            />
          </div>
        </div>
      )}
    </PanelBody>
  </Panel>
)

const RecoveryPanel = ({ factors }: SecurityShown) => {
  const { totpSince, passkeyCount, recoveryCodesLeft } = factors
  if (totpSince === null && passkeyCount === 0) return <></>
  return (
    <Panel title="Recovery codes" id="recovery" sub={`${recoveryCodesLeft} of 10 left`}>
      <PanelBody>
        <form method="post" action="/account/security/recovery-codes" class="stack">
          <p>For the day the phone is gone: each code stands in for it once.</p>
          <div class="row">
            <Button>Make ten new ones</Button>
          </div>
          <p class="small muted">Those you have now stop working by it.</p>
        </form>
      </PanelBody>
    </Panel>
  )
}

export interface TotpSetupShown {
  readonly text: string
  /** Dark modules of the QR code, row by row. */
  readonly modules: readonly (readonly boolean[])[]
  readonly problems: FieldProblems
}

export const TotpSetupPage = ({ text, modules, problems }: TotpSetupShown) => (
  <>
    <Head title="Set up an authenticator app" />
    <Panel id="setup">
      <PanelBody>
        <div class="setup">
          <Qr modules={modules} />
          <div class="stack">
            <p>
              1. Scan the picture with the app, or type this key into it:{' '}
              <code class="mono break" id="totp-key">
                {text}
              </code>
            </p>
            <form method="post" action="/account/security/totp/confirmation" class="stack">
              <Field
                name="code"
                label="2. The code it shows now"
                hint="The key is not shown again after that."
                problems={problems}
              >
                {(attributes) => (
                  <input
                    {...attributes}
                    class="input mono"
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    required
                    maxlength={20}
                    autofocus
                  />
                )}
              </Field>
              <div class="row">
                <Button kind="primary">Use this app</Button>
                <LinkButton href="/account/security" kind="quiet">
                  Leave it
                </LinkButton>
              </div>
            </form>
          </div>
        </div>
      </PanelBody>
    </Panel>
  </>
)

/** Always dark on light, with its quiet zone: cameras need both. */
const Qr = ({ modules }: { modules: TotpSetupShown['modules'] }) => {
  const size = modules.length
  const path = modules
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="The key as a QR code">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

export const RecoveryCodesPage = ({
  codes,
  isFirst,
}: {
  codes: readonly string[]
  isFirst: boolean
}) => (
  <>
    <Head title={isFirst ? 'Your second factor is set up' : 'New recovery codes'} />
    <Panel title="Recovery codes" id="codes">
      <PanelBody>
        <div class="stack">
          <p>
            Keep these where your password is not: on paper, or in another safe place. Each lets you
            in once when the phone is gone. They are shown this once.
          </p>
          <ol class="codes mono">
            {codes.map((code) => (
              <li>{code}</li>
            ))}
          </ol>
          <div class="row">
            <LinkButton href="/account/security" kind="primary">
              I have kept them
            </LinkButton>
          </div>
        </div>
      </PanelBody>
    </Panel>
  </>
)
