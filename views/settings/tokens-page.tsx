// Tokens of a workspace: those there are, and the form that makes one more.

import type { ListedToken, TokenKind, TokenState, TokenUse } from '#domain/access/token.ts'
import type { Scope } from '#domain/access/token-scope.ts'
import type { Tone } from '#views/parts/badge.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { FilterSelect, type FieldProblems } from '#views/parts/field.tsx'
import { Empty } from '#views/parts/notice.tsx'
import type { Tab } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { NewTokenForm } from './new-token-form.tsx'
import { SettingsHead } from './settings-tabs.tsx'

export interface ShownToken extends ListedToken {
  readonly state: TokenState
  readonly mayRevoke: boolean
  /** Only one's own: the new secret is shown to whoever rotates. */
  readonly mayRotate: boolean
  readonly usedToday: Pick<TokenUse, 'calls' | 'rows' | 'searches'>
}

export interface TypedToken {
  readonly name: string
  readonly kind: TokenKind
  /** Empty: it acts for whoever makes it. */
  readonly serviceRole: string
  readonly scopes: readonly string[]
  readonly days: string
  readonly networks: string
  readonly targets: readonly string[]
  readonly groups: readonly string[]
}

export interface Reachable {
  readonly id: string
  readonly name: string
}

export interface TokensShown {
  readonly tabs: readonly Tab[]
  /** `/w/acme/settings/tokens`. */
  readonly path: string
  readonly tokens: readonly ShownToken[]
  /** Everybody's and the workspace's own, for an admin who asked for them; else the reader's own. */
  readonly whose: 'me' | 'all' | 'service'
  readonly maySeeAll: boolean
  readonly first: string | null
  readonly next: string | null
  /** What the reader may give a token. */
  readonly scopes: readonly { readonly scope: Scope; readonly about: string }[]
  /** What a token can be narrowed to. */
  readonly targets: readonly Reachable[]
  readonly groups: readonly Reachable[]
  readonly daysMax: number
  readonly typed: TypedToken
  readonly problems: FieldProblems
}

export const TokensPage = ({ shown }: { shown: TokensShown }) => (
  <>
    <SettingsHead tabs={shown.tabs} />
    <div class="split">
      <div class="stack">
        {shown.maySeeAll && <Whose shown={shown} />}
        <Tokens shown={shown} />
      </div>
      <NewTokenForm shown={shown} />
    </div>
  </>
)

const Whose = ({ shown: { path, whose } }: { shown: TokensShown }) => (
  <form class="filters" action={path} method="get" aria-label="Whose tokens">
    <FilterSelect
      name="of"
      label="Whose"
      value={whose}
      options={[
        ['me', 'My tokens'],
        ['service', 'Service tokens'],
        ['all', 'Everybody’s tokens'],
      ]}
    />
    <Button size="s" icon="list-filter">
      Show
    </Button>
  </form>
)

const COLUMNS = [
  { label: 'Token' },
  { label: 'Scopes' },
  { label: 'Ends' },
  { label: 'Last used' },
  { label: 'Acts', isLabelHidden: true },
]

const Tokens = ({ shown }: { shown: TokensShown }) => (
  <section class="panel" aria-label="Tokens">
    {shown.tokens.length === 0 ? (
      <Empty
        icon="lock"
        title={shown.whose === 'service' ? 'No service token yet' : 'No token yet'}
        actions={<LinkButton href="/api">What the API can do</LinkButton>}
      >
        {shown.whose === 'service'
          ? 'A service token is of the workspace, not of a person: it acts as itself with a role of its own, signs nothing, and goes on when whoever made it leaves.'
          : 'A pipeline or a script comes in with a token instead of a password. It acts for you, holds no more than you do, and ends when you leave.'}
      </Empty>
    ) : (
      <Table label="Tokens, newest first" columns={COLUMNS} isStacked>
        {shown.tokens.map((token) => (
          <TokenRow token={token} shown={shown} />
        ))}
      </Table>
    )}
    {(shown.first ?? shown.next) !== null && (
      <Pager shown="" first={shown.first} next={shown.next} />
    )}
  </section>
)

const TokenRow = ({ token, shown }: { token: ShownToken; shown: TokensShown }) => (
  <tr>
    <th scope="row" class="wrap">
      <Foreign text={token.name} class="break" />{' '}
      {token.kind === 'mcp' && <Badge>MCP client</Badge>}{' '}
      {token.serviceRole !== null && <Badge>service, {token.serviceRole}</Badge>}
      {shown.whose !== 'me' && (
        <span class="muted small">
          {' '}
          {token.serviceRole === null ? 'of' : 'answered for by'} <Foreign text={token.makerName} />
        </span>
      )}
      {token.targets.length + token.groups.length > 0 && (
        <span class="muted small"> reaches only {reachOf(token)}</span>
      )}
      {token.networks.length > 0 && (
        <span class="muted small mono break"> only from {token.networks.join(', ')}</span>
      )}
    </th>
    <td class="small">{token.scopes.join(', ')}</td>
    <td class="nowrap">
      {token.state === 'live' ? (
        <Time at={token.expiresAt} />
      ) : (
        <Badge tone={STATES[token.state][0]}>{STATES[token.state][1]}</Badge>
      )}
    </td>
    <td class="nowrap">
      {token.usedAt === null ? <span class="muted">never used</span> : <Time at={token.usedAt} />}
      {token.kind === 'mcp' && (
        <div class="muted small">
          {token.usedToday.calls} calls, {token.usedToday.rows} rows and {token.usedToday.searches}{' '}
          searches today
        </div>
      )}
    </td>
    <td>
      <div class="row">
        {token.mayRotate && <Rotate token={token} path={shown.path} />}
        {token.mayRevoke && <Revoke token={token} path={shown.path} />}
      </div>
    </td>
  </tr>
)

function reachOf({ targets, groups }: ShownToken): string {
  const count = (n: number, one: string) => (n === 0 ? [] : [`${n} ${one}${n === 1 ? '' : 's'}`])
  return [...count(targets.length, 'target'), ...count(groups.length, 'group')].join(' and ')
}

const STATES: Readonly<Record<Exclude<TokenState, 'live'>, readonly [Tone, string]>> = {
  expired: ['unknown', 'expired'],
  revoked: ['bad', 'revoked'],
}

const Rotate = ({ token, path }: { token: ShownToken; path: string }) => (
  <Confirm
    id={`rotate-${token.id}`}
    kind="plain"
    opener="Rotate"
    question={`Rotate ${token.name}?`}
    consequence="A new secret is made and shown once. The old one goes on for 24 hours, so that whatever uses it can be changed over."
    keep="Not now"
    verb="Make a new secret"
    path={`${path}/${token.id}/rotate`}
  />
)

const Revoke = ({ token, path }: { token: ShownToken; path: string }) => (
  <Confirm
    id={`revoke-${token.id}`}
    opener="Revoke"
    question={`Revoke ${token.name}?`}
    consequence="Whatever uses it is refused from the next request on. This cannot be undone."
    keep="Keep it"
    verb="Revoke token"
    path={`${path}/${token.id}/end`}
  />
)
