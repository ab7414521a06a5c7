// Tokens through the door of programs: who comes in, with what, and for how long.

import assert from 'node:assert/strict'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import path from 'node:path'
import { changeMember, removeMember } from '#domain/access/members.ts'
import { makeReset } from '#domain/access/resets.ts'
import { systemCaller } from '#domain/access/system.ts'
import { Tokens } from '#domain/access/tokens.ts'
import { changePolicy } from '#domain/workspaces/policy-actions.ts'
import { DEFAULT_POLICY } from '#domain/workspaces/policy.ts'
import { callWith, entriesOf, startProgram } from '#test/support/api.ts'
import { giveTotp } from '#test/support/passwords.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { type TokenId } from '#kernel/id.ts'
import { rotateToken } from '#domain/access/token-rotation.ts'
import { DAY, HOUR } from '#kernel/time.ts'
import { scrubText } from '#platform/scrub.ts'

const inAcme = ({ house, acme }: TestApp) => systemCaller(house, 'test', undefined, acme.id)

interface Me {
  person: { id: string }
  workspace: { slug: string }
  role: string
  verbs: string[]
}

test('a token says whose it is, and holds what its scopes leave of its maker', async (t) => {
  const app = await startApp(t)
  const reader = await startProgram(app, app.cast.ada, { scopes: ['rules:read'] })
  const me = (await (await reader.call('/me')).json()) as Me
  assert.deepEqual(
    [me.person.id, me.workspace.slug, me.role],
    [app.cast.ada.userId, 'acme', 'admin'],
  )
  assert.ok(me.verbs.includes('workspace.read') && !me.verbs.includes('token.read'), 'narrowed')
  const admin = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const all = (await (await admin.call('/me')).json()) as Me
  assert.ok(all.verbs.includes('token.manage'))
  assert.ok(!all.verbs.includes('instance.read'), 'an owner’s token holds nothing of the instance')
})

test('what is not a live token of ours gets one answer, whatever is wrong with it', async (t) => {
  const app = await startApp(t)
  const { text, token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const mcp = await startProgram(app, app.cast.ada, { scopes: ['admin'], kind: 'mcp' })
  const far = await startProgram(app, app.cast.ada, {
    scopes: ['admin'],
    networks: ['203.0.113.0/24'],
  })
  const flipped = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
  const odd = [text.toUpperCase(), mcp.text, far.text, 'eyJhbGciOiJub25lIn0.e30.']
  const answers = new Set<string>()
  const session = await app.signIn(app.cast.ada)
  const link = (await makeReset(app.house, systemCaller(app.house, 'test'), app.cast.ravi.userId))
    .token
  for (const one of [...odd, session, link, token.id, 'x'.repeat(4_000)]) {
    const answer = await callWith(app, one, '/me')
    assert.equal(answer.status, 401, one.slice(0, 60))
    assert.equal(answer.headers.get('WWW-Authenticate'), 'Bearer')
    answers.add(((await answer.json()) as { detail: string }).detail)
  }
  assert.equal(answers.size, 1)
  for (const damaged of [flipped, `${text}x`, text.slice(0, 40)]) {
    const answer = await callWith(app, damaged, '/me')
    assert.equal(answer.status, 401)
    assert.match(
      await answer.text(),
      /its checksum is wrong: was it cut/,
      'which no row is read for',
    )
  }
  assert.equal((await callWith(app, text, '/me')).status, 200, 'the premise')
  for (const cookie of [text, mcp.text, link]) {
    const headers = { Cookie: `session=${cookie}` }
    assert.equal((await app.fetch('/account', { headers })).status, 401, 'and none is a session')
  }
  for (const headers of [
    {},
    { Authorization: 'Basic YTpi' },
    { Authorization: `Bearer ${text} ${text}` },
  ]) {
    assert.equal((await app.fetch('/api/v1/me', { headers })).status, 401)
  }
})

test('a token ends when it is revoked, when it expires, and when its maker goes', async (t) => {
  const app = await startApp(t)
  const short = await startProgram(app, app.cast.ada, { scopes: ['admin'], days: 1 })
  const long = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const ravis = await startProgram(app, app.cast.ravi, { scopes: ['rules:read'] })
  const revoked = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  assert.equal((await long.call(`/tokens/${revoked.token.id}`, { method: 'DELETE' })).status, 204)
  assert.equal((await revoked.call('/me')).status, 401)
  assert.equal((await long.call(`/tokens/${revoked.token.id}`, { method: 'DELETE' })).status, 409)
  assert.equal((await ravis.call('/me')).status, 200)
  await removeMember(app.house, inAcme(app), app.cast.ravi.userId)
  assert.equal((await ravis.call('/me')).status, 401)
  app.clock.advance(DAY)
  assert.equal((await short.call('/me')).status, 401)
  assert.equal((await long.call('/me')).status, 200)
  const dead = (await entriesOf(app, app.acme)).filter(({ action }) => action === 'token.use')
  assert.deepEqual(
    dead.map(({ actor, data }) => [actor, (data as { code: string }).code]),
    [
      [short.token.id, 'expired'],
      [ravis.token.id, 'maker_left'],
      [revoked.token.id, 'revoked'],
    ],
  )
})

test('a clock that is set back revives no token', async (t) => {
  const app = await startApp(t)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'], days: 1 })
  const before = app.clock.now()
  app.clock.advance(2 * DAY)
  assert.equal((await call('/me')).status, 401)
  app.clock.jumpTo(before)
  assert.equal((await call('/me')).status, 401)
})

test('a role taken away is taken from tokens at once', async (t) => {
  const app = await startApp(t)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['audit:read'] })
  const verbs = async () => ((await (await call('/me')).json()) as Me).verbs
  assert.ok((await verbs()).includes('audit.read'))
  const { ada, ravi } = app.cast
  const flags = { isApprover: false, isAuditor: false }
  await changeMember(app.house, inAcme(app), ravi.userId, { role: 'admin', ...flags })
  await changeMember(app.house, inAcme(app), ada.userId, { role: 'viewer', ...flags })
  assert.ok(!(await verbs()).includes('audit.read'))
})

