// A directory makes people and takes them away, and nobody else does. The dialects of directories and
// what is wrong with their requests are in test/long.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { addScimToken, listScimTokens, removeScimToken } from '#domain/identity/scim-tokens.ts'
import { systemCaller } from '#domain/access/system.ts'
import { listMembers } from '#domain/access/members.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { NewToken } from '#domain/access/token-input.ts'
import { nextTurn } from '#platform/turns.ts'
import { startDirectory } from '#test/support/scim.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after })
const directory = await startDirectory(app)
const { ask } = directory
const inAcme = () => systemCaller(app.house, 'test', undefined, app.acme.id)

async function memberCalled(email: string) {
  await nextTurn()
  const { items } = await listMembers(app.house, inAcme(), {}, { limit: 100 })
  return items.find((member) => member.email === email)
}

test('somebody whom a directory tells of is a member, by the role of their group', async () => {
  const made = await ask('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'Nora@acme.example',
    externalId: '00u1',
    name: { givenName: 'Nora', familyName: 'Quist' },
    emails: [{ primary: true, value: 'Nora@acme.example', type: 'work' }],
    active: true,
  })
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('content-type'), 'application/scim+json')
  assert.equal(made.headers.get('location'), made.body.meta.location)
  const first = await memberCalled('nora@acme.example')
  assert.equal(first?.role, 'viewer')
  assert.equal(first.name, 'Nora Quist')

  const members = [{ value: made.body.id }]
  const group = await ask('POST', '/Groups', { displayName: 'engineers', members })
  assert.equal(group.status, 201)
  const second = await memberCalled('nora@acme.example')
  assert.equal(second?.role, 'engineer')
  assert.equal(second.approver, 'asked', 'another admin confirms it')

  const asked = { op: 'Remove', path: `members[value eq "${made.body.id}"]` }
  const emptied = await ask('PATCH', `/Groups/${group.body.id}`, { Operations: [asked] })
  assert.equal(emptied.status, 204)
  assert.deepEqual((await ask('GET', `/Groups/${group.body.id}`)).body.members, [])
  assert.equal((await memberCalled('nora@acme.example'))?.role, 'viewer')
})

test('who leaves has no session and no token from the same write on', async () => {
  const { body } = await ask('POST', '/Users', { userName: 'leo@acme.example' })
  const { userId } = (await memberCalled('leo@acme.example'))!
  const cookie = await app.signIn({ userId })
  const maker = await getMaker(app.house, inAcme(), userId)
  const self = { ...inAcme(), actor: userId }
  const wish = NewToken.parse({ name: 'pipeline', scopes: ['rules:read'] })
  const { text } = await addToken(app.house, self, maker, wish)
  const page = () => app.fetch('/w/acme/rules', { headers: { cookie: `session=${cookie}` } })
  const api = () => app.fetch('/api/v1/me', { headers: { authorization: `Bearer ${text}` } })
  assert.equal((await page()).status, 200, 'the premise')
  assert.equal((await api()).status, 200, 'the premise')

  const leaving = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }
  const left = await ask('PATCH', `/Users/${body.id}`, leaving)
  assert.equal(left.body.active, false)
  assert.notEqual((await page()).status, 200)
  assert.equal((await api()).status, 401)
  assert.equal(await memberCalled('leo@acme.example'), undefined)

  const back = { Operations: [{ op: 'replace', value: { active: true } }] }
  assert.equal((await ask('PATCH', `/Users/${body.id}`, back)).body.active, true)
  assert.equal((await memberCalled('leo@acme.example'))?.role, 'viewer')
  assert.equal((await api()).status, 401, 'an old token stays revoked')
})

