// What is wrong with requests of directories, and how much they may be: hostile bodies at each write, large
// groups and many of them, ids of others, tokens that open nothing, and what stands in the log.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { insertGroup } from '#domain/identity/scim-group-store.ts'
import { addScimToken } from '#domain/identity/scim-tokens.ts'
import { insertPerson } from '#domain/identity/scim-store.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { sendHostile, UNHURRIED, type HostileBody } from '#test/support/hostile-doors.ts'
import { startDirectory, type ScimAnswer } from '#test/support/scim.ts'
import { startApp } from '#test/support/start-app.ts'
import { hostileBodies } from '#test/http/api/walk-hostile.ts'

const app = await startApp({ after }, { env: UNHURRIED })
const { house, acme } = app
const directory = await startDirectory(app)
const other = await startDirectory(app, { name: 'Other', domain: 'other.example' })
const { ask, provider } = directory
const inAcme = () => systemCaller(house, 'test', undefined, acme.id)
const key = house.keys.purpose('row-mac')
let named = 0
const told = (count: number) =>
  Array.from({ length: count }, () => ({
    id: makeId(ID_PREFIXES.scimPerson, inAcme().now, house.random(10)),
    userName: `bulk${(named += 1)}`,
  }))

/** People whom nobody settles: what is measured is what moves them. */
async function insertPeople(count: number): Promise<readonly string[]> {
  const now = inAcme().now
  const rest = {
    externalId: null,
    isActive: true,
    displayName: null,
    givenName: null,
    familyName: null,
    email: null,
    providerId: provider.id,
    workspaceId: acme.id,
    userId: null,
    version: 1,
    createdAt: now,
    changedAt: now,
  }
  const people = told(count)
  for (let at = 0; at < count; at += 1_000) {
    await house.db.write(inAcme(), async (tx) => {
      for (const one of people.slice(at, at + 1_000))
        await insertPerson(tx, key, { ...rest, ...one })
    })
    await nextTurn()
  }
  return people.map(({ id }) => id)
}

const membersOf = (ids: readonly string[]) => ids.map((value) => ({ value }))
const add = (ids: readonly string[]) => ({
  Operations: [{ op: 'add', path: 'members', value: membersOf(ids) }],
})
const outcome = ({ status, body }: ScimAnswer) => `${status} ${body?.scimType ?? ''}`.trim()

async function entriesFor(target: string): Promise<readonly string[]> {
  await nextTurn()
  const { items } = await readAudit(house, inAcme(), { target }, { limit: 100 })
  return items.map(({ action }) => action).toReversed()
}

test('no hostile body is a fault at any write of a directory', async () => {
  const { id } = (await ask('POST', '/Users', { userName: 'hostile' })).body
  const group = (await ask('POST', '/Groups', { displayName: 'hostile' })).body.id
  const bodies: readonly HostileBody[] = hostileBodies().map((text, at) => ({
    name: `attack ${at}`,
    bytes: Buffer.from(text),
  }))
  const patch = JSON.stringify({ Operations: [{ op: 'replace', value: { externalId: 'x' } }] })
  const fines = [
    ['PATCH', `/Users/${id}`, patch],
    ['PATCH', `/Groups/${group}`, patch],
    ['POST', '/.search', '{}'],
  ] as const
  const type = /^application\/scim\+json/
  for (const [method, at, fine] of fines) {
    const path = `/scim/v2${at}`
    const door = { name: `${method} ${at}`, method, path, token: directory.token, type, fine }
    await sendHostile(app, door, bodies)
  }
  for (const value of [
    { __proto__: 1 },
    { constructor: { prototype: { isAdmin: true } } },
    { 'emails[type eq "work"].__proto__': 'x' },
    { 'name.__proto__.isAdmin': true, name: { toString: 'x' } },
    [],
    null,
    'x',
  ]) {
    const answer = await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'add', value }] })
    assert.ok(answer.status < 500, JSON.stringify(value))
  }
  const many = Array.from({ length: 1_001 }, () => ({ op: 'add', path: 'active', value: true }))
  assert.equal(outcome(await ask('PATCH', `/Users/${id}`, { Operations: many })), '400 tooMany')
  assert.equal(({} as Record<string, unknown>)['isAdmin'], undefined)
})

