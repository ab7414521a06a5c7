// The protocol of directories as RFC 7643 and 7644 have it: what can be asked about the door itself,
// filters, orders, parts of lists and of things, versions, and what each refusal is called.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startDirectory } from '#test/support/scim.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after })
const { ask, token } = await startDirectory(app)
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const find = (noun: string, query: Record<string, string>) =>
  ask('GET', `/${noun}?${new URLSearchParams(query)}`)

const CAST = [
  { userName: 'Zoë@acme.example', externalId: 'E-1', name: { givenName: 'Zoë', familyName: 'Ng' } },
  { userName: 'bo@acme.example', externalId: 'e-2', displayName: 'Bo "B" Berg' },
  { userName: 'cy%x@acme.example', name: { familyName: 'O\\Neil_(x)' }, active: false },
  { userName: 'dee', externalId: 'E-4', emails: [{ value: 'Dee@acme.example', type: 'work' }] },
  { userName: 'eve', displayName: 'éve' },
]
const ids = new Map<string, string>()
let team = ''

before(async () => {
  for (const one of CAST) {
    const { body } = await ask('POST', '/Users', one)
    ids.set(one.userName, body.id)
  }
  const members = [{ value: ids.get('dee') }, { value: ids.get('bo@acme.example') }]
  team = (await ask('POST', '/Groups', { displayName: 'Team', externalId: 'g1', members })).body.id
  await ask('POST', '/Groups', { displayName: 'empty' })
})

async function named(filter: string): Promise<string> {
  const { status, body } = await find('Users', { filter })
  if (status !== 200) return `${status} ${body.scimType}`
  assert.equal(body.totalResults, body.Resources.length)
  return body.Resources.map((one: { userName: string }) => one.userName[0])
    .toSorted()
    .join('')
}

test('a directory finds out what the door can do', async () => {
  const config = (await ask('GET', '/ServiceProviderConfig')).body
  const base = config.meta.location.replace('/ServiceProviderConfig', '')
  assert.deepEqual(
    [config.patch, config.sort, config.etag].map(({ supported }) => supported),
    [true, true, true],
  )
  assert.deepEqual(config.bulk, { supported: false, maxOperations: 0, maxPayloadSize: 0 })
  for (const [list, names] of [
    ['ResourceTypes', ['User', 'Group']],
    ['Schemas', [USER, GROUP]],
  ] as const) {
    const { body } = await ask('GET', `/${list}`)
    assert.deepEqual(
      body.Resources.map(({ id }: { id: string }) => id),
      names,
    )
    for (const one of body.Resources) {
      const alone = await ask('GET', `/${list}/${one.id}`)
      assert.deepEqual(alone.body, one)
      assert.equal(one.meta.location, `${base}/${list}/${one.id}`)
    }
    assert.equal((await ask('GET', `/${list}/nonsense`)).status, 404)
    assert.equal((await ask('GET', `/${list}?filter=id%20pr`)).status, 403)
  }
  assert.equal((await ask('POST', '/Bulk', { Operations: [] })).status, 501)
  assert.equal((await ask('GET', '/Me')).status, 501)
})