test('a directory without its token, or with another id, is told nothing', async () => {
  const bare = await app.fetch('/scim/v2/Users')
  assert.equal(bare.status, 401)
  const body = (await bare.json()) as { schemas: string[] }
  assert.deepEqual(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'])
  const forged = directory.token.replace(/_[^_]+$/, '_00000000')
  const answer = await app.fetch('/scim/v2/Users', {
    headers: { authorization: `Bearer ${forged}` },
  })
  assert.equal(answer.status, 401)
  const missing = await ask('GET', '/Users/scu_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5c')
  assert.equal(missing.status, 404)
  assert.deepEqual((await ask('GET', '/Users/nonsense')).body, missing.body)
})

test('admins see whom a directory tells of, who has no account and why, and what went wrong', async () => {
  await ask('POST', '/Users', { userName: 'far@elsewhere.example', displayName: 'Far Away' })
  assert.equal((await ask('POST', '/Users', { userName: 'FAR@elsewhere.example' })).status, 409)
  const root = `/w/acme/settings/single-sign-on/${directory.provider.id}/directory`
  const read = async (path: string) => {
    const answer = await app.fetchAs(app.cast.ada, `${root}${path}`)
    assert.equal(answer.status, 200, path)
    return answer.text()
  }
  const far = await read('/people?q=away+FAR&standing=apart')
  assert.match(far, /Far Away[^]*The domain of their address is not confirmed/)
  assert.doesNotMatch(far, /nora@acme/)
  assert.match(await read('/people?standing=active'), /nora@acme[^]*Viewer[^]*default role/)
  assert.match(await read('/people?q=100%25'), /Nobody here fits the filter/)
  assert.match(await read('/groups?q=ENGINE'), /engineers[^]*Engineer/)
  assert.match(await read(''), /Somebody has this userName already/)
  for (const path of ['', '/people', '/groups']) {
    assert.equal((await app.fetchAs(app.cast.vera, `${root}${path}`)).status, 403, path)
  }
})

test('who is erased is in no directory by name, and in no export', async () => {
  const { body } = await ask('POST', '/Users', { userName: 'Uma@acme.example', displayName: 'Uma' })
  await ask('POST', '/Groups', { displayName: 'readers', members: [{ value: body.id }] })
  await ask('POST', '/Users', { userName: 'uma2', emails: [{ value: 'uma@acme.example' }] })
  const { userId } = (await memberCalled('uma@acme.example'))!
  const { ada } = app.cast
  const path = `/instance/people/${userId}`
  const known = await (await app.fetchAs(ada, `${path}/export`)).text()
  assert.match(known, /"userName": ?"Uma@acme.example"/, 'the premise')
  const headers = { 'sec-fetch-site': 'same-origin' }
  const form = { method: 'POST', headers, body: new URLSearchParams() }
  assert.equal((await app.fetchAs(ada, `${path}/erasure`, form)).status, 303)
  assert.equal((await ask('GET', `/Users/${body.id}`)).status, 404)
  const { body: left } = await ask('GET', '?filter=userName%20sw%20%22uma%22')
  assert.equal(left.totalResults, 0)
  for (const page of [`${path}/export`, '/w/acme/audit', '/instance/audit']) {
    assert.doesNotMatch(await (await app.fetchAs(ada, page)).text(), /uma@acme/i, page)
  }
  assert.equal((await app.house.audit.verify()).ok, true)
})

test('there is a second token while the first is exchanged, and none that was taken away opens anything', async () => {
  const { id } = directory.provider
  const { text, token } = await addScimToken(app.house, inAcme(), id, [])
  await nextTurn()
  const withToken = (token: string) =>
    app.fetch('/scim/v2/Users?count=0', { headers: { authorization: `Bearer ${token}` } })
  assert.equal((await withToken(text)).status, 200)
  await assert.rejects(addScimToken(app.house, inAcme(), id, []), { code: 'conflict' })
  await nextTurn()
  const both = await listScimTokens(app.house, inAcme(), id)
  const old = both.find((one) => one.id !== token.id)
  await removeScimToken(app.house, inAcme(), id, old!.id)
  assert.equal((await withToken(directory.token)).status, 401)
  assert.equal((await withToken(text)).status, 200)
})
