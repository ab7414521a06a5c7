// Idempotency keys: a write that is sent again is answered again and not done again.

import assert from 'node:assert/strict'
import test from 'node:test'
import { runHere } from '#test/support/shell.ts'
import { callWith, entriesOf, startProgram } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { AppError } from '#kernel/error.ts'
import { DAY } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { Once, type Act } from '#platform/idempotency/once.ts'

const NEW = { name: 'Child', scopes: ['rules:read'] }

/** Whose ada has just proved who she is: what makes a token asks for that. */
async function startProved(t: test.TestContext): Promise<TestApp> {
  const app = await startApp(t)
  await app.signIn(app.cast.ada)
  return app
}

async function madeTokens(app: TestApp): Promise<number> {
  const entries = await entriesOf(app, app.acme)
  return entries.filter(({ action, actor }) => action === 'token.add' && actor.startsWith('tok_'))
    .length
}

test('the second request gets the first answer, secret included, and nothing is done twice', async (t) => {
  const app = await startProved(t)
  const { call, text } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const headers = { 'Idempotency-Key': 'a-key' }
  const first = await call('/tokens', { json: NEW, headers })
  const second = await call('/tokens', { json: NEW, headers })
  assert.deepEqual([first.status, second.status], [201, 201])
  assert.equal(first.headers.get('Idempotency-Replayed'), null)
  assert.equal(second.headers.get('Idempotency-Replayed'), 'true')
  assert.deepEqual(await second.json(), await first.json())
  assert.equal(await madeTokens(app), 1)
  const { port } = new URL(app.url)
  for (const host of ['localhost', '127.0.0.1']) {
    const elsewhere = await fetch(`http://${host}:${port}/api/v1/tokens`, {
      method: 'POST',
      body: JSON.stringify(NEW),
      headers: {
        ...headers,
        Authorization: `Bearer ${text}`,
        'Content-Type': 'application/json',
      },
    })
    assert.equal(elsewhere.headers.get('Idempotency-Replayed'), 'true', host)
  }
  const other = await call('/tokens', { json: { ...NEW, name: 'Other' }, headers })
  assert.equal(other.status, 422)
  app.clock.advance(DAY + 1)
  await app.signIn(app.cast.ada)
  assert.equal((await call('/tokens', { json: NEW, headers })).status, 201)
  assert.equal(await madeTokens(app), 2, 'a day later the key is a new one')
})

test('requests with one key that come at once are done once', async (t) => {
  const app = await startProved(t)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const send = () => call('/tokens', { json: NEW, headers: { 'Idempotency-Key': 'together' } })
  const answers = await Promise.all(Array.from({ length: 8 }, send))
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  assert.equal(new Set(bodies).size, 1)
  assert.equal(await madeTokens(app), 1)
})

test('a refusal is not kept, and a key is its token’s own', async (t) => {
  const app = await startProved(t)
  const one = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const two = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const headers = { 'Idempotency-Key': 'again' }
  const path = `/tokens/${two.token.id}`
  const wrong = { ...NEW, scopes: ['changes:undo'] }
  assert.equal((await one.call('/tokens', { json: wrong, headers })).status, 422)
  assert.equal((await one.call('/tokens', { json: NEW, headers })).status, 201)
  assert.equal((await two.call('/tokens', { json: NEW, headers })).status, 201)
  assert.equal(await madeTokens(app), 2)
  const deleted = await one.call(path, { method: 'DELETE', headers: { 'Idempotency-Key': 'gone' } })
  const repeated = await one.call(path, {
    method: 'DELETE',
    headers: { 'Idempotency-Key': 'gone' },
  })
  assert.deepEqual([deleted.status, repeated.status], [204, 204])
})

for (const key of ['', 'with space', 'x'.repeat(256), 'naïve']) {
  test(`no key: ${JSON.stringify(key.slice(0, 20))}`, async (t) => {
    const app = await startProved(t)
    const { text } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
    const answer = await callWith(app, text, '/tokens', {
      json: NEW,
      headers: { 'Idempotency-Key': key },
    })
    assert.equal(answer.status, 422)
  })
}

test('act, key and answer are kept together or not at all', async (t) => {
  const { house, acme } = await startApp(t)
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const answer = { status: 201, headers: { ETag: '"1"' }, body: '{}' }
  const once = (key: string, act: Act) => new Once().run(house, caller, { key, digest: 'd' }, act)
  const record = (inside: House) =>
    inside.db.write(caller, async (tx) => {
      await house.audit.record(tx, caller, { action: 'test.act', target: 'x', data: {} })
    })
  const acts: Readonly<Record<string, Act>> = {
    'refused before it writes': () => Promise.reject(new AppError('conflict', 'no')),
    'refused in its write': (inside) =>
      inside.db.write(caller, async (tx) => {
        await house.audit.record(tx, caller, { action: 'test.act', target: 'x', data: {} })
        throw new AppError('conflict', 'no')
      }),
    'refused after its write': async (inside) => {
      await record(inside)
      throw new AppError('conflict', 'no')
    },
    'a bug after its write': async (inside) => {
      await record(inside)
      throw new Error('power cut')
    },
    'a second write': async (inside) => {
      await record(inside)
      await record(inside)
      return answer
    },
    'a query after its write': async (inside) => {
      await record(inside)
      await readAudit(inside, caller, {}, { limit: 1 })
      return answer
    },
    'a wait after its write': async (inside) => {
      await record(inside)
      await new Promise((resolve) => setImmediate(resolve))
      return answer
    },
  }
  const count = async () => {
    const { items } = await readAudit(house, caller, { action: 'test.act' }, { limit: 100 })
    return items.length
  }
  for (const [what, act] of Object.entries(acts)) {
    await assert.rejects(once('k', act), what)
    assert.equal(await count(), 0, what)
  }
  const act: Act = async (inside) => {
    await record(inside)
    return answer
  }
  assert.deepEqual(await once('k', act), { answer, isRepeat: false }, 'none of them kept the key')
  assert.deepEqual(await once('k', act), { answer, isRepeat: true })
  assert.equal(await count(), 1)
  assert.deepEqual(
    await once('l', async () => answer),
    { answer, isRepeat: false },
    'writes nothing',
  )
  assert.deepEqual(await once('l', act), { answer, isRepeat: true })
  assert.equal(await count(), 1)
})

test('the command prints a token that opens the API', async (t) => {
  const app = await startApp(t)
  const argv = ['token', 'add', 'CI', '--workspace', 'acme', '--user', 'ada@acme.example']
  const run = (...more: string[]) =>
    runHere([...argv, '--data', app.data, ...more], { cwd: app.data })
  const made = await run('--scopes', 'rules:read,audit:read', '--expires', '30d')
  assert.equal(made.code, 0, made.err)
  assert.match(made.out, /^rw_pat_[0-9a-f]{32}_[\w-]{43}_[0-9a-f]{8}$/)
  assert.equal((await callWith(app, made.out, '/me')).status, 200)
  assert.equal((await run('--scopes', 'everything')).code, 2)
  assert.equal((await run('--scopes', 'admin', '--expires', '90m')).code, 2)
  const [entry] = await entriesOf(app, app.acme)
  assert.deepEqual([entry?.action, entry?.actor.startsWith('system:cli')], ['token.add', true])
})