test('a filter compares by every operator, joined, turned round and within lists', async () => {
  const found: Readonly<Record<string, string>> = {
    'userName eq "zoë@ACME.example"': 'Z',
    'USERNAME EQ "BO@ACME.EXAMPLE"': 'b',
    [`${USER}:userName eq "dee"`]: 'd',
    'externalId eq "e-1"': '', // ids of theirs have a case
    'externalId eq "E-1"': 'Z',
    'externalId ne "E-1"': 'bcde', // nobody's is not this one either
    'externalId pr': 'Zbd',
    'externalId eq null': 'ce',
    'not (externalId pr)': 'ce',
    'not (externalId eq "E-1")': 'bcde',
    'displayName co "\\"B\\""': 'b',
    'displayName eq "\\u00e9ve"': 'e',
    'name.familyName co "\\\\Neil_(x)"': 'c',
    'name.familyName ew "(X)"': 'c',
    'userName sw "cy%x@"': 'c',
    'userName co "%"': 'c', // a sign of SQL is a letter like others
    'userName co "_"': '',
    'userName co "\' or 1=1 --"': '',
    'userName gt "cy%x@acme.example"': 'Zde',
    'userName ge "dee" and userName lt "eve"': 'd',
    'userName le "bo@acme.example"': 'b',
    'active eq false': 'c',
    'active eq "False"': 'c',
    'active ne false and externalId sw "E"': 'Zd',
    'externalId eq "E-1" or externalId eq "E-4" and active eq false': 'Z',
    '(externalId eq "E-1" or externalId eq "E-4") and active eq true': 'Zd',
    'emails[type eq "work" and value ew "@acme.example"]': 'Zbcd',
    'emails[type eq "home"]': '',
    'emails.value eq "DEE@acme.example"': 'd',
    'emails eq "dee@acme.example"': 'd',
    'emails[not (value sw "d")] and active eq true': 'Zb',
    'name.formatted eq "Zoë Ng"': 'Z',
    'meta.created gt "2000-01-01T00:00:00Z"': 'Zbcde',
    'meta.lastModified lt "2000-01-01T00:00:00Z"': '',
    'meta.resourceType eq "User"': 'Zbcde',
    [`id eq "${ids.get('dee')}"`]: 'd',
  }
  for (const [filter, names] of Object.entries(found)) {
    assert.equal(await named(filter), names.split('').toSorted().join(''), filter)
  }
  for (const [filter, count] of [
    ['displayName eq "TEAM"', 1],
    [`members eq "${ids.get('dee')}"`, 1],
    [`members[value eq "${ids.get('dee')}" and display eq "dee"]`, 1],
    [`members[value eq "${ids.get('dee')}" and display eq "eve"]`, 0],
    ['not (members pr)', 1],
  ] as const) {
    const { body } = await find('Groups', { filter })
    assert.equal(body.totalResults, count, `${filter} ${JSON.stringify(body)}`)
  }
})

test('what is no filter is refused by name, however long or deep', async () => {
  const refused = [
    'userName',
    'userName eq',
    'userName eq bare',
    'userName eq "open',
    'userName eq "\\x"',
    'userName eq "a" and',
    'userName eq "a" "b"',
    'userName is "a"',
    '(userName eq "a"',
    'userName eq "a")',
    'not userName eq "a"',
    'emails[type eq "work"',
    'emails[value[type eq "a"]]',
    'userName[type eq "work"]',
    'active gt true',
    'active eq "perhaps"',
    'userName gt 5',
    'meta.created eq "yesterday"',
    'userName sw null',
    'password eq "x"',
    '__proto__ eq "x"',
    'constructor pr',
    'emails.__proto__ pr',
    'userName eq "a" ; drop table scimPerson',
    '("a" eq userName)',
    `${'('.repeat(200)}userName pr${')'.repeat(200)}`,
    `${'not ('.repeat(40)}userName pr${')'.repeat(40)}`,
    Array.from({ length: 60 }, () => 'userName pr').join(' or '),
    `userName eq "${'a'.repeat(5_000)}"`,
    String.raw`userName eq "\u0000"`,
  ]
  for (const filter of refused) assert.equal(await named(filter), '400 invalidFilter', filter)
  const search = { filter: '(('.repeat(100_000) }
  assert.equal((await ask('POST', '/Users/.search', search)).body.scimType, 'invalidFilter')
})

test('lists have an order and parts, and show what is asked for', async () => {
  const names = async (query: Record<string, string>) => {
    const { body } = await find('Users', query)
    return body.Resources.map((one: { userName: string }) => one.userName[0]).join('')
  }
  assert.equal(await names({ sortBy: 'userName' }), 'bcdeZ')
  assert.equal(await names({ sortBy: 'USERNAME', sortOrder: 'descending' }), 'Zedcb')
  assert.match(await names({ sortBy: 'externalId' }), /^Zdb/, 'those without one come last')
  assert.equal(await names({ sortBy: 'userName', startIndex: '2', count: '2' }), 'cd')
  for (const [query, expected] of [
    [{ startIndex: '0', count: '1' }, [5, 1, 1]],
    [{ startIndex: '-7', count: '1' }, [5, 1, 1]],
    [{ startIndex: '99' }, [5, 99, 0]],
    [{ count: '0' }, [5, 1, 0]],
    [{ count: '-1' }, [5, 1, 0]],
    [{ count: '5000' }, [5, 1, 5]],
  ] as const) {
    const { body } = await find('Users', query)
    assert.deepEqual([body.totalResults, body.startIndex, body.itemsPerPage], expected)
    assert.equal(body.Resources.length, body.itemsPerPage)
  }
  const wrong: readonly Record<string, string>[] = [
    { count: 'x' },
    { startIndex: '1.5' },
    { sortOrder: 'up' },
    { sortBy: 'no' },
  ]
  for (const query of wrong) {
    const { status, body } = await find('Users', query)
    assert.deepEqual([status, body.scimType], [400, 'invalidValue'])
  }
  const shown = async (path: string) => {
    const { body } = await ask('GET', path)
    return Object.keys(body).toSorted().join(' ')
  }
  const dee = `/Users/${ids.get('dee')}`
  assert.equal(await shown(`${dee}?attributes=userName`), 'id schemas userName')
  assert.equal(await shown(`${dee}?attributes=${USER}:username,nonsense`), 'id schemas userName')
  const all = 'active emails externalId id meta name schemas userName'
  assert.equal(await shown(dee), all)
  assert.equal(
    await shown(`${dee}?excludedAttributes=emails,id,meta`),
    'active externalId id name schemas userName',
  )
  const parts = (await ask('GET', `${dee}?attributes=emails.value,meta.version`)).body
  assert.deepEqual(parts.emails, [{ value: 'dee@acme.example' }])
  assert.deepEqual(Object.keys(parts.meta), ['version'])
  const bare = (await ask('GET', `/Groups/${team}?excludedAttributes=members`)).body
  assert.equal(bare.members, undefined)
  assert.equal((await ask('GET', `/Groups/${team}`)).body.members.length, 2)
})

