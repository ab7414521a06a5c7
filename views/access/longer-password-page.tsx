// Asked of somebody who takes away their last second factor and whose password is too short to stand
// without one: both happen at once, or neither.

import { Button, LinkButton } from '#views/parts/button.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { NewPassword } from './new-account.tsx'

export const LongerPasswordPage = (props: {
  /** Where the removal was posted to. */
  path: string
  email: string
  /** What goes: "The passkey". */
  what: string
  /** Why that is not enough, the first time. */
  reason: string | undefined
  problems: FieldProblems
}) => (
  <>
    <Head title="Choose a longer password" />
    <Panel id="longer" class="narrow">
      <PanelBody>
        <div class="stack">
          {props.reason !== undefined && <Notice tone="warn" title={props.reason} />}
          <p>
            {props.what} is your last second factor. A password of fewer than 15 characters is good
            only beside one, so both are changed together. Nothing is removed yet.
          </p>
          <form method="post" action={props.path} class="stack">
            <input type="hidden" name="email" value={props.email} autocomplete="username" />
            <NewPassword problems={props.problems} label="New password" />
            <div class="row">
              <Button kind="danger-solid">Remove it and change the password</Button>
              <LinkButton href="/account/security" kind="quiet">
                Keep it
              </LinkButton>
            </div>
          </form>
        </div>
      </PanelBody>
    </Panel>
  </>
)
