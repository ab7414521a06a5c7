// How directories speak SCIM, each in its own way: from nobody to somebody who leaves. The requests are
// ours, in the shapes that Microsoft, Okta, OneLogin, JumpCloud and authentik document. With the one request
// that says somebody left, their session, their token and their way in through the provider are closed.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { listMembers } from '#domain/access/members.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { NewToken } from '#domain/access/token-input.ts'
import { arriveBy } from '#domain/identity/arriving.ts'
import type { Provider } from '#domain/identity/provider.ts'
import { nextTurn } from '#platform/turns.ts'
import { startDirectory, type ScimAnswer } from '#test/support/scim.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after })
const { house, acme, sessions } = app
const inAcme = () => systemCaller(house, 'test', undefined, acme.id)

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const patch = (...Operations: object[]) => ({ schemas: [PATCH], Operations })
const query = (noun: string, given: Record<string, string>) =>
  `/${noun}?${new URLSearchParams(given)}`

function done(answer: ScimAnswer, status: number): ScimAnswer['body'] {
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  return answer.body
}

async function memberCalled(email: string) {
  await nextTurn()
  const { items } = await listMembers(house, inAcme(), {}, { limit: 100 })
  return items.find((member) => member.email === email)
}

async function roleOf(email: string): Promise<string | undefined> {
  return (await memberCalled(email))?.role
}

/** What somebody has of us: whether each door is open to them. */
async function doorsOf(provider: Provider, email: string) {
  const { userId } = (await memberCalled(email))!
  const cookie = await app.signIn({ userId })
  const maker = await getMaker(house, inAcme(), userId)
  const wish = NewToken.parse({ name: 'pipeline', scopes: ['rules:read'] })
  const { text } = await addToken(house, { ...inAcme(), actor: userId }, maker, wish)
  const page = () => app.fetch('/w/acme/rules', { headers: { cookie: `session=${cookie}` } })
  const api = () => app.fetch('/api/v1/me', { headers: { authorization: `Bearer ${text}` } })
  const asserted = {
    subject: `subject of ${email}`,
    email,
    isEmailVerified: true,
    name: null,
    groups: [],
    groupsWereCut: false,
    claims: {},
    session: null,
  }
  const browser = { userAgent: 'test', ip: '127.0.0.1', device: undefined, before: undefined }
  const enters = async () => {
    await nextTurn()
    const visitor = { ...inAcme(), actor: 'system:visitor' as const }
    const coming = arriveBy(house, sessions, visitor, provider, asserted, browser)
    return coming.then(
      () => true,
      () => false,
    )
  }
  return async () => {
    const open = [(await page()).status === 200, (await api()).status === 200, await enters()]
    return open.map((is) => (is ? 'open' : 'closed')).join(' ')
  }
}

const OPEN = 'open open open'
const CLOSED = 'closed closed closed'

