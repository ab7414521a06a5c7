// The identity providers of a workspace, and the accounts for the day that none of them answers.

import type { SeenProvider } from '#domain/identity/actions.ts'
import type { Provider, SecretEnd } from '#domain/identity/provider.ts'
import type { UserId } from '#kernel/id.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Panel, PanelBody, type Tab } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { SettingsHead } from './settings-tabs.tsx'

export interface ProvidersShown {
  readonly tabs: readonly Tab[]
  readonly path: string
  readonly providers: readonly (SeenProvider & { readonly ends: SecretEnd })[]
  readonly admins: readonly { userId: UserId; name: string; isBreakIn: boolean }[]
  readonly mayManage: boolean
}

export const ProvidersPage = ({ shown }: { shown: ProvidersShown }) => (
  <>
    <SettingsHead tabs={shown.tabs} />
    <div class="split">
      <section class="panel" aria-label="Identity providers">
        {shown.providers.length === 0 ? (
          <Empty icon="lock" title="No provider yet" actions={<Add shown={shown} />}>
            Let people sign in with the account of their company: Okta, Entra ID, Google, or another
            provider that speaks OpenID Connect.
          </Empty>
        ) : (
          <>
            <Providers shown={shown} />
            <PanelBody>
              <Add shown={shown} />
            </PanelBody>
          </>
        )}
      </section>
      <BreakIns shown={shown} />
    </div>
  </>
)

const Add = ({ shown }: { shown: ProvidersShown }) =>
  shown.mayManage ? (
    <div class="row">
      <LinkButton href={`${shown.path}/new?preset=okta`} icon="plus">
        New provider
      </LinkButton>
      <LinkButton href={`${shown.path}/new/saml`}>By SAML</LinkButton>
    </div>
  ) : (
    <></>
  )

const Providers = ({ shown }: { shown: ProvidersShown }) => (
  <Table
    label="Identity providers, by name"
    isStacked
    columns={[{ label: 'Provider' }, { label: 'Domains' }, { label: 'Secret ends' }]}
  >
    {shown.providers.map(({ provider, domains, ends }) => (
      <tr>
        <th scope="row" class="wrap">
          <a href={`${shown.path}/${provider.id}`}>
            <Foreign text={provider.name} />
          </a>{' '}
          <ProviderState provider={provider} ends={ends} />
        </th>
        <td class="wrap">
          <CellLabel>Domains</CellLabel>
          {domains.length === 0 ? (
            <span class="muted">none</span>
          ) : (
            <span class="break">{domains.map(({ domain }) => domain).join(', ')}</span>
          )}
        </td>
        <td class="nowrap">
          <CellLabel>Secret ends</CellLabel>
          {provider.secretExpiresAt === null ? (
            <span class="muted">not said</span>
          ) : (
            <Time at={provider.secretExpiresAt} />
          )}
        </td>
      </tr>
    ))}
  </Table>
)

export const ProviderState = ({ provider, ends }: { provider: Provider; ends: SecretEnd }) => {
  if (!provider.isEnabled) return <Badge tone="unknown">off</Badge>
  switch (ends) {
    case 'over':
      return <Badge tone="bad">secret is over</Badge>
    case 'soon':
      return <Badge tone="warn">secret ends soon</Badge>
    case 'later':
      return <Badge tone="ok">on</Badge>
  }
}

const BreakIns = ({ shown }: { shown: ProvidersShown }) => (
  <Panel title="Break-in accounts" id="break-in">
    <PanelBody>
      <div class="stack">
        <p class="muted small">
          Admins who still come in by password and second factor where single sign-on is enforced,
          for the day the provider does not answer. Every use is told to all admins.
        </p>
        {shown.admins.map(({ userId, name, isBreakIn }) => (
          <form method="post" action={`${shown.path}/break-in`} class="row">
            <input type="hidden" name="userId" value={userId} />
            <input type="hidden" name="isBreakIn" value={isBreakIn ? 'no' : 'yes'} />
            <Foreign text={name} />
            {isBreakIn && <Badge tone="accent">may break in</Badge>}
            {shown.mayManage && (
              <Button size="s">
                {isBreakIn ? 'No longer' : 'Name as break-in account'}
                <span class="vh">: {name}</span>
              </Button>
            )}
          </form>
        ))}
      </div>
    </PanelBody>
  </Panel>
)