test('a cookie beside a token is judged as a cookie', async (t) => {
  const app = await startApp(t)
  const { text } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const cookie = `session=${await app.signIn(app.cast.ada)}`
  const headers = {
    Cookie: cookie,
    Authorization: `Bearer ${text}`,
    'Content-Type': 'application/json',
  }
  const body = JSON.stringify({ name: 'x', scopes: ['rules:read'] })
  const send = (more: Record<string, string>) =>
    app.fetch('/api/v1/tokens', { method: 'POST', headers: { ...headers, ...more }, body })
  assert.equal((await send({ 'Sec-Fetch-Site': 'cross-site' })).status, 403)
  assert.equal((await send({ 'Sec-Fetch-Site': 'same-origin' })).status, 401)
  assert.equal((await app.fetch('/api/v1/me', { headers: { Cookie: cookie } })).status, 401)
  assert.ok(!(await entriesOf(app, app.acme)).some(({ actor }) => actor.startsWith('tok_')))
})

test('a token made through another holds no more and lives no longer', async (t) => {
  const app = await startApp(t)
  await app.signIn(app.cast.ada)
  const { call, token } = await startProgram(app, app.cast.ada, { scopes: ['admin'], days: 10 })
  const made = await call('/tokens', { json: { name: 'Child', scopes: ['rules:read'], days: 90 } })
  assert.equal(made.status, 201)
  const child = (await made.json()) as { expiresAt: string; secret: string; id: string }
  assert.equal(Date.parse(child.expiresAt), token.expiresAt)
  assert.equal((await callWith(app, child.secret, '/me')).status, 200)
  assert.equal(
    (await callWith(app, child.secret, '/tokens')).status,
    403,
    'its scope has no tokens',
  )
  // Whether it may sign is asked of the policy when it tries (test/domain/changes.test.ts).
  const signing = await call('/tokens', { json: { name: 'Signer', scopes: ['changes:sign'] } })
  assert.equal(signing.status, 201)
  const signer = (await signing.json()) as { id: string }
  const list = (await (await call('/tokens')).json()) as { items: { id: string }[] }
  const ids = list.items.map(({ id }) => id)
  assert.deepEqual(ids.toSorted(), [child.id, signer.id, token.id].toSorted())
  assert.ok(!JSON.stringify(list).includes(child.secret.slice(-20)), 'shown once')
})

test('the policy of the workspace bounds the life of its tokens', async (t) => {
  const app = await startApp(t)
  await app.signIn(app.cast.ada)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const over = await call('/tokens', { json: { name: 'x', scopes: ['rules:read'], days: 366 } })
  assert.equal(over.status, 422)
  assert.match(await over.text(), /at most 365 days/)
})

test('where members need a second factor, a token of somebody without one opens nothing', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const { call, token } = await startProgram(app, vera, { scopes: ['rules:read'] })
  assert.equal((await call('/me')).status, 200, 'the premise')
  const policy = { ...DEFAULT_POLICY, secondFactor: true }
  await changePolicy(app.house, inAcme(app), { policy, version: 0 })
  assert.equal((await call('/me')).status, 401)
  assert.equal(await new Tokens(app.house).isLive(token), false, 'nor does it hold a stream open')
  await giveTotp(app.house, (await app.sessions.find(await app.signIn(vera)))!)
  assert.equal((await call('/me')).status, 200)
  const told = (await entriesOf(app, app.acme)).find(({ action }) => action === 'token.use')
  assert.match(JSON.stringify(told?.data), /no_second_factor/)
})

