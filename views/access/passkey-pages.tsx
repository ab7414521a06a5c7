// A person's passkeys: the list of them, and the page that makes one.

import type { PasskeyRow } from '#domain/access/passkey-store.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { PasskeyForm } from './passkey-form.tsx'

export const PasskeysPanel = ({ passkeys }: { passkeys: readonly PasskeyRow[] }) => (
  <Panel title="Passkeys" id="passkeys">
    {passkeys.length > 0 && (
      <ul class="plain-list">
        {passkeys.map((passkey) => (
          <PasskeyLine passkey={passkey} />
        ))}
      </ul>
    )}
    <PanelBody>
      <div class="stack">
        <p>
          Your finger, face or PIN on a device of yours signs you in, without a password. Nobody can
          ask you for it on a false page.
        </p>
        <div class="row">
          <LinkButton href="/account/security/passkeys" icon="fingerprint-pattern">
            Add a passkey
          </LinkButton>
        </div>
      </div>
    </PanelBody>
  </Panel>
)

const PasskeyLine = ({ passkey: { id, name, createdAt, usedAt } }: { passkey: PasskeyRow }) => (
  <li class="with-act">
    <span>
      <Foreign text={name} />
      <span class="small muted">
        {' '}
        made <Time at={createdAt} />,{' '}
        {usedAt === null ? (
          'not used yet'
        ) : (
          <>
            used <Time at={usedAt} />
          </>
        )}
      </span>
    </span>
    <Confirm
      id={`remove-${id}`}
      opener="Remove"
      question={`Remove the passkey “${name}”?`}
      consequence="It lets nobody in any more, and your other sessions end. Delete it on the device as well."
      keep="Keep it"
      verb="Remove it"
      path={`/account/security/passkeys/${id}/removal`}
    />
  </li>
)

export const NewPasskeyPage = ({ problem }: { problem: string | undefined }) => (
  <>
    <Head title="Add a passkey" />
    <Panel id="new-passkey" class="narrow">
      <PanelBody>
        <div class="stack">
          {problem !== undefined && <Notice tone="bad" title={problem} />}
          <noscript>
            <p>Making a passkey needs script.</p>
          </noscript>
          <PasskeyForm
            kind="create"
            path="/account/security/passkeys"
            options="/account/security/passkeys/options"
            verb="Make the passkey"
            isPrimary
          >
            <Field
              name="name"
              label="Name"
              hint="What you will know it by: the device it is on. Then the browser asks for your finger, face or PIN."
            >
              {(attributes) => (
                <input {...attributes} value="This device" required maxlength={80} dir="auto" />
              )}
            </Field>
          </PasskeyForm>
        </div>
      </PanelBody>
    </Panel>
  </>
)