test('a search in a body asks the same, of people, of groups and of both', async () => {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest']
  const wanted = { schemas, filter: 'externalId pr', sortBy: 'userName', attributes: ['userName'] }
  const users = await ask('POST', '/Users/.search', { ...wanted, startIndex: 2, count: 1 })
  assert.equal(users.body.totalResults, 3)
  assert.deepEqual(users.body.Resources, [{ schemas: [USER], id: ids.get('dee'), userName: 'dee' }])
  assert.equal((await ask('POST', '/Groups/.search', { schemas })).body.totalResults, 2)
  const both = await ask('POST', '/.search', { schemas, filter: 'externalId pr', startIndex: 3 })
  assert.equal(both.body.totalResults, 4)
  assert.deepEqual(
    both.body.Resources.map((one: { meta: { resourceType: string } }) => one.meta.resourceType),
    ['User', 'Group'],
  )
  const people = await ask('GET', '?filter=userName%20pr&count=1')
  assert.deepEqual([people.body.totalResults, people.body.itemsPerPage], [5, 1])
  assert.equal((await ask('POST', '/.search', { schemas: [USER] })).body.scimType, 'invalidSyntax')
})

test('versions stand against those who write over what they have not seen', async () => {
  const path = `/Users/${ids.get('dee')}`
  const first = await ask('GET', path)
  const version = first.headers.get('etag')!
  assert.equal(version, first.body.meta.version)
  const unless = (tag: string) => ask('GET', path, undefined, { 'if-none-match': tag })
  assert.equal((await unless(version)).status, 304)
  assert.equal((await unless(`W/"77", ${version.slice(2)}`)).status, 304)
  assert.equal((await unless('W/"77"')).status, 200)
  const edit = (name: string, tag: string) => {
    const Operations = [{ op: 'replace', path: 'displayName', value: name }]
    return ask('PATCH', path, { Operations }, { 'if-match': tag })
  }
  const changed = await edit('Dee', version)
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers.get('etag'), version)
  for (const tag of [version, '"x"', 'W/""']) assert.equal((await edit('Di', tag)).status, 412)
  assert.equal((await edit('Di', '*')).status, 200)
  const again = await edit('Di', '*')
  const now = (await ask('GET', path)).body.meta
  assert.deepEqual(again.body.meta, now, 'what changes nothing is no version')
  const old = { 'if-match': version }
  assert.equal((await ask('DELETE', path, undefined, old)).status, 412)
  assert.equal(
    (await ask('DELETE', `/Groups/${team}`, undefined, { 'if-match': '"9"' })).status,
    412,
  )
})

