// People, invitations and tokens lie in tables of the instance, so the guard of workspace tables does not
// see them: each function that takes a scope is called as the other workspace here, and the rest say
// what else bounds them. As acme it finds what it is for: the premise.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invite } from '#domain/access/invitations.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import * as identities from '#domain/identity/identity-store.ts'
import * as providers from '#domain/identity/store.ts'
import * as links from '#domain/access/link-store.ts'
import * as members from '#domain/access/member-store.ts'
import { systemCaller } from '#domain/access/system.ts'
import * as tokens from '#domain/access/token-store.ts'
import * as users from '#domain/access/user-store.ts'
import type { LinkId, ProviderId, TokenId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import { all } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { RowKey } from '#platform/keys/row-mac.ts'
import { startProgram } from '#test/support/api.ts'
import { samlKey, samlSettings } from '#test/support/saml-idp.ts'
import { startApp } from '#test/support/start-app.ts'

/** Rows of acme. */
interface Ours {
  readonly userId: UserId
  readonly tokenId: TokenId
  readonly linkId: LinkId
  readonly providerId: ProviderId
  readonly email: string
  readonly now: Instant
}

type Call = (tx: Tx, key: RowKey, scope: WorkspaceScope, ours: Ours) => Promise<unknown>

const FAR = 9_000_000_000_000 as Instant

/** What each answers must name acme's rows to acme; `deletes` answers nothing and takes rows. */
const READS: Readonly<Record<string, Call>> = {
  selectMembers: (tx, key, scope) =>
    members.selectMembers(tx, key, scope, {}, { limit: 100, after: null }),
  countMembers: (tx, _, scope) => members.countMembers(tx, scope, { q: 'ravi' }),
  countAdmins: (tx, _, scope, { userId }) => members.countAdmins(tx, scope, userId),
  findMembership: (tx, key, scope, { userId }) => users.findMembership(tx, key, scope, userId),
  selectInvitations: (tx, key, scope, { now }) => links.selectInvitations(tx, key, scope, now),
  findInvitation: (tx, key, scope, { linkId }) => links.findInvitation(tx, key, scope, linkId),
  selectProviders: (tx, key, scope) => providers.selectProviders(tx, key, scope),
  // The same refusal for one of another workspace as for none.
  getProviderRow: (tx, key, scope, { providerId }) =>
    providers.getProviderRow(tx, key, scope, providerId).catch(() => null),
  selectInUse: (tx, _, scope) => providers.selectInUse(tx, scope),
  selectTokenEnds: (tx, _, scope, { now }) => tokens.selectTokenEnds(tx, scope, now),
  findTokenOf: (tx, key, scope, { tokenId }) => tokens.findTokenOf(tx, key, scope, tokenId),
  selectTokens: (tx, key, scope) => tokens.selectTokens(tx, key, scope, { limit: 100 }),
  selectUnrevokedOf: (tx, key, scope, { userId }) =>
    tokens.selectUnrevokedOf(tx, key, scope, userId),
  countLiveTokens: (tx, _, scope, { userId, now }) =>
    tokens.countLiveTokens(tx, scope, { userId: userId, serviceRole: null }, now),
}
const DELETES: Readonly<Record<string, Call>> = {
  deleteMembership: (tx, _, scope, { userId }) => users.deleteMembership(tx, scope, userId),
  deleteInvitationsTo: (tx, _, scope, { email }) => links.deleteInvitationsTo(tx, scope, email),
  deleteEndedTokens: (tx, _, scope) => tokens.deleteEndedTokens(tx, scope, FAR),
}

/** What bounds the others. */
const BOUND_OTHERWISE = {
  'pure, or of rows that were found before': [
    'matches',
    'toUser',
    'fromMembershipRow',
    'insertUser',
    'updateUser',
    'insertMembership',
    'updateMembership',
    'insertLink',
    'insertToken',
    'setTokenRevoked',
    'setTokenUsed',
    'insertProvider',
    'updateProvider',
    'setAdminCame',
    'setSealed',
    'deleteProvider',
    'putDomain',
    'deleteDomain',
    'selectDomains',
    'insertIdentity',
    'touchIdentity',
    'deleteIdentityOf',
    'deleteIdentities',
    'insertWayIn',
    'useOnce',
    'findTokenUse',
    'findOwnBudget',
    'saveOwnBudget',
    'setTokenExpiry',
    'saveTokenUse',
  ],
  'a person, who is of the instance': [
    'findUser',
    'findUserByEmail',
    'selectUsers',
    'countOwners',
    'selectMembershipsOf',
    'findResetOf',
    'selectInvitationsOf',
    'deleteInvitationsOf',
    'deleteResetsOf',
    'selectIdentitiesOf',
    'deleteIdentitiesOfUser',
  ],
  'a secret that nobody else has': [
    'findLink',
    'deleteLink',
    'findToken',
    'findWayIn',
    'deleteWayIn',
    'setWayAnswer',
    'findIdentity',
    'insertSignOut',
    'findSignOut',
    'deleteSignOut',
  ],
  'the instance, for restores, clocks and sweeping': [
    'deleteAllOf',
    'deleteEndedLinks',
    'selectUnendedTokens',
  ],
  'whoever comes in, before anybody knows who, and the owners': [
    'findProvider',
    'findConfirmedDomain',
    'hasConfirmedDomain',
    'selectWaitingDomains',
  ],
}

test('every function over people, invitations and tokens is tried here, or says what bounds it', () => {
  const stores: Readonly<Record<string, unknown>> = {
    ...members,
    ...users,
    ...links,
    ...tokens,
    ...providers,
    ...identities,
  }
  const functions = Object.keys(stores).filter((name) => typeof stores[name] === 'function')
  const known = [READS, DELETES].flatMap(Object.keys)
  const bound = Object.values(BOUND_OTHERWISE).flat()
  assert.deepEqual(functions.toSorted(), [...known, ...bound].toSorted())
})

test('the other workspace finds and deletes nobody, no invitation and no token of ours', async (t) => {
  const app = await startApp(t)
  const { house, acme, globex, cast } = app
  const key = house.keys.purpose('row-mac')
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const email = 'neil@acme.example'
  const wanted = { email, role: 'viewer' as const, isApprover: false, isAuditor: false }
  const { link } = await invite(house, caller, wanted, (token) => token)
  const { token } = await startProgram(app, cast.ravi, { scopes: ['rules:read'] })
  const wish = {
    kind: 'oidc',
    name: 'Ours',
    settings: { issuer: 'https://a.example', clientId: 'a' },
  }
  const provider = await addProvider(house, caller, {
    ...NewProvider.parse(wish),
    secretExpiresAt: caller.now,
  })
  const saml = {
    kind: 'saml',
    name: 'Signed',
    settings: samlSettings({ certificates: [samlKey().cert] }),
  }
  const { id: samlId } = await addProvider(house, caller, NewProvider.parse(saml))
  const ours: Ours = {
    providerId: provider.id,
    userId: cast.ravi.userId,
    tokenId: token.id,
    linkId: link.id,
    email,
    now: caller.now,
  }
  const names = new RegExp(
    [ours.userId, ours.tokenId, ours.linkId, ours.providerId, samlId].join('|'),
  )
  const ask = async (call: Call, workspace: typeof acme) => {
    const scope = makeScope(workspace.id)
    return house.db.write({ scope }, (tx) => call(tx, key, scope, ours))
  }
  const isFound = (answer: unknown) =>
    typeof answer === 'number' ? answer > 0 : names.test(JSON.stringify(answer ?? null))
  for (const [name, call] of Object.entries(READS)) {
    assert.ok(isFound(await ask(call, acme)), `the premise: ${name}`)
    const told = await ask(call, globex)
    // Whoever asks for the admins but one is told of their own.
    if (name === 'countAdmins') assert.equal(told, 1)
    else assert.ok(!isFound(told), `${name} tells of another workspace`)
  }
  const everything = () => house.db.inspect(rowsOf())
  for (const [name, call] of Object.entries(DELETES)) {
    const before = await everything()
    await ask(call, globex)
    assert.deepEqual(await everything(), before, `${name} takes of another workspace`)
    await ask(call, acme)
    assert.notDeepEqual(await everything(), before, `the premise: ${name}`)
  }
})

function* rowsOf() {
  const rows: unknown[] = []
  for (const table of ['membership', 'accessLink', 'apiToken']) {
    rows.push(...(yield* all<{ id: string }>(`select * from "${table}" order by 1, 2`)))
  }
  return rows.map((row) => JSON.stringify(row))
}
