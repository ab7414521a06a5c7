// The form of a passkey. It is hidden until the script has seen that the browser knows passkeys; what
// the browser answers is sent as its only field.

import type { Child } from 'hono/jsx'
import { Button } from '#views/parts/button.tsx'

export const PasskeyForm = (props: {
  /** Making one, or proving by one. */
  kind: 'create' | 'get'
  /** Where the answer is posted to. */
  path: string
  /** Where the script gets the challenge. */
  options: string
  verb: string
  /** Offered in the menu of the e-mail field, too. */
  isOffered?: boolean
  isPrimary?: boolean
  /** What presses it. */
  keys?: string
  /** More fields. */
  children?: Child
}) => (
  <form
    class="stack"
    method="post"
    action={props.path}
    data-passkey={props.kind}
    data-options={props.options}
    data-offered={props.isOffered ? '' : undefined}
    hidden
  >
    <input type="hidden" name="credential" value="" />
    {props.children}
    <Button
      {...(props.isPrimary ? { kind: 'primary' as const } : {})}
      size="big"
      icon="fingerprint-pattern"
      class="btn-block"
      data-keys={props.keys}
    >
      {props.verb}
    </Button>
    <p class="small muted" role="status" data-passkey-told></p>
  </form>
)