test('each refusal says what it is', async () => {
  const dee = `/Users/${ids.get('dee')}`
  const patch = (operation: object, path = dee) => ask('PATCH', path, { Operations: [operation] })
  const refusals = [
    [409, 'uniqueness', await ask('POST', '/Users', { userName: 'DEE' })],
    [409, 'uniqueness', await ask('POST', '/Groups', { displayName: 'team' })],
    [409, 'uniqueness', await patch({ op: 'replace', path: 'userName', value: 'eve' })],
    [400, 'invalidValue', await ask('POST', '/Users', {})],
    [400, 'invalidValue', await ask('POST', '/Users', { userName: 'a\u2028b' })],
    [400, 'invalidValue', await ask('POST', '/Users', { userName: 'x', active: 'perhaps' })],
    [
      400,
      'invalidValue',
      await ask('POST', '/Users', {
        userName: 'x',
        emails: [
          { value: 'a@b.example', primary: true },
          { value: 'c@b.example', primary: true },
        ],
      }),
    ],
    [400, 'invalidSyntax', await ask('POST', '/Users', [])],
    [400, 'invalidSyntax', await ask('POST', '/Users', '{"userName":')],
    [400, 'invalidSyntax', await ask('POST', '/Users', { userName: 'x', USERNAME: 'y' })],
    [400, 'invalidSyntax', await ask('POST', '/Users', { schemas: [GROUP], userName: 'x' })],
    [400, 'invalidSyntax', await ask('PATCH', dee, { schemas: [USER], Operations: [] })],
    [400, 'invalidSyntax', await patch({ op: 'move', path: 'active' })],
    [400, 'invalidPath', await patch({ op: 'replace', path: 'emails[type eq', value: 'x' })],
    [400, 'invalidPath', await patch({ op: 'replace', path: 'active or 1', value: true })],
    [400, 'noTarget', await patch({ op: 'remove' })],
    [400, 'mutability', await patch({ op: 'replace', path: 'id', value: 'scu_1' })],
    [
      400,
      'invalidPath',
      await patch({ op: 'add', path: 'members[value eq "x"]', value: [] }, `/Groups/${team}`),
    ],
    [
      400,
      'invalidValue',
      await patch({ op: 'add', path: 'members', value: [{ value: team }] }, `/Groups/${team}`),
    ],
  ] as const
  for (const [status, scimType, answer] of refusals) {
    assert.deepEqual([answer.status, answer.body.scimType], [status, scimType])
    assert.equal(answer.body.status, String(status))
    assert.deepEqual(answer.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'])
    assert.equal(answer.headers.get('content-type'), 'application/scim+json')
  }
  const wrongType = { 'content-type': 'text/plain' }
  assert.equal((await ask('POST', '/Users', { userName: 'x' }, wrongType)).status, 415)
  const asJson = { 'content-type': 'application/json; charset=utf-8' }
  const made = await ask('POST', '/Users', { userName: 'json', schemas: [USER, 'urn:x'] }, asJson)
  assert.equal(made.status, 201)
  const large = { userName: 'large', displayName: 'x'.repeat(1_100_000) }
  const answer = await ask('POST', '/Users', large)
  assert.deepEqual([answer.status, answer.body.status], [413, '413'])
  const lost = await app.fetch('/scim/v2/Nothing', {
    headers: { authorization: `Bearer ${token}` },
  })
  assert.equal(lost.status, 404)
})

test('a patch changes one address among several, and one part of a name', async () => {
  const { body } = await ask('POST', '/Users', {
    userName: 'fay',
    emails: [{ value: 'f@a.example' }],
  })
  const patch = async (...Operations: object[]) => {
    const answer = await ask('PATCH', `/Users/${body.id}`, { Operations })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    const { emails, name } = answer.body
    return [emails[0]?.value, name.givenName, name.familyName]
  }
  const home = [{ value: 'home@b.example', type: 'home' }]
  assert.equal((await patch({ op: 'add', path: 'emails', value: home }))[0], 'f@a.example')
  const first = [{ value: 'first@a.example', primary: true }]
  assert.equal((await patch({ op: 'add', path: 'emails', value: first }))[0], 'first@a.example')
  const path = 'emails[type eq "home"].value'
  assert.equal((await patch({ op: 'replace', path, value: 'x@a.example' }))[0], 'first@a.example')
  const of = 'emails[type eq "work" or primary eq true].value'
  assert.equal((await patch({ op: 'replace', path: of, value: 'w@a.example' }))[0], 'w@a.example')
  assert.equal((await patch({ op: 'remove', path: 'emails' }))[0], undefined)
  const name = { GivenName: 'Fay', familyName: 'Li' }
  assert.deepEqual((await patch({ op: 'add', value: { name } })).slice(1), ['Fay', 'Li'])
  const whole = { op: 'replace', path: `${USER}:name.familyName`, value: 'Lo' }
  assert.deepEqual((await patch(whole)).slice(1), ['Fay', 'Lo'])
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  const department = { op: 'add', path: `${enterprise}:department`, value: 'SOC' }
  assert.deepEqual((await patch(department, { op: 'remove', path: 'name' })).slice(1), [
    undefined,
    undefined,
  ])
})
