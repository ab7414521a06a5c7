// What an identity provider by SAML is told of us.

import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { NamedCode } from '#views/parts/text.tsx'

export interface ProviderAddresses {
  readonly callback: string
  readonly metadata: string
  readonly logout: string
  /** Where the provider sends a browser that was signed out there. */
  readonly signedOut: string
}

export const SamlRegistered = ({
  callback,
  metadata,
  logout,
}: Pick<ProviderAddresses, 'callback' | 'metadata' | 'logout'>) => (
  <Panel title="What you enter at the provider" id="registered">
    <PanelBody>
      <div class="stack">
        <NamedCode label="Entity id (audience), and where our metadata are" text={metadata} />
        <NamedCode label="Assertion consumer service (reply URL)" text={callback} />
        <NamedCode label="Single logout service" text={logout} />
        <p class="small muted">
          Assertions must be signed, by RSA and SHA-256.{' '}
          <a href="/docs/provisioning">Step by step for each provider</a>
        </p>
      </div>
    </PanelBody>
  </Panel>
)
