// The page of tokens, without script: making one, seeing it once, ending it.

import assert from 'node:assert/strict'
import test from 'node:test'
import { callWith, entriesOf, startProgram } from '#test/support/api.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'
import { MINUTE } from '#kernel/time.ts'

const PATH = '/w/acme/settings/tokens'
const FORM = { name: 'CI', kind: 'pat', scopes: 'rules:read', days: '30', networks: '' }

function post(app: TestApp, cookie: string, path: string, form: Record<string, string> = {}) {
  return app.fetch(path, {
    method: 'POST',
    headers: {
      Cookie: `session=${cookie}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
    },
    body: new URLSearchParams(form).toString(),
  })
}

async function show(app: TestApp, who: CastMember, query = ''): Promise<string> {
  return (await app.fetchAs(who, PATH + query)).text()
}

test('a token is made, shown once, opens the API, and is revoked', async (t) => {
  const app = await startApp(t)
  const cookie = await app.signIn(app.cast.vera)
  assert.match(await show(app, app.cast.vera), /No token yet/)
  const made = await post(app, cookie, PATH, FORM)
  assert.equal(made.status, 200)
  const text = /value="(rw_pat_[^"]+)"/.exec(await made.text())![1]!
  assert.equal((await callWith(app, text, '/me')).status, 200)
  const events = await (await app.fetchAs(app.cast.vera, '/account/events')).text()
  assert.match(events, /API token “CI” was made for you in Acme/, 'the person is told')
  const list = await show(app, app.cast.vera)
  assert.match(list, />CI</)
  assert.ok(!list.includes(text.slice(45)), 'shown once')
  const end = /action="([^"]+\/end)"/.exec(list)![1]!
  assert.equal((await post(app, cookie, end)).status, 303)
  assert.equal((await callWith(app, text, '/me')).status, 401)
  assert.match(await show(app, app.cast.vera), /revoked/)
  const acts = (await entriesOf(app, app.acme)).map(({ action }) => action)
  assert.deepEqual(acts.slice(0, 3), ['token.use', 'token.revoke', 'token.add'])
})

test('what does not fit is told beside its field, and what was typed is kept', async (t) => {
  const app = await startApp(t)
  const cookie = await app.signIn(app.cast.vera)
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ name: ' ' }, /The name is empty/],
    [{ days: '0' }, /less than one day/],
    [{ days: '400' }, /at most 365 days/],
    [{ networks: '10.0.0.0/33' }, /is no address and no network/],
    [{ scopes: 'targets:write' }, /more than whoever makes/],
  ]
  for (const [change, problem] of cases) {
    const answer = await post(app, cookie, PATH, { ...FORM, name: 'Kept name', ...change })
    assert.equal(answer.status, 422, JSON.stringify(change))
    const html = await answer.text()
    assert.match(html, problem)
    if (change['name'] === undefined) assert.match(html, /value="Kept name"/)
  }
})

test('an admin sees and ends tokens of others, and nobody else does', async (t) => {
  const app = await startApp(t)
  const { token } = await startProgram(app, app.cast.ravi, { scopes: ['rules:read'] })
  assert.match(await show(app, app.cast.ada, '?of=all'), />A pipeline<.* of /s)
  assert.doesNotMatch(await show(app, app.cast.ada), />A pipeline</)
  assert.doesNotMatch(await show(app, app.cast.vera, '?of=all'), />A pipeline</)
  const end = `${PATH}/${token.id}/end`
  assert.equal((await post(app, await app.signIn(app.cast.vera), end)).status, 403)
  const foreign = `/w/globex/settings/tokens/${token.id}/end`
  assert.equal((await post(app, await app.signIn(app.cast.gwen), foreign)).status, 403)
  assert.equal((await post(app, await app.signIn(app.cast.ada), end)).status, 303)
})

test('whoever proved themselves long ago does so again first', async (t) => {
  const app = await startApp(t)
  const cookie = await app.signIn(app.cast.vera)
  app.clock.advance(6 * MINUTE)
  const answer = await post(app, cookie, PATH, FORM)
  assert.equal(answer.status, 303)
  assert.match(answer.headers.get('Location')!, /^\/account\/prove\?next=.*settings%2Ftokens/)
})

test('an admin makes a service token that reaches one target, and it stands apart', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  const cookie = await app.signIn(ada)
  const [, target] = /name="targets"[^>]*value="(tgt_[^"]+)"/.exec(await show(app, ada)) ?? []
  assert.ok(target, 'the sandbox is there to be ticked')
  const form = { ...FORM, name: 'Nightly', serviceRole: 'viewer', targets: target }
  const whole = await post(app, cookie, PATH, { ...form, serviceRole: '', scopes: 'audit:read' })
  assert.equal(whole.status, 422)
  assert.match(await whole.text(), /cannot be narrowed[\s\S]*checked/, 'what was ticked is kept')
  assert.equal((await post(app, cookie, PATH, form)).status, 200)
  assert.doesNotMatch(await show(app, ada), />Nightly</)
  const apart = await show(app, ada, '?of=service')
  assert.match(
    apart,
    />Nightly<[\s\S]*service, viewer[\s\S]*answered for by[\s\S]*reaches only 1 target/,
  )
  assert.doesNotMatch(await show(app, vera, '?of=service'), />Nightly</)
  const refused = await post(app, await app.signIn(vera), PATH, form)
  assert.equal(refused.status, 403)
})