test('ten thousand people move into a group while others have their turn, and more are refused', async () => {
  const ids = await insertPeople(10_000)
  const { id } = (await ask('POST', '/Groups', { displayName: 'everybody' })).body
  let isDone = false
  const moving = ask('PATCH', `/Groups/${id}`, add(ids)).finally(() => (isDone = true))
  let meanwhile = 0
  while (!isDone) {
    await app.fetch('/healthz')
    if (!isDone) meanwhile += 1
  }
  assert.equal((await moving).status, 204)
  assert.ok(meanwhile > 1, `${meanwhile} others were answered meanwhile`)
  assert.equal((await ask('GET', `/Groups/${id}`)).body.members.length, 10_000)
  assert.equal((await ask('GET', `/Groups/${id}?excludedAttributes=members`)).status, 200)
  const before = await entriesFor(id)
  assert.equal((await ask('PATCH', `/Groups/${id}`, add(ids.slice(0, 5_000)))).status, 204)
  assert.deepEqual(await entriesFor(id), before, 'nobody moved')

  const fifteen = [...ids, ...told(5_000).map((one) => one.id)]
  assert.equal(outcome(await ask('PATCH', `/Groups/${id}`, add(fifteen))), '400 tooMany')
  const twenty = [...fifteen, ...told(6_000).map((one) => one.id)]
  assert.equal(outcome(await ask('PATCH', `/Groups/${id}`, add(twenty))), '413')
  const one = `members[value eq "${ids[7]}"]`
  assert.equal(
    (await ask('PATCH', `/Groups/${id}`, { Operations: [{ op: 'remove', path: one }] })).status,
    204,
  )
  assert.equal(
    (await ask('PUT', `/Groups/${id}`, { displayName: 'everybody' })).body.members.length,
    0,
  )
  assert.equal((await ask('DELETE', `/Groups/${id}`)).status, 204)
})

test('people are listed page by page, narrowed or not', async () => {
  await insertPeople(120)
  const root = `/w/acme/settings/single-sign-on/${provider.id}/directory`
  for (const at of ['/people', '/people?q=bulk&standing=apart']) {
    const seen: string[] = []
    let path: string | undefined = `${root}${at}`
    for (let page = 0; page < 3 && path !== undefined; page += 1) {
      const answer = await app.fetchAs(app.cast.ada, path)
      const html = await answer.text()
      assert.equal(answer.status, 200, html.slice(0, 200))
      seen.push(...html.matchAll(/>(bulk\d+)</g).map(([, name]) => name!))
      path = /href="([^"]+)"[^>]* rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    }
    assert.ok(new Set(seen).size >= 110, `${new Set(seen).size} on three pages`)
  }
})

test('a directory tells of ten thousand groups and no more', async () => {
  const now = inAcme().now
  const { totalResults } = (await ask('GET', '/Groups?count=0')).body
  await house.db.write(inAcme(), async (tx) => {
    for (let at = totalResults; at < 10_000; at += 1) {
      await insertGroup(tx, key, {
        id: makeId(ID_PREFIXES.scimGroup, now, house.random(10)),
        displayName: `group ${at}`,
        externalId: null,
        providerId: provider.id,
        workspaceId: acme.id,
        isSettled: true,
        version: 1,
        createdAt: now,
        changedAt: now,
      })
    }
  })
  await nextTurn()
  assert.equal(outcome(await ask('POST', '/Groups', { displayName: 'one more' })), '400 tooMany')
  const page = await ask('GET', '/Groups?count=5000&startIndex=9900&sortBy=displayName')
  assert.equal(page.body.totalResults, 10_000)
  assert.equal(page.body.Resources.length, 101)
  const list = `/w/acme/settings/single-sign-on/${provider.id}/directory/groups`
  const html = await (await app.fetchAs(app.cast.ada, list)).text()
  const next = /href="([^"]+)"[^>]* rel="next"/.exec(html)![1]!.replaceAll('&amp;', '&')
  assert.equal((await app.fetchAs(app.cast.ada, next)).status, 200)
})

