// A link that is shown this one time: the server keeps its digest only.

import type { Child } from 'hono/jsx'
import type { Instant } from '#kernel/time.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { Field } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { ExactTime } from '#views/parts/text.tsx'

export interface LinkMade {
  readonly title: string
  /** The whole address. */
  readonly url: string
  readonly expiresAt: Instant
  readonly isMailed: boolean
  /** Where one goes on. */
  readonly back: { readonly href: string; readonly label: string }
}

export const LinkMadePage = ({ made, children }: { made: LinkMade; children?: Child }) => (
  <>
    <Head title={made.title} />
    <Panel title="Hand over this link" id="link">
      <PanelBody>
        <Field
          name="link"
          label="Link"
          hint={
            <>
              Good once, until <ExactTime at={made.expiresAt} />. It is not shown again: a new one
              ends it.
            </>
          }
        >
          {(attributes) => (
            <input {...attributes} class="input mono" readonly autofocus value={made.url} />
          )}
        </Field>
        <p class="muted">
          {made.isMailed
            ? 'It was also sent by e-mail.'
            : 'Give it to the person yourself, by a way you trust: whoever opens it first can use it.'}
        </p>
        {children}
        <div class="row">
          <LinkButton href={made.back.href} icon="chevron-left">
            {made.back.label}
          </LinkButton>
        </div>
      </PanelBody>
    </Panel>
  </>
)
