// One identity provider: what it is told, the domains of its people, and the way out.

import type { EmailDomain, Provider, SecretEnd } from '#domain/identity/provider.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { NamedCode, Time } from '#views/parts/text.tsx'
import { ProviderFields } from './provider-fields.tsx'
import type { ProviderValues } from './provider-values.ts'
import { ProviderState } from './providers-page.tsx'
import { SamlFields, type KnownNames, type SamlValues } from './saml-fields.tsx'
import { SamlRegistered, type ProviderAddresses } from './saml-registered.tsx'

export type ProviderFormShown =
  | { readonly kind: 'oidc'; readonly values: ProviderValues }
  | { readonly kind: 'saml'; readonly values: SamlValues; readonly known: KnownNames }

export interface ProviderShown {
  readonly path: string
  readonly provider: Provider
  readonly domains: readonly EmailDomain[]
  /** What was typed for a new one. */
  readonly domain: string
  readonly form: ProviderFormShown
  readonly problems: FieldProblems
  readonly addresses: ProviderAddresses
  readonly mayManage: boolean
  readonly ends: SecretEnd
  /** The provider has not taken the client secret that was typed last. */
  readonly isSecretNew: boolean
}

export const ProviderPage = ({ shown }: { shown: ProviderShown }) => (
  <>
    <Head
      title={shown.provider.name}
      badge={<ProviderState provider={shown.provider} ends={shown.ends} />}
      actions={
        <>
          {shown.provider.kind === 'saml' && (
            <LinkButton href={`${shown.path}/saml`}>Metadata</LinkButton>
          )}
          <LinkButton href={`${shown.path}/directory`}>Directory</LinkButton>
          {shown.mayManage && (
            <LinkButton href={`${shown.path}/test`} icon="activity">
              Test
            </LinkButton>
          )}
        </>
      }
    />
    <div class="split">
      <div class="stack">
        <Panel title="The provider" id="provider">
          <PanelBody>
            <form method="post" action={shown.path} class="stack">
              <input type="hidden" name="version" value={String(shown.provider.version)} />
              {shown.form.kind === 'oidc' ? (
                <ProviderFields
                  values={shown.form.values}
                  problems={shown.problems}
                  isNew={false}
                />
              ) : (
                <SamlFields {...shown.form} problems={shown.problems} />
              )}
              <div class="row">
                <Button kind="primary">Save</Button>
              </div>
            </form>
          </PanelBody>
        </Panel>
      </div>
      <div class="stack">
        <Domains shown={shown} />
        {shown.form.kind === 'oidc' ? (
          <Registered addresses={shown.addresses} preset={shown.provider.preset} />
        ) : (
          <SamlRegistered {...shown.addresses} />
        )}
        <About shown={shown} />
      </div>
    </div>
  </>
)

/** What the provider is told of us: of Google, which ends no sessions, one address. */
export const Registered = (props: { addresses: ProviderAddresses; preset: Provider['preset'] }) => (
  <Panel title="What you enter at the provider" id="registered">
    <PanelBody>
      <div class="stack">
        <NamedCode label="Redirect URI, to the letter" text={props.addresses.callback} />
        {props.preset !== 'google' && (
          <>
            <NamedCode label="Back-channel logout URI" text={props.addresses.logout} />
            <NamedCode label="Sign-out redirect URI" text={props.addresses.signedOut} />
          </>
        )}
        <p class="small muted">
          The application is a web application with the authorisation code flow.{' '}
          <a href={`/docs/single-sign-on${PLACES[props.preset]}`}>Step by step for each provider</a>
        </p>
      </div>
    </PanelBody>
  </Panel>
)

const PLACES: Readonly<Record<Provider['preset'], string>> = {
  okta: '#okta',
  entra: '#entra-id',
  google: '#google',
  generic: '#another-provider',
}

const Domains = ({ shown }: { shown: ProviderShown }) => (
  <Panel title="E-mail domains" id="domains">
    <PanelBody>
      <div class="stack">
        {shown.domains.length === 0 && (
          <p class="muted">
            None yet. Whoever has an address in one of them is led here from the sign-in page, and
            becomes a member when they first come.
          </p>
        )}
        {shown.domains.map((domain) => (
          <Domain domain={domain} path={shown.path} />
        ))}
        <form method="post" action={`${shown.path}/domains`} class="stack">
          <Field name="domain" label="One more domain" problems={shown.problems}>
            {(attributes) => (
              <input
                {...attributes}
                value={shown.domain}
                placeholder="example.com"
                required
                maxlength={253}
                autocapitalize="off"
                spellcheck={false}
              />
            )}
          </Field>
          <div class="row">
            <Button icon="plus">Add domain</Button>
          </div>
        </form>
      </div>
    </PanelBody>
  </Panel>
)

const Domain = ({ domain, path }: { domain: EmailDomain; path: string }) => (
  <div class="stack">
    <div class="row">
      <strong class="break">{domain.domain}</strong>
      {domain.confirmedAt === null ? (
        <Badge tone="warn">waits for an owner</Badge>
      ) : (
        <Badge tone="ok">in force</Badge>
      )}
      {domain.isEnforced && <Badge tone="accent">enforced</Badge>}
    </div>
    <div class="row">
      {domain.confirmedAt !== null && <Enforce domain={domain} path={path} />}
      <form method="post" action={`${path}/domains/remove`}>
        <input type="hidden" name="domain" value={domain.domain} />
        <Button size="s">
          Remove<span class="vh"> {domain.domain}</span>
        </Button>
      </form>
    </div>
  </div>
)

const Enforce = ({
  domain: { domain, isEnforced },
  path,
}: {
  domain: EmailDomain
  path: string
}) =>
  isEnforced ? (
    <form method="post" action={`${path}/domains/enforce`}>
      <input type="hidden" name="domain" value={domain} />
      <input type="hidden" name="isEnforced" value="no" />
      <Button size="s">Allow passwords again</Button>
    </form>
  ) : (
    <Confirm
      id={`enforce-${domain.replaceAll('.', '-')}`}
      opener="Enforce"
      button={{ size: 's' }}
      kind="plain"
      question={`Enforce single sign-on for ${domain}?`}
      consequence="Members with such an address no longer come in by a password or a passkey, except the break-in accounts."
      keep="Leave it"
      verb="Enforce"
      path={`${path}/domains/enforce`}
      fields={{ domain, isEnforced: 'yes' }}
    />
  )

const NEW_SECRET =
  'Changed, and not taken by the provider yet: the one before is used where the new one is refused, and forgotten when somebody comes in by the new one.'

const About = ({ shown: { provider, path, mayManage, isSecretNew } }: { shown: ProviderShown }) => (
  <Panel title="About it" id="about">
    <PanelBody>
      <div class="stack">
        <Facts
          facts={[
            ['Protocol', provider.kind === 'oidc' ? 'OpenID Connect' : 'SAML 2.0'],
            [
              'An admin came in by it',
              provider.adminCameAt === null ? 'not yet' : <Time at={provider.adminCameAt} />,
            ],
            ['Added', <Time at={provider.createdAt} />],
            ...(isSecretNew ? ([['Client secret', NEW_SECRET]] as const) : []),
          ]}
        />
        {mayManage && (
          <div class="row">
            <Confirm
              id="remove-provider"
              opener="Remove provider"
              question={`Remove ${provider.name}?`}
              consequence="Whoever came in by it is signed out, and needs another way to sign in. Their roles stay."
              keep="Keep it"
              verb="Remove provider"
              path={`${path}/remove`}
            />
          </div>
        )}
      </div>
    </PanelBody>
  </Panel>
)
