// E-mail domains that admins want their provider to answer for: an owner says whose they are.

import type { WaitingDomain } from '#domain/identity/domains.ts'
import { Button } from '#views/parts/button.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export interface ShownDomain extends WaitingDomain {
  readonly workspaceName: string
}

export const SignOnDomains = ({ domains }: { domains: readonly ShownDomain[] }) => (
  <Panel title="Sign-on domains" id="sign-on-domains">
    <PanelBody>
      <div class="stack">
        <p class="muted small">
          Once confirmed, the provider says who people with such an address are. Confirm a domain
          only when you know that it belongs to whoever asks.
        </p>
        {domains.map((domain) => (
          <Waiting domain={domain} />
        ))}
      </div>
    </PanelBody>
  </Panel>
)

const Waiting = ({ domain }: { domain: ShownDomain }) => (
  <form method="post" action="/instance/domains" class="stack">
    <input type="hidden" name="providerId" value={domain.providerId} />
    <input type="hidden" name="domain" value={domain.domain} />
    <p>
      <strong class="break">{domain.domain}</strong> for <Foreign text={domain.providerName} /> of{' '}
      <Foreign text={domain.workspaceName} />, at{' '}
      <Foreign text={domain.issuer} class="mono break" />, asked <Time at={domain.askedAt} />
    </p>
    <div class="row">
      <Button size="s" name="decision" value="confirm">
        Confirm<span class="vh"> {domain.domain}</span>
      </Button>
      <Button size="s" name="decision" value="refuse">
        Refuse<span class="vh"> {domain.domain}</span>
      </Button>
    </div>
  </form>
)