test('Entra ID: from its test of the connection to a person who leaves', async () => {
  const { ask, provider } = await startDirectory(app, { name: 'Entra', domain: 'entra.example' })
  const email = 'nora@entra.example'
  const nobody = done(
    await ask('GET', query('Users', { filter: 'userName eq "0a21f0f2-8d2a"' })),
    200,
  )
  assert.deepEqual([nobody.totalResults, nobody.Resources], [0, []])
  done(await ask('GET', query('Users', { filter: 'externalId eq "0a21"', count: '1' })), 200)
  const { id } = done(
    await ask('POST', '/Users', {
      schemas: [USER, ENTERPRISE],
      externalId: 'nora',
      userName: 'Nora@entra.example',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'Nora@entra.example' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Nora Quist', familyName: 'Quist', givenName: 'Nora' },
      roles: [],
      [ENTERPRISE]: { department: 'SOC', manager: { value: 'm-1' } },
    }),
    201,
  )
  assert.equal(await roleOf(email), 'viewer')
  const found = done(
    await ask('GET', query('Users', { filter: 'userName eq "nora@ENTRA.example"' })),
    200,
  )
  assert.equal(found.Resources[0].id, id)
  const changed = done(
    await ask(
      'PATCH',
      `/Users/${id}`,
      patch(
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'nora.q@entra.example' },
        { op: 'Add', path: 'name.familyName', value: 'Quist-Berg' },
        { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Detection' },
        { op: 'Replace', value: { displayName: 'Nora Quist-Berg', 'name.givenName': 'Nora' } },
      ),
    ),
    200,
  )
  assert.equal(changed.emails[0].value, 'nora.q@entra.example')
  assert.equal(changed.name.familyName, 'Quist-Berg')
  assert.equal(await roleOf(email), 'viewer', 'an account keeps its own address')

  const group = done(
    await ask('POST', '/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0',
      displayName: 'engineers',
      meta: { resourceType: 'Group' },
    }),
    201,
  )
  const [some, others] = await Promise.all(
    [0, 1].map(async (half) =>
      Promise.all(
        Array.from({ length: 15 }, async (_, at) => {
          const userName = `p${half}-${at}@elsewhere.example`
          return done(await ask('POST', '/Users', { schemas: [USER], userName }), 201).id as string
        }),
      ),
    ),
  )
  const refs = (ids: readonly string[]) => ids.map((value) => ({ $ref: null, value }))
  for (const chunk of [[id, ...some!], others!]) {
    const add = patch({ op: 'Add', path: 'members', value: refs(chunk) })
    done(await ask('PATCH', `/Groups/${group.id}`, add), 204)
  }
  assert.equal(await roleOf(email), 'engineer')
  const bare = `/Groups/${group.id}?excludedAttributes=members`
  assert.equal(done(await ask('GET', bare), 200).members, undefined)
  const named = { excludedAttributes: 'members', filter: 'displayName eq "Engineers"' }
  assert.equal(done(await ask('GET', query('Groups', named)), 200).totalResults, 1)
  const isIn = { filter: `id eq "${group.id}" and members eq "${id}"`, attributes: 'id' }
  assert.equal(done(await ask('GET', query('Groups', isIn)), 200).totalResults, 1)
  const less = patch({ op: 'Remove', path: 'members', value: refs(others!) })
  done(await ask('PATCH', `/Groups/${group.id}`, less), 204)
  assert.equal(done(await ask('GET', `/Groups/${group.id}`), 200).members.length, 16)

  const doors = await doorsOf(provider, email)
  assert.equal(await doors(), OPEN, 'the premise')
  const leave = patch({ op: 'Replace', path: 'active', value: 'False' })
  assert.equal(done(await ask('PATCH', `/Users/${id}`, leave), 200).active, false)
  assert.equal(await doors(), CLOSED)

  const back = patch({ op: 'Replace', path: 'active', value: 'True' })
  done(await ask('PATCH', `/Users/${id}`, back), 200)
  assert.equal(await roleOf(email), 'engineer', 'the same entry has its account back')
  assert.match(await doors(), /^closed closed /, 'with nothing that was open before')
  done(await ask('DELETE', `/Users/${id}`), 204)
  done(await ask('GET', `/Users/${id}`), 404)
  assert.equal(await doors(), CLOSED)
  const again = { schemas: [USER], userName: 'nora@entra.example', active: true }
  done(await ask('POST', '/Users', again), 201)
  assert.equal(await roleOf(email), undefined, 'a new entry with an old address gets no account')
  assert.equal(await doors(), CLOSED)
})

test('Okta: from its import to a person whom nobody assigns any more', async () => {
  const { ask, provider } = await startDirectory(app, { name: 'Okta', domain: 'okta.example' })
  const email = 'leo@okta.example'
  done(await ask('GET', '/Users?startIndex=1&count=2'), 200)
  done(await ask('GET', '/Groups?startIndex=1&count=100'), 200)
  const byName = query('Users', { filter: `userName eq "${email}"`, startIndex: '1', count: '100' })
  assert.equal(done(await ask('GET', byName), 200).totalResults, 0)
  const whole = {
    schemas: [USER],
    userName: email,
    name: { givenName: 'Leo', familyName: 'Marsh' },
    emails: [{ primary: true, value: email, type: 'work' }],
    displayName: 'Leo Marsh',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  }
  const made = done(await ask('POST', '/Users', whole), 201)
  assert.equal(made.password, undefined, 'nothing of it is kept')
  assert.equal(await roleOf(email), 'viewer')
  const path = `/Users/${made.id}`
  const { password: _, ...shown } = whole
  const put = {
    ...shown,
    id: made.id,
    name: { givenName: 'Leo', familyName: 'Marsh-Ode' },
    meta: made.meta,
  }
  assert.equal(done(await ask('PUT', path, put), 200).name.familyName, 'Marsh-Ode')
  const same = done(await ask('PUT', path, put), 200)
  assert.equal(same.meta.version, 'W/"2"', 'what changes nothing is no version')

  const empty = { schemas: [GROUP], displayName: 'analysts of the night', members: [] }
  const group = done(await ask('POST', '/Groups', empty), 201)
  const at = `/Groups/${group.id}`
  done(await ask('GET', `${at}?startIndex=1&count=100`), 200)
  const rename = { op: 'replace', value: { id: group.id, displayName: 'admins' } }
  done(await ask('PATCH', at, patch(rename)), 204)
  const member = { value: made.id, display: email }
  done(await ask('PATCH', at, patch({ op: 'add', path: 'members', value: [member] })), 204)
  assert.equal(await roleOf(email), 'admin')
  const out = { op: 'remove', path: `members[value eq "${made.id}"]` }
  done(await ask('PATCH', at, patch(out)), 204)
  assert.equal(await roleOf(email), 'viewer')
  done(await ask('PATCH', at, patch({ op: 'replace', path: 'members', value: [member] })), 204)
  assert.equal(await roleOf(email), 'admin')
  done(await ask('DELETE', at), 204)
  assert.equal(await roleOf(email), 'viewer')

  const doors = await doorsOf(provider, email)
  assert.equal(await doors(), OPEN, 'the premise')
  const leave = patch({ op: 'replace', value: { active: false } })
  done(await ask('PATCH', path, leave), 200)
  assert.equal(await doors(), CLOSED)
  assert.equal(done(await ask('GET', path), 200).active, false, 'and can come back')
})

