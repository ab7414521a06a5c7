// Tokens that reach less than their maker, tokens of nobody, and what a token looks like to a scanner.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Kysely } from 'kysely'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { changeMember, removeMember } from '#domain/access/members.ts'
import { systemCaller } from '#domain/access/system.ts'
import { callWith, entriesOf, startProgram } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { makeId, type GroupId, type TokenId, type UserId } from '#kernel/id.ts'
import { REACHES } from '#platform/db/reach.ts'
import { makeScope } from '#platform/db/scope.ts'
import { TABLES } from '#platform/db/tables.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { addToken } from '#domain/access/token-actions.ts'
import { formatToken, judgeTokenText } from '#domain/access/token.ts'
import { rotateToken } from '#domain/access/token-rotation.ts'
import { instant } from '#kernel/time.ts'
import { scrubText } from '#platform/scrub.ts'

const inAcme = ({ house, acme }: TestApp) => systemCaller(house, 'test', undefined, acme.id)

interface Me {
  role: string
  verbs: string[]
}

const ruleIn = (title: string, group?: string) => ({
  text: `title: ${title}
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: 'x.exe'}, condition: selection}
${group === undefined ? '' : `rulewright: {group: ${group}}\n`}`,
})

interface Items {
  items: { id: string; title?: string; slug?: string }[]
}

test('a token that reaches one group reads, writes and moves rules of that group alone', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  const whole = await startProgram(app, ada, { scopes: ['rules:read', 'rules:write'] })
  const add = async (program: typeof whole, title: string, group?: string) =>
    program.call('/rules', { json: ruleIn(title, group) })
  const own = (await (await add(whole, 'Own', 'windows')).json()) as { id: string; version: number }
  const other = (await (await add(whole, 'Other', 'linux')).json()) as { id: string }
  const { items } = (await (await whole.call('/groups')).json()) as Items
  const group = items.find(({ slug }) => slug === 'windows')!.id as GroupId
  const scopes = ['rules:read', 'rules:write'] as const
  const { call, token } = await startProgram(app, ada, { scopes, groups: [group] })
  const bound = { call } as typeof whole
  const titles = async () =>
    ((await (await call('/rules')).json()) as Items).items.map(({ title }) => title)
  assert.deepEqual(await titles(), ['Own'])
  assert.equal(((await (await call('/groups')).json()) as Items).items.length, 1)
  const missing = other.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const [foreign, none] = await Promise.all(
    [other.id, missing].map(async (id) => {
      const answer = await call(`/rules/${id}`)
      return [answer.status, (await answer.text()).replace(/req_[\w-]+/, '')] as const
    }),
  )
  assert.deepEqual([foreign, foreign![0]], [none, 403])
  const statuses = async (...answers: Promise<Response>[]) =>
    (await Promise.all(answers)).map(({ status }) => status)
  const headers = { 'If-Match': `"${own.version}"` }
  const move = { method: 'PATCH', headers, json: ruleIn('Own', 'linux') }
  assert.deepEqual(
    await statuses(
      add(bound, 'No group'),
      add(bound, 'Another', 'linux'),
      add(bound, 'New', 'mac'),
    ),
    [403, 403, 403],
  )
  assert.equal((await call(`/rules/${own.id}`, move)).status, 403, 'out of the group')
  const saved = await call(`/rules/${own.id}`, { ...move, json: ruleIn('Owned', 'windows') })
  assert.equal(saved.status, 200, await saved.text())
  assert.deepEqual(
    await statuses(
      add(bound, 'Two', 'windows'),
      call('/groups', { json: { slug: 'mac', name: 'Mac' } }),
      call('/rules/bulk', { json: { edit: { kind: 'retire' }, filter: {} } }),
    ),
    [201, 403, 403],
    'what is of the whole workspace is refused',
  )
  assert.deepEqual(new Set(await titles()), new Set(['Owned', 'Two']))
  const maker = { userId: ada.userId, role: 'admin', flags: [] } as const
  const next = await rotateToken(app.house, inAcme(app), maker, token.id, { hours: 0 })
  assert.deepEqual(next.token.groups, [group], 'a new secret reaches no more')
})

test('a token is narrowed only to what is there, and never with a scope of the whole', async (t) => {
  const app = await startApp(t)
  await app.signIn(app.cast.ada)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const group = (await (await call('/groups', { json: { slug: 'mac', name: 'Mac' } })).json()) as {
    id: string
  }
  const make = async (scope: string, id: string) =>
    (await call('/tokens', { json: { name: 'x', scopes: [scope], groups: [id] } })).status
  assert.equal(await make('rules:read', group.id), 201)
  assert.equal(await make('audit:read', group.id), 422)
  assert.equal(await make('admin', group.id), 422)
  assert.equal(await make('rules:read', group.id.replace(/.$/, 'f')), 403)
})

test('of every table of a workspace somebody said what a narrowed token sees', async (t) => {
  const { house, acme, clock } = await startApp(t)
  const id = (prefix: 'tgt' | 'grp' | 'tok') => makeId(prefix, clock.now(), house.random(10))
  const within = { targets: [id('tgt')], groups: [id('grp')], actor: id('tok') }
  const db = house.db.read(makeScope(acme.id, within)) as unknown as Kysely<
    Record<string, { workspaceId: string }>
  >
  const owned = Object.entries(TABLES).filter(([, { owner }]) => owner === 'workspace')
  for (const [table] of owned) {
    await db.selectFrom(table).selectAll().where('workspaceId', '=', acme.id).execute()
  }
  assert.deepEqual(Object.keys(REACHES).toSorted(), owned.map(([table]) => table).toSorted())
})