test('what another directory tells of is answered like what is nowhere, byte for byte', async () => {
  const theirs = (await other.ask('POST', '/Users', { userName: 'theirs' })).body.id
  const group = (await other.ask('POST', '/Groups', { displayName: 'theirs' })).body.id
  const nowhere = theirs.replace(/.{12}$/, '0c1d2e3f4a5c')
  const noGroup = group.replace(/.{12}$/, '0c1d2e3f4a5c')
  const patch = { Operations: [{ op: 'replace', path: 'externalId', value: 'x' }] }
  for (const [foreign, random, whole] of [
    [`/Users/${theirs}`, `/Users/${nowhere}`, { userName: 'x' }],
    [`/Groups/${group}`, `/Groups/${noGroup}`, { displayName: 'x' }],
  ] as const) {
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', whole],
      ['PATCH', patch],
      ['DELETE', undefined],
    ] as const) {
      const [a, b] = [await ask(method, foreign, body), await ask(method, random, body)]
      assert.equal(a.status, 404)
      assert.deepEqual([a.status, a.body], [b.status, b.body])
    }
  }
  const mine = (await ask('GET', '/Groups?count=1')).body.Resources[0].id
  const [a, b] = [
    await ask('PATCH', `/Groups/${mine}`, add([theirs])),
    await ask('PATCH', `/Groups/${mine}`, add([nowhere])),
  ]
  assert.deepEqual([a.status, a.body], [400, b.body])
  assert.equal((await ask('GET', `/Users?filter=id%20eq%20%22${theirs}%22`)).body.totalResults, 0)
})

test('a write is one entry of the log, and one that changes nothing is none', async () => {
  const whole = { userName: 'logged', displayName: 'Logged' }
  const { id } = (await other.ask('POST', '/Users', whole)).body
  const path = `/Users/${id}`
  await other.ask('PUT', path, whole)
  await other.ask('PUT', path, { ...whole, displayName: 'Other' })
  await other.ask('PATCH', path, { Operations: [{ op: 'add', path: 'nickName', value: 'x' }] })
  await other.ask('PATCH', path, { Operations: [{ op: 'add', path: 'active', value: 'perhaps' }] })
  const group = (await other.ask('POST', '/Groups', { displayName: 'logged' })).body.id
  for (const _ of [1, 2]) await other.ask('PATCH', `/Groups/${group}`, add([id]))
  await other.ask('DELETE', `/Groups/${group}`)
  await other.ask('DELETE', path)
  assert.deepEqual(await entriesFor(id), ['scim.user.add', 'scim.user.change', 'scim.user.remove'])
  assert.deepEqual(await entriesFor(group), [
    'scim.group.add',
    'scim.group.change',
    'scim.group.remove',
  ])
})

test('a token opens nothing from elsewhere, too fast or after its end; admins are told why', async () => {
  const { text } = await addScimToken(house, inAcme(), other.provider.id, ['203.0.113.0/24'])
  await nextTurn()
  const withToken = (token: string) =>
    app.fetch('/scim/v2/Users?count=0', { headers: { authorization: `Bearer ${token}` } })
  const far = await withToken(text)
  const unknown = await withToken(text.replace(/_[^_]+$/, '_00000000'))
  assert.equal(far.status, 401)
  assert.equal(await far.text(), await unknown.text(), 'whoever sends it is told nothing')
  const page = async () => {
    const path = `/w/acme/settings/single-sign-on/${other.provider.id}/directory`
    return (await app.fetchAs(app.cast.ada, path)).text()
  }
  assert.match(await page(), /from outside of its networks/)

  let refused = await withToken(other.token)
  for (let at = 0; at < 400 && refused.status === 200; at += 1)
    refused = await withToken(other.token)
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  app.clock.advance(400 * DAY)
  assert.equal((await withToken(other.token)).status, 401)
  assert.match(await page(), /The token has ended/)
})