test('OneLogin: whole lists of members, and a person who is suspended', async () => {
  const { ask, provider } = await startDirectory(app, { name: 'OneLogin', domain: 'one.example' })
  const email = 'ida@one.example'
  done(await ask('GET', query('Users', { filter: `userName eq "${email}"` })), 200)
  const made = done(
    await ask('POST', '/Users', {
      schemas: [USER, ENTERPRISE],
      userName: email,
      name: { givenName: 'Ida', familyName: 'Roe', formatted: 'Ida Roe' },
      emails: [{ value: email, type: 'work', primary: true }],
      title: null,
      active: true,
    }),
    201,
  )
  const group = done(
    await ask('POST', '/Groups', { schemas: [GROUP], displayName: 'engineers' }),
    201,
  )
  const all = { op: 'replace', path: 'members', value: [{ value: made.id, display: 'Ida Roe' }] }
  done(await ask('PATCH', `/Groups/${group.id}`, patch(all)), 204)
  assert.equal(await roleOf(email), 'engineer')
  const doors = await doorsOf(provider, email)
  assert.equal(await doors(), OPEN, 'the premise')
  const suspend = patch({ op: 'replace', path: 'active', value: false })
  done(await ask('PATCH', `/Users/${made.id}`, suspend), 200)
  assert.equal(await doors(), CLOSED)
})

test('JumpCloud: everything by PUT, and a person whose account is off', async () => {
  const { ask, provider } = await startDirectory(app, { name: 'JumpCloud', domain: 'jump.example' })
  const email = 'kai@jump.example'
  const whole = {
    schemas: [USER],
    userName: email,
    externalId: '5f0c',
    active: true,
    displayName: '',
    name: { givenName: 'Kai', familyName: 'Ash', middleName: '' },
    emails: [{ value: email, type: 'work', primary: true }],
    addresses: [],
    phoneNumbers: [],
  }
  const made = done(await ask('POST', '/Users', whole), 201)
  const members = [{ value: made.id }]
  const group = done(await ask('POST', '/Groups', { schemas: [GROUP], displayName: 'night' }), 201)
  const put = { schemas: [GROUP], id: group.id, displayName: 'engineers', members }
  done(await ask('PUT', `/Groups/${group.id}`, put), 200)
  assert.equal(await roleOf(email), 'engineer')
  const doors = await doorsOf(provider, email)
  assert.equal(await doors(), OPEN, 'the premise')
  done(await ask('PUT', `/Users/${made.id}`, { ...whole, active: false }), 200)
  assert.equal(await doors(), CLOSED)
})

test('authentik and Keycloak: what the door can do first, and a person who is deleted', async () => {
  const { ask, provider } = await startDirectory(app, { name: 'authentik', domain: 'auth.example' })
  const email = 'lou@auth.example'
  assert.equal(done(await ask('GET', '/ServiceProviderConfig'), 200).patch.supported, true)
  const whole = {
    schemas: [USER],
    userName: 'lou',
    externalId: '7',
    displayName: 'Lou',
    name: { formatted: 'Lou', givenName: 'Lou', familyName: ' ' },
    emails: [{ value: email, type: 'other', primary: true }],
    photos: null,
    active: true,
  }
  const made = done(await ask('POST', '/Users', whole), 201)
  assert.equal(done(await ask('POST', '/Users', whole), 409).scimType, 'uniqueness')
  const group = { schemas: [GROUP], externalId: 'g-7', displayName: 'engineers' }
  const { id } = done(await ask('POST', '/Groups', group), 201)
  const add = { op: 'add', path: 'members', value: [{ value: made.id }] }
  done(await ask('PATCH', `/Groups/${id}`, patch(add)), 204)
  done(await ask('PATCH', `/Groups/${id}`, patch(add)), 204)
  assert.equal(await roleOf(email), 'engineer')
  const doors = await doorsOf(provider, email)
  assert.equal(await doors(), OPEN, 'the premise')
  done(await ask('DELETE', `/Users/${made.id}`), 204)
  assert.equal(await doors(), CLOSED)
  assert.deepEqual(done(await ask('GET', `/Groups/${id}`), 200).members, [])
})
