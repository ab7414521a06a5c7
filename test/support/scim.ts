// A directory that tells of people by SCIM: a provider of acme whose domain is confirmed, and its token.

import { systemCaller } from '#domain/access/system.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import type { Provider } from '#domain/identity/provider.ts'
import { addScimToken } from '#domain/identity/scim-tokens.ts'
import { putDomain } from '#domain/identity/store.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TestApp } from './start-app.ts'

export interface ScimAnswer {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a directory would read of it
  readonly body: any
  readonly headers: Headers
}

export interface TestDirectory {
  readonly provider: Provider
  readonly token: string
  /** `path` behind `/scim/v2`. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<ScimAnswer>
}

/** Groups `engineers` and `admins` have roles; everybody else is a viewer. */
export async function startDirectory(
  app: TestApp,
  { domain = 'acme.example', name = 'Okta' }: { domain?: string; name?: string } = {},
): Promise<TestDirectory> {
  const { house, acme } = app
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const provider = await addProvider(
    house,
    caller,
    NewProvider.parse({
      kind: 'oidc',
      name,
      defaultRole: 'viewer',
      groupRoles: [
        { group: 'engineers', role: 'engineer', isApprover: true },
        { group: 'admins', role: 'admin' },
      ],
      settings: { issuer: 'https://login.acme.example', clientId: 'rulewright' },
      clientSecret: 'a secret of the provider',
    }),
  )
  const asked = { askedAt: caller.now, askedBy: caller.actor, isEnforced: false }
  const confirmed = { confirmedAt: caller.now, confirmedBy: caller.actor }
  const of = { domain, providerId: provider.id }
  await house.db.write(caller, (tx) =>
    putDomain(tx, house.keys.purpose('row-mac'), { ...of, ...asked, ...confirmed }),
  )
  const { text: token } = await addScimToken(house, caller, provider.id, [])
  await nextTurn()
  return { provider, token, ask: (...request) => ask(app, token, ...request) }
}

async function ask(
  app: TestApp,
  token: string,
  ...[method, path, body, headers = {}]: Parameters<TestDirectory['ask']>
): Promise<ScimAnswer> {
  const answer = await app.fetch(`/scim/v2${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/scim+json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? null : JSON.parse(text),
  }
}
