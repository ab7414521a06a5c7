// The first page of a workspace: what needs somebody, as far as they may know, and nothing where nothing
// does.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { rotateToken } from '#domain/access/token-rotation.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { addOwnKey } from '#domain/identity/own-keys.ts'
import { addScimToken } from '#domain/identity/scim-tokens.ts'
import { listEndings } from '#domain/health/endings.ts'
import { inOrder, wholeGroup, type Need } from '#domain/health/needs.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { samlKey, samlSettings } from '#test/support/saml-idp.ts'
import { DRIFTED, plantNeeds } from '#test/support/needs.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

let running: Promise<TestApp> | undefined
before((t) => (running = startApp(t as test.TestContext)))
after(async () => (await running)?.stop())

async function overviewOf(app: TestApp, person: CastMember, slug = 'acme'): Promise<string> {
  const answer = await app.fetchAs(person, `/w/${slug}`)
  assert.equal(answer.status, 200)
  return answer.text()
}

/** Titles of the groups, in their order. */
const groupsOf = (html: string) =>
  [...html.matchAll(/<h2 id="needs-([a-z_]+)"/g)].map(([, kind]) => kind)

test('of what needs somebody each is told what they may see and do, most valuable first', async () => {
  const app = await running!
  const { ada, ravi, vera, gwen } = app.cast
  const fresh = await overviewOf(app, ada)
  assert.match(fresh, /Nothing needs you/)
  assert.match(fresh, /Open the first change/)
  assert.deepEqual(groupsOf(fresh), [])

  await plantNeeds(app.house, systemCaller(app.house, 'test', undefined, app.acme.id))

  const seen = ['settle', 'drift', 'silently_broken', 'failing', 'dead', 'budget', 'exclusion']
  const full = await overviewOf(app, ada)
  assert.deepEqual(groupsOf(full), ['sign', 'deploy', ...seen, 'hotfix'])
  assert.deepEqual(groupsOf(await overviewOf(app, ravi)), ['sign', 'deploy', ...seen, 'hotfix'])
  assert.deepEqual(groupsOf(await overviewOf(app, vera)), [...seen, 'hotfix'])
  assert.deepEqual(groupsOf(await overviewOf(app, gwen, 'globex')), [])
  assert.doesNotMatch(full, /Nothing needs you/)
})

test('a group shows its first lines and leads to the others, and every line leads to a page', async () => {
  const app = await running!
  const { ada } = app.cast
  const html = await overviewOf(app, ada)
  assert.equal(html.match(/href="\/w\/acme\/drift\/drf_[\w-]+"/g)?.length, 5)
  assert.match(html, new RegExp(`href="/w/acme/drift"[^>]*>${DRIFTED - 5} more<`))
  const needs = html.slice(html.indexOf('aria-label="What needs you"'))
  const links = needs.slice(0, needs.indexOf('</section>')).matchAll(/href="([^"]+)"/g)
  const paths = new Set([...links].map(([, path]) => path!))
  assert.ok(paths.size >= 14, String(paths.size))
  for (const path of paths) assert.equal((await app.fetchAs(ada, path)).status, 200, path)
  assert.match(html, /120 alerts a day over 30 days, 20 allowed/)
})

test('admins are told a month before what ends by itself, and are led to where it is renewed', async () => {
  const app = await running!
  const { ada, ravi } = app.cast
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const add = (name: string, days: number) =>
    addProvider(app.house, caller, {
      ...NewProvider.parse({
        kind: 'oidc',
        name,
        settings: { issuer: 'https://id.example', clientId: 'rulewright' },
      }),
      secretExpiresAt: addMs(caller.now, days * DAY),
    })
  await add('Far ID', 31)
  const { id } = await add('Near ID', 29)
  const seen = await overviewOf(app, ada)
  assert.match(seen, new RegExp(`href="/w/acme/settings/single-sign-on/${id}"[^>]*>Renew`))
  assert.match(seen, /Near ID[\s\S]*?client secret/)
  assert.doesNotMatch(seen, /Far ID/)
  assert.doesNotMatch(await overviewOf(app, ravi), /Near ID/)
})