test('a service token acts as itself, in a role, and outlives whoever made it', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  await app.signIn(ada)
  const { call } = await startProgram(app, ada, { scopes: ['admin'] })
  const wish = { name: 'Nightly export', scopes: ['rules:read', 'rules:write'] }
  const make = (json: object) => call('/tokens', { json: { ...wish, ...json } })
  assert.equal((await make({ serviceRole: 'admin' })).status, 422)
  assert.equal(
    (await make({ serviceRole: 'viewer' })).status,
    422,
    'writing is no scope of a viewer',
  )
  assert.equal((await make({ serviceRole: 'engineer', scopes: ['changes:sign'] })).status, 422)
  const made = (await (await make({ serviceRole: 'engineer' })).json()) as {
    id: string
    secret: string
  }
  const ask = async (path: string, init = {}) => callWith(app, made.secret, path, init)
  const me = (await (await ask('/me')).json()) as Me
  assert.deepEqual([me.role, me.verbs.includes('change.sign')], ['engineer', false])
  const added = await ask('/rules', { json: ruleIn('Own', 'windows') })
  assert.equal(added.status, 201)
  const entry = (await entriesOf(app, app.acme)).find(({ action }) => action === 'rule.create')!
  assert.deepEqual([entry.actor, entry.personal?.['name']], [made.id, 'Nightly export'])
  const shown = async (of: string) =>
    ((await (await call(`/tokens?of=${of}`)).json()) as Items).items.map(({ id }) => id)
  assert.deepEqual(
    [await shown('service'), (await shown('me')).includes(made.id)],
    [[made.id], false],
  )
  const raviActs = engineer(app, ravi.userId)
  const raviIs = { userId: ravi.userId, role: 'engineer', flags: [] } as const
  const asService = {
    name: 'x',
    networks: [],
    kind: 'pat' as const,
    serviceRole: 'viewer' as const,
  }
  await assert.rejects(
    addToken(app.house, raviActs, raviIs, { ...asService, scopes: ['rules:read'] }),
    { code: 'forbidden' },
  )
  await changeMember(app.house, inAcme(app), ravi.userId, {
    role: 'admin',
    isApprover: false,
    isAuditor: false,
  })
  await removeMember(app.house, inAcme(app), ada.userId)
  assert.equal((await call('/me')).status, 401, 'the premise: her own tokens end')
  assert.equal((await ask('/me')).status, 200)
  const { text, token } = await rotateToken(
    app.house,
    inAcme(app),
    { ...raviIs, role: 'admin' },
    made.id as TokenId,
    { hours: 0 },
  )
  assert.deepEqual(
    [(await ask('/me')).status, (await callWith(app, text, '/me')).status],
    [401, 200],
  )
  assert.deepEqual([token.userId, token.serviceRole], [ravi.userId, 'engineer'], 'who answers now')
})

function engineer(app: TestApp, userId: UserId) {
  const { verbs: _, ...own } = inAcme(app)
  return { ...own, actor: userId, verbs: verbsOf('engineer') }
}

/** As docs/tokens.md gives it to scanners. */
const PATTERN = new RegExp(
  /```text\n(rw_.*)\n```/.exec(readFileSync(path.resolve('docs/tokens.md'), 'utf8'))![1]!,
)

test('the documented pattern finds every token that is made, and nothing that is nearly one', () => {
  const made: string[] = []
  for (let n = 0; n < 200; n++) {
    const id = makeId('tok', instant(1_800_000_000_000 + n * 86_399_999), randomBytes(10))
    made.push(formatToken(n % 2 === 0 ? 'pat' : 'mcp', id, randomBytes(32)))
  }
  for (const text of made) {
    assert.equal(text.length, 92)
    assert.equal(PATTERN.exec(`x "${text}", y`)?.[0], text)
    assert.equal(judgeTokenText(text), 'whole')
    assert.equal(scrubText(`see ${text} there`), 'see [hidden] there')
  }
  const [text] = made as [string]
  const near = [
    text.slice(0, -1),
    text.slice(1),
    text.toUpperCase(),
    text.replace('rw_pat_', 'rw_key_'),
    text.replace('rw_pat_', 'rw_pat'),
    text.replace(/_[0-9a-f]{32}_/, (id) => id.slice(0, -2) + '_'),
    text.replace(/_[0-9a-f]{32}_/, (id) => id.slice(0, -2) + 'g_'),
    `${text.slice(0, 60)} ${text.slice(60)}`,
    `${text.slice(0, 60)}+${text.slice(61)}`,
    text.slice(0, -8) + 'zzzzzzzz',
    'rw_pat_…',
    `ghp_${'a'.repeat(36)}`,
    makeId('tok', instant(1_800_000_000_000), randomBytes(10)),
  ]
  for (const one of near) assert.ok(!PATTERN.test(one), one)
  for (let at = 7; at < text.length; at++) {
    const flipped = text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1)
    assert.notEqual(judgeTokenText(flipped), 'whole', `a change at ${at} is seen`)
  }
})

test('a token that is pasted into a rule is refused, and into a reason or a name is hidden', async (t) => {
  const app = await startApp(t)
  const { call, text } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const holding = await call('/rules', { json: ruleIn(`Own\ndescription: ${text}`, 'windows') })
  assert.equal(holding.status, 422)
  const added = await call('/rules', { json: { ...ruleIn('Own', 'windows'), reason: text } })
  assert.equal(added.status, 201, await added.text())
  await startProgram(app, app.cast.ada, {
    scopes: ['rules:read'],
    name: `for ${text}`.slice(0, 80),
  })
  const told = JSON.stringify(await entriesOf(app, app.acme))
  assert.match(told, /rule\.create.*\[hidden\]/)
  assert.ok(!told.includes(text.slice(10, 40)), 'no entry of the log holds a part of it')
})
