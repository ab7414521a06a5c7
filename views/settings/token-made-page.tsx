// A token that is shown this one time: the server keeps a keyed hash of it only.

import type { ApiToken } from '#domain/access/token.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Time } from '#views/parts/text.tsx'
import { AgentSetups } from './agent-setup.tsx'

export interface TokenMade {
  readonly token: ApiToken
  readonly text: string
  /** Where one goes on. */
  readonly path: string
  readonly apiUrl: string
  readonly mcpUrl: string
  /** Hours for which the secret before it goes on; null for a token that is new. */
  readonly oldEndsIn: number | null
}

export const TokenMadePage = ({ made }: { made: TokenMade }) => (
  <>
    <Head title={made.token.name} />
    <div class="stack">
      <Panel title="Copy the token now" id="token">
        <PanelBody>
          <div class="stack">
            <Field
              name="token"
              label="Token"
              hint={
                <>
                  Good until <Time at={made.token.expiresAt} />. It is not shown again: keep it
                  where secrets are kept.
                  {made.oldEndsIn !== null &&
                    ` The old one goes on for ${made.oldEndsIn} hours, then it ends.`}
                </>
              }
            >
              {(attributes) => (
                <input {...attributes} class="input mono" readonly autofocus value={made.text} />
              )}
            </Field>
            <div class="row">
              <Button type="button" data-script data-copy="field-token" hidden>
                Copy token
              </Button>
              <LinkButton href={made.path} icon="chevron-left">
                All tokens
              </LinkButton>
            </div>
            <p class="muted">
              {made.token.kind === 'pat' ? (
                <>
                  Send it as <span class="mono">Authorization: Bearer …</span> to{' '}
                  <span class="mono break">{made.apiUrl}</span>.
                </>
              ) : (
                'Give it to the MCP client as its bearer token.'
              )}
            </p>
          </div>
        </PanelBody>
      </Panel>
      {made.token.kind === 'mcp' && (
        <Panel title="Set up a client" id="agent-setup">
          <PanelBody>
            <AgentSetups url={made.mcpUrl} />
          </PanelBody>
        </Panel>
      )}
    </div>
  </>
)