test('whoever can make a new secret for a token is told two weeks before it ends', async () => {
  const app = await running!
  const { ada, ravi } = app.cast
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const named = async (person: typeof ada, name: string, days: number, more = {}) => {
    const maker = await getMaker(app.house, caller, person.userId)
    const wish = { name, kind: 'pat' as const, scopes: ['rules:read' as const], networks: [] }
    return addToken(app.house, caller, maker, { ...wish, days, ...more })
  }
  await named(ada, 'Fortnight', 13)
  await named(ravi, 'Nightly of Ravi', 90)
  await named(ravi, 'Service of acme', 90, { serviceRole: 'viewer' })
  const { token } = await named(ravi, 'Rotated', 90)
  const maker = await getMaker(app.house, caller, ravi.userId)
  await rotateToken(app.house, caller, maker, token.id, { hours: 24 })
  const told = async ({ userId }: typeof ada, role: Role, days: number) => {
    const later = { ...caller, now: addMs(caller.now, days * DAY) }
    const who = { ...later, actor: userId, verbs: verbsOf(role) }
    const found = await listEndings(app.house, who)
    const tokens = found.filter(({ kind }) => kind === 'token')
    return tokens.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b))
  }
  assert.deepEqual(await told(ravi, 'engineer', 70), [], 'the premise: none ends soon')
  const all = ['Nightly of Ravi', 'Rotated', 'Service of acme']
  assert.deepEqual(await told(ravi, 'engineer', 80), all, 'once each')
  assert.deepEqual(await told(ada, 'admin', 80), ['Service of acme'], 'admins look after services')
})

test('of what is exchanged at a provider the last one counts, and is told a month before it ends', async () => {
  const app = await running!
  const { house, acme } = app
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const start = caller.now
  const [older, newer] = [samlKey(start), samlKey(addMs(start, 365 * DAY))]
  const certificates = [newer.cert, older.cert]
  const saml = { kind: 'saml', name: 'By SAML', settings: samlSettings({ certificates }) }
  const { id } = await addProvider(house, caller, NewProvider.parse(saml))
  await nextTurn()
  await addOwnKey(house, caller, id)
  await nextTurn()
  await addScimToken(house, caller, id, [])
  await nextTurn()
  const told = async (days: number) => {
    const later = { ...caller, now: addMs(start, days * DAY), verbs: verbsOf('admin') }
    const found = (await listEndings(house, later)).filter((one) => one.id === id)
    return found.map(({ kind }) => kind)
  }
  assert.deepEqual(await told(0), [], 'the premise: none ends soon')
  assert.deepEqual(await told(3 * 365 - 31), ['directory_token'])
  assert.deepEqual(await told(3 * 365 - 29), ['directory_token', 'certificate'], 'our key')
  // The older certificate of the provider ends after ten years, the newer one a year later.
  assert.deepEqual(await told(3_650 - 29), ['directory_token', 'certificate'])
  assert.deepEqual(await told(4_015 - 29), ['directory_token', 'certificate', 'certificate'])
})

test('groups keep their order, and in one what ends first stands before what merely waits', () => {
  const need = (id: string, since: number | null, endsAt: number | null): Need => ({
    id,
    number: null,
    title: id,
    note: '',
    since: since as Instant | null,
    endsAt: endsAt as Instant | null,
  })
  const some = [need('unknown', null, null), need('new', 5, null), need('old', 1, null)]
  const group = wholeGroup('target', [...some, need('ends', 9, 2)])
  assert.deepEqual(
    group.items.map(({ id }) => id),
    ['ends', 'old', 'new', 'unknown'],
  )
  const many = {
    kind: 'sign',
    items: Array.from({ length: 9 }, () => some[0]!),
    count: 40,
  } as const
  const ordered = inOrder([group, { kind: 'drift', items: [], count: 0 }, many])
  assert.deepEqual(
    ordered.map(({ kind, items, count }) => [kind, items.length, count]),
    [
      ['sign', 5, 40],
      ['target', 4, 4],
    ],
  )
})
