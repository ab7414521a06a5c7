// What happens to single sign-on as time goes by: a client secret that is changed, sessions that a provider
// began, and how they end here and there.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { changeProvider, getProvider } from '#domain/identity/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { adoptProvider, Browser, CLIENT, startProvider } from '#test/support/oidc.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after }, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
const provider = await startProvider({ after })
const { ada } = app.cast
const id = await adoptProvider(app, provider, { domain: 'acme.example', defaultRole: 'viewer' })
provider.redirectUri = new URL(`/sign-in/with/${id}/callback`, app.url).href
const root = `/w/acme/settings/single-sign-on/${id}`

const inAcme = () => systemCaller(app.house, 'test', undefined, app.acme.id)

async function audited(action: string): Promise<readonly string[]> {
  const { items } = await readAudit(app.house, inAcme(), {}, { limit: 50 })
  return items.filter((one) => one.action === action).map(({ data }) => JSON.stringify(data))
}

function become(sub: string, more: Readonly<Record<string, unknown>> = {}): void {
  provider.as = { sub, claims: { email: `${sub}@acme.example`, email_verified: true, ...more } }
}

async function comeIn(): Promise<Browser> {
  const browser = new Browser(app)
  const home = await browser.go(`/sign-in/with/${id}`)
  assert.equal(home.status, 200, home.at.href)
  return browser
}

async function pageOf(path: string): Promise<string> {
  return (await app.fetchAs(ada, path)).text()
}

/** From now on the provider knows us by this secret alone. */
function takeOnly(secret: string): void {
  provider.bend = (request, _response, pass) => {
    const [, given] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    if (given !== undefined && request.url === '/token') {
      const typed = decodeURIComponent(Buffer.from(given, 'base64').toString()).split(':')[1]
      const sent = `${CLIENT.id}:${typed === secret ? CLIENT.secret : 'wrong'}`
      request.headers.authorization = `Basic ${Buffer.from(sent).toString('base64')}`
    }
    pass()
  }
}

test('a client secret is changed here and there in any order, and nobody is shut out', async () => {
  become('nina')
  const type = (clientSecret: string, more = {}) =>
    changeProvider(app.house, inAcme(), id, { edit: { clientSecret, ...more }, expected: 'any' })
  takeOnly(CLIENT.secret)
  const secretExpiresAt = addMs(app.clock.now(), 5 * DAY)
  await changeProvider(app.house, inAcme(), id, { edit: { secretExpiresAt }, expected: 'any' })

  const mistyped = await type('with-a-typo', { secretExpiresAt })
  await type('the-next-secret')
  assert.equal(mistyped.secretExpiresAt, null, 'that day was of the secret before')
  await comeIn()
  assert.ok((await getProvider(app.house, inAcme(), id)).isSecretNew)
  assert.match(await pageOf(root), /not taken by the provider yet/)
  const refused = await audited('session.start')
  assert.ok(
    refused.some((data) => data.includes('the new client secret was refused')),
    refused[0],
  )

  takeOnly('the-next-secret')
  await comeIn()
  assert.ok(!(await getProvider(app.house, inAcme(), id)).isSecretNew)
  assert.equal((await audited('provider.secret_taken')).length, 1)
  takeOnly(CLIENT.secret)
  const late = await new Browser(app).go(`/sign-in/with/${id}`)
  assert.equal(late.status, 403, 'the one before was forgotten')
  takeOnly('the-next-secret')
})
