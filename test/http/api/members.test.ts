// Members over the API: versions that keep two programs from overwriting each other, the fresh proof
// that a page would ask for, and that a person and their token are one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addPerson } from '#cli/demo/cast.ts'
import { entriesOf, startProgram, type Program } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { MINUTE } from '#kernel/time.ts'

interface Told {
  readonly role: string
  readonly isAuditor: boolean
  readonly approver: string
  readonly version: string
}

const read = async (answer: Response) => (await answer.json()) as Told

async function startAdmin(t: test.TestContext): Promise<{ app: TestApp; call: Program['call'] }> {
  const app = await startApp(t)
  await app.signIn(app.cast.ada)
  return { app, call: (await startProgram(app, app.cast.ada, { scopes: ['admin'] })).call }
}

test('of two changes over one version exactly one is made', async (t) => {
  const { app, call } = await startAdmin(t)
  const path = `/members/${app.cast.ravi.userId}`
  const seen = await call(path)
  const tag = seen.headers.get('ETag')!
  assert.equal(tag, `"${(await read(seen)).version}"`)
  const wanted = [{ role: 'viewer' }, { role: 'analyst' }, { isAuditor: true }, { role: 'admin' }]
  const answers = await Promise.all(
    wanted.map((json) => call(path, { method: 'PATCH', json, headers: { 'If-Match': tag } })),
  )
  const made = answers.filter(({ status }) => status === 200)
  const lost = answers.filter(({ status }) => status === 412)
  assert.deepEqual([made.length, lost.length], [1, wanted.length - 1])
  const problem = (await lost[0]!.json()) as { code: string }
  assert.equal(problem.code, 'stale')
  const now = await call(path)
  assert.notEqual(now.headers.get('ETag'), tag)
  assert.equal(now.headers.get('ETag'), made[0]!.headers.get('ETag'))
  assert.deepEqual(await now.json(), await made[0]!.json())
  const entries = await entriesOf(app, app.acme)
  assert.equal(entries.filter(({ action }) => action === 'member.change').length, 1)
})

test('a change and a removal race: the removal is over the version it names', async (t) => {
  const { app, call } = await startAdmin(t)
  const path = `/members/${app.cast.ravi.userId}`
  const tag = (await call(path)).headers.get('ETag')!
  const headers = { 'If-Match': tag }
  const [changed, removed] = await Promise.all([
    call(path, { method: 'PATCH', json: { role: 'viewer' }, headers }),
    call(path, { method: 'DELETE', headers }),
  ])
  const statuses = [changed.status, removed.status].join()
  assert.ok(['200,412', '403,204'].includes(statuses), statuses)
  if (removed.status === 204) return
  const again = {
    method: 'DELETE',
    headers: { 'If-Match': `"x", ${changed.headers.get('ETag')!}` },
  }
  assert.equal((await call(path, again)).status, 204)
  assert.equal((await call(path)).status, 403)
})

test('what is left out stays, a star is over whatever is there, and the last admin stays one', async (t) => {
  const { app, call } = await startAdmin(t)
  const path = `/members/${app.cast.ravi.userId}`
  const patch = (json: unknown, at = path) =>
    call(at, { method: 'PATCH', json, headers: { 'If-Match': '*' } })
  assert.equal((await read(await patch({ isAuditor: true }))).role, 'engineer')
  const { role, isAuditor } = await read(await patch({ role: 'viewer' }))
  assert.deepEqual({ role, isAuditor }, { role: 'viewer', isAuditor: true })
  assert.equal((await patch({ role: 'viewer' }, `/members/${app.cast.ada.userId}`)).status, 409)
})

test('a program that has the version gets 304 until it changes', async (t) => {
  const { app, call } = await startAdmin(t)
  const path = `/members/${app.cast.ravi.userId}`
  const tag = (await call(path)).headers.get('ETag')!
  const known = { headers: { 'If-None-Match': `"x", W/${tag}` } }
  const same = await call(path, known)
  assert.deepEqual([same.status, await same.text(), same.headers.get('ETag')], [304, '', tag])
  await call(path, { method: 'PATCH', json: { role: 'viewer' }, headers: { 'If-Match': tag } })
  assert.equal((await call(path, known)).status, 200)
})

test('without a fresh proof of the person a token changes nobody and makes nothing that lasts', async (t) => {
  const app = await startApp(t)
  const { call, token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const path = `/members/${app.cast.ravi.userId}`
  const attempt = async (method: string, json?: unknown) => {
    const answer = await call(path, { method, json, headers: { 'If-Match': '*' } })
    return [answer.status, answer.headers.get('WWW-Authenticate')]
  }
  const wanted = 'Bearer error="insufficient_user_authentication", max_age="300"'
  assert.deepEqual(await attempt('PATCH', { role: 'viewer' }), [401, wanted])
  assert.deepEqual(await attempt('DELETE'), [401, wanted])
  const lasting = {
    '/members': { email: 'mallory@elsewhere.example', role: 'admin' },
    '/tokens': { name: 'Second key', scopes: ['admin'] },
  }
  for (const [at, json] of Object.entries(lasting)) {
    const refused = await call(at, { json })
    assert.deepEqual([refused.status, refused.headers.get('WWW-Authenticate')], [401, wanted], at)
  }
  const tried = (await entriesOf(app, app.acme)).filter(({ outcome }) => outcome === 'refused')
  const acts = tried.map(({ actor, action }) => [actor === token.id, action])
  for (const action of ['member.change', 'member.remove', 'member.add', 'token.add']) {
    assert.ok(
      acts.some(([isIts, act]) => isIts === true && act === action),
      action,
    )
  }
  assert.equal((await call(path)).status, 200, 'reading needs none')
  await app.signIn(app.cast.ravi)
  assert.deepEqual(await attempt('DELETE'), [401, wanted], 'somebody else’s proof is none')
  await app.signIn(app.cast.ada)
  assert.deepEqual(await attempt('PATCH', { role: 'viewer' }), [200, null])
  for (const [at, json] of Object.entries(lasting)) {
    assert.equal((await call(at, { json })).status, 201, `${at}, proved`)
  }
  app.clock.advance(5 * MINUTE)
  assert.deepEqual(await attempt('DELETE'), [401, wanted])
})

test('who asks for an approver through a token is the person, who cannot confirm it too', async (t) => {
  const { app, call } = await startAdmin(t)
  const { house, acme, cast } = app
  const neil = { userId: await addPerson(house, app.globex, 'neil', 'viewer') }
  const post = (path: string, who = cast.ada, form: Record<string, string> = {}) =>
    app.fetchAs(who, path, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams(form),
    })
  const asked = await call(`/members/${cast.ravi.userId}`, {
    method: 'PATCH',
    json: { isApprover: true },
    headers: { 'If-Match': '*' },
  })
  assert.equal((await read(asked)).approver, 'asked')
  const invited = await call('/members', {
    json: { email: 'neil@globex.example', role: 'engineer', isApprover: true },
  })
  const { url } = (await invited.json()) as { url: string }
  assert.equal((await post(new URL(url).pathname, neil)).status, 303)
  const members = `/w/${acme.slug}/settings/members`
  for (const { userId } of [cast.ravi, neil]) {
    assert.equal((await post(`${members}/${userId}/approver`)).status, 409)
    const { approver } = await read(await call(`/members/${userId}`))
    assert.equal(approver, 'asked')
  }
})