test('a token edited in the file is refused, and neither file nor scrubbed text holds one', async (t) => {
  const app = await startApp(t)
  const { token, text, call } = await startProgram(app, app.cast.vera, { scopes: ['rules:read'] })
  assert.ok(!scrubText(`token ${text} leaked`).includes(text.slice(10, 30)))
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  assert.equal((await call('/me')).status, 200, 'the premise')
  const { scopes, expiresAt, userId } = file
    .prepare('select * from apiToken where id = ?')
    .get(token.id) as Record<string, string | number>
  for (const [column, value, before] of [
    ['scopes', '["admin"]', scopes],
    ['expiresAt', Number(expiresAt) + DAY, expiresAt],
    ['userId', app.cast.ada.userId, userId],
  ] as const) {
    const edit = file.prepare(`update apiToken set ${column} = ? where id = ?`)
    edit.run(value, token.id)
    const { status } = await call('/me')
    assert.ok(status >= 400 && status < 500, `${column}: ${status}`)
    edit.run(before, token.id)
    assert.equal((await call('/me')).status, 200, `${column} put back`)
  }
  file.close()
  await app.stop()
  assertNoPart(app, token.id, text)
})

/** No cell of the token's row is a part of its text. */
function assertNoPart(app: TestApp, id: string, text: string): void {
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  const row = file.prepare('select * from apiToken where id = ?').get(id) as object
  const cells = Object.values(row).map((cell) =>
    Buffer.isBuffer(cell) ? cell.toString('base64') : String(cell),
  )
  assert.ok(!cells.some((cell) => text.includes(cell) && cell.length > 8 && cell !== id))
  file.close()
}

test('a token asks within its limit, then waits; each workspace has its own', async (t) => {
  const env = {
    RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '1',
    RULEWRIGHT_SERVER_WORKSPACE_REQUESTS_PER_SECOND_MAX: '2',
  }
  const app = await startApp(t, { env })
  const one = await startProgram(app, app.cast.ada, { scopes: ['rules:read'] })
  const two = await startProgram(app, app.cast.ada, { scopes: ['rules:read'] })
  const three = await startProgram(app, app.cast.ada, { scopes: ['rules:read'] })
  const gwens = await startProgram(app, app.cast.gwen, {
    scopes: ['rules:read'],
    workspace: app.globex,
  })
  for (let left = 9; left >= 0; left--) {
    const answer = await one.call('/me')
    assert.deepEqual(
      [
        answer.status,
        answer.headers.get('RateLimit-Limit'),
        answer.headers.get('RateLimit-Remaining'),
      ],
      [200, '10', String(left)],
    )
  }
  const refused = await one.call('/me')
  assert.deepEqual([refused.status, refused.headers.get('Retry-After')], [429, '1'])
  for (let n = 0; n < 9; n++) assert.equal((await two.call('/me')).status, 200)
  assert.equal((await three.call('/me')).status, 429, 'the workspace has used its own')
  assert.equal((await gwens.call('/me')).status, 200)
  app.clock.advance(1_000)
  assert.equal((await one.call('/me')).status, 200)
  const told = (await entriesOf(app, app.acme)).filter(({ outcome }) => outcome === 'refused')
  assert.deepEqual(
    told.map(({ actor }) => actor).toSorted(),
    [one.token.id, three.token.id].toSorted(),
  )
})

test('a rotated token has a new secret at once, and the old one for some hours more', async (t) => {
  const app = await startApp(t)
  const admin = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const old = await startProgram(app, app.cast.ada, { scopes: ['rules:read'], days: 30 })
  const theirs = await startProgram(app, app.cast.ravi, { scopes: ['rules:read'] })
  const rotate = (id: string, hours: number) =>
    rotateToken(
      app.house,
      inAcme(app),
      { ...app.cast.ada, role: 'admin', flags: [] },
      id as TokenId,
      {
        hours,
      },
    )
  const { token, text } = await rotate(old.token.id, 2)
  assert.deepEqual([token.name, token.scopes], [old.token.name, old.token.scopes])
  assert.equal(token.expiresAt, old.token.expiresAt)
  for (const one of [old.text, text]) assert.equal((await callWith(app, one, '/me')).status, 200)
  const listed = (await (await admin.call('/tokens')).json()) as { items: { id: string }[] }
  const shown = listed.items.map(({ id }) => id)
  assert.ok(shown.includes(old.token.id) && shown.includes(token.id), 'both stand in the list')
  app.clock.advance(2 * HOUR)
  assert.equal((await callWith(app, old.text, '/me')).status, 401)
  assert.equal((await callWith(app, text, '/me')).status, 200)
  await assert.rejects(rotate(old.token.id, 2), { code: 'conflict' })
  await assert.rejects(rotate(theirs.token.id, 2), { code: 'forbidden' })
  const unproved = await admin.call(`/tokens/${token.id}/rotate`, { json: { hours: 0 } })
  assert.equal(unproved.status, 401, 'a new secret asks for a fresh proof of its person')
  const [entry] = (await entriesOf(app, app.acme)).filter(({ action }) => action === 'token.rotate')
  assert.equal(entry?.target, token.id)
})
