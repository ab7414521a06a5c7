// Every route of the product as somebody of another workspace and as nobody: a place that is not
// theirs and a place that does not exist give the same answer, byte for byte.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invite } from '#domain/access/invitations.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { NewToken } from '#domain/access/token-input.ts'
import { routeTable } from '#http/route-table.ts'
import type { RouteRow } from '#http/routes.ts'
import { ID_PREFIXES, makeId, type ChangeId, type RuleId } from '#kernel/id.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addGroup } from '#domain/rules/groups/actions.ts'
import { saveView } from '#domain/rules/views/actions.ts'
import { BulkRequest } from '#domain/rules/input.ts'
import { startBulkEdit } from '#domain/rules/bulk/edit.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { addList } from '#domain/rules/lists/actions.ts'
import { NewListInput } from '#domain/rules/lists/input.ts'
import { previewImport } from '#domain/rules/imports/actions.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { openChange } from '#domain/changes/actions.ts'
import { addUpstream } from '#domain/rules/upstreams/actions.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { makeScope } from '#platform/db/scope.ts'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { thoroughly } from '#test/support/thorough.ts'
import { DRIFT_INPUTS } from './http/api/walk-drift.ts'
import { plantHotfix } from './http/api/walk-hotfixes.ts'
import { plantForecast } from './http/api/walk-backtests.ts'
import { plantAlert } from './http/api/walk-health.ts'
import { plantSaved, plantSearch } from './http/api/walk-searches.ts'

const FOREIGN = 'acme'
const MISSING = 'zinc' // as long, so that no length tells them apart

const SECRET_TARGET = NewTarget.parse({
  name: 'secret-plan',
  kind: 'splunk',
  settings: { url: 'https://127.0.0.1:9' },
})

const SECRET_PROVIDER = NewProvider.parse({
  kind: 'oidc',
  name: 'Secret plan',
  settings: { issuer: 'https://127.0.0.1:9', clientId: 'secret' },
})

const closed = routeTable().filter(({ permission }) => permission !== 'public')
const inside = closed.filter(({ path }) => path.includes('{slug}'))
const ofWorkspace = thoroughly(
  inside.filter((_, at) => at % 3 === 0),
  inside,
)
const ofInstance = closed.filter(({ path }) => path.startsWith('/instance'))

for (const who of ['gwen', 'nobody'] as const) {
  test(`a foreign workspace and a missing one look the same to ${who}, at every route`, async (t) => {
    const app = await startApp(t)
    const jobId = await addForeignJob(app)
    assert.ok(ofWorkspace.length >= 8, 'the premise')
    for (const route of ofWorkspace) {
      const foreign = await ask(app, who, route, { slug: FOREIGN, id: jobId })
      const missing = await ask(app, who, route, { slug: MISSING, id: jobId })
      assert.equal(foreign.status, who === 'nobody' ? 401 : 403, nameOf(route))
      assert.deepEqual(foreign, missing, nameOf(route))
    }
  })
}

test('a thing of another workspace and one that never was look the same, at every route', async (t) => {
  const app = await startApp(t)
  const things = await addForeignThings(app)
  const routes = ofWorkspace.filter(({ path }) => path.includes('{id}'))
  assert.ok(routes.length > 0, 'the premise')
  for (const route of routes) {
    const [, noun = ''] = /([a-z]+)\/\{id\}/.exec(route.path) ?? []
    const [prefix, theirs] = things[noun] ?? assert.fail(`a foreign thing for ${nameOf(route)}`)
    const none = makeId(prefix, app.clock.now(), app.house.random(10))
    const foreign = await ask(app, 'gwen', route, { slug: 'globex', id: theirs })
    const missing = await ask(app, 'gwen', route, { slug: 'globex', id: none })
    assert.equal(foreign.status, 403, nameOf(route))
    assert.deepEqual(foreign, missing, nameOf(route))
  }
})

test('nothing of the instance opens to an admin of a workspace, nor to nobody', async (t) => {
  const app = await startApp(t)
  const id = await addForeignJob(app)
  for (const route of ofInstance) {
    const asGwen = await ask(app, 'gwen', route, { slug: '', id })
    const asNobody = await ask(app, 'nobody', route, { slug: '', id })
    assert.equal(asNobody.status, 401, nameOf(route))
    // Signed in is all that these ask for; what they show is the caller's own.
    if (route.permission === 'signed-in') assert.doesNotMatch(asGwen.body, /acme|job_/i)
    else assert.equal(asGwen.status, 403, nameOf(route))
  }
})

test('nothing of one workspace is on any page, list, search or download of another', async (t) => {
  const app = await startApp(t)
  const things = await addForeignThings(app)
  const foreign = [app.cast.ada.userId, app.acme.id, ...Object.values(things).map(([, id]) => id)]
  const words = new RegExp(`acme|neil@|Secret plan|Secret token|${foreign.join('|')}`, 'i')
  const readable = closed.filter(
    ({ method, path, door }) =>
      method === 'GET' &&
      door === 'page' &&
      !path.includes('{id}') &&
      !path.startsWith('/instance'),
  )
  assert.ok(readable.length >= 10, 'the premise')
  let shown = 0
  for (const route of readable) {
    const own = { slug: 'globex', id: '' }
    const { status, body } = await ask(app, 'gwen', { ...route, path: `${route.path}?q=a` }, own)
    if (status === 200) shown += 1
    assert.doesNotMatch(body, words, nameOf(route))
  }
  assert.ok(shown >= 8, `the premise: ${shown} pages were read`)
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function ask(
  app: TestApp,
  who: 'gwen' | 'nobody',
  { method, path }: RouteRow,
  place: { readonly slug: string; readonly id: string },
): Promise<Answer> {
  const address = path.replace('{slug}', place.slug).replace('{id}', place.id)
  const init: RequestInit = {
    method,
    headers: { 'Sec-Fetch-Site': 'same-origin' },
  }
  const answer = await (who === 'nobody'
    ? app.fetch(address, init)
    : app.fetchAs(app.cast.gwen, address, init))
  // A stream of signals never ends; its status is all it has to say here.
  const isStream = answer.headers.get('Content-Type')?.startsWith('text/event-stream') === true
  if (isStream) await answer.body?.cancel()
  return {
    status: answer.status,
    headers: Object.fromEntries(
      [...answer.headers].filter(([name]) => name !== 'date').map(([name, v]) => [name, same(v)]),
    ),
    body: isStream ? '' : same(await answer.text()),
  }
}

/** Without what is fresh in every answer, and the address that was asked, where signing in leads back. */
function same(text: string): string {
  return text
    .replaceAll(/req_[\da-f-]{36}/g, 'req_')
    .replaceAll(/nonce-[\w-]{24}/g, 'nonce-')
    .replaceAll(/nonce="[\w-]{24}"/g, 'nonce=""')
    .replaceAll(/\/sign-in\?next=[^"]*/g, '/sign-in?next=')
}

/** One of each noun, in acme, by the word that stands before its id in an address. */
async function addForeignThings(app: TestApp) {
  const admin = { ...systemCaller(app.house, 'test'), scope: makeScope(app.acme.id) }
  const as = { role: 'viewer', isApprover: false, isAuditor: false } as const
  const invitation = await invite(app.house, admin, { email: 'neil@acme.example', ...as }, String)
  const maker = await getMaker(app.house, admin, app.cast.ravi.userId)
  const wanted = NewToken.parse({ name: 'Secret token', kind: 'pat', scopes: ['rules:read'] })
  const { token } = await addToken(app.house, admin, maker, wanted)
  const text =
    'title: Secret plan\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n'
  const brought = { source: 'Secret plan', files: [{ path: 'a.yml', text }] }
  const about = { name: 'Secret plan', address: null, licence: null, author: null }
  const upstream = await addUpstream(app.house, admin, about)
  const { rule } = await createRule(app.house, admin, { text, reason: '', origin: 'written' })
  const change = BulkRequest.parse({
    edit: { kind: 'addTag', tag: 'Secret plan' },
    ids: [rule.id],
  })
  const exclusion = await addExclusion(app.house, admin, {
    text: `title: Secret plan\nlogsource: {product: windows}\nfilter: {rules: [${rule.id}], a: {b: c}, condition: not a}\n`,
    owner: 'ada@acme.example',
    reason: 'Secret plan',
  })
  const list = await addList(
    app.house,
    admin,
    NewListInput.parse({ name: 'Secret', values: ['Secret plan'], owner: 'ada@acme.example' }),
  )
  const viewer = { ...admin, actor: app.cast.ravi.userId }
  const view = await saveView(app.house, viewer, { name: 'Secret plan', query: 'q=a' })
  const group = await addGroup(app.house, admin, { slug: 'secret', name: 'Secret plan' })
  const changeId = await openForeignChange(app, rule.id)
  const things: Readonly<Record<string, readonly [prefix: string, theirs: string]>> = {
    rules: [ID_PREFIXES.rule, rule.id],
    exclusions: [ID_PREFIXES.exclusion, exclusion.id],
    lists: [ID_PREFIXES.list, list.id],
    alerts: [ID_PREFIXES.alert, await plantAlert({ app }, app.acme)],
    imports: [ID_PREFIXES.import, await previewImport(app.house, admin, brought)],
    upstreams: [ID_PREFIXES.upstream, upstream.id],
    changes: [ID_PREFIXES.change, changeId],
    deployments: [ID_PREFIXES.deployment, await tryForeignChange(app, changeId)],
    views: [ID_PREFIXES.view, view.id],
    groups: [ID_PREFIXES.group, group.id],
    bulk: [ID_PREFIXES.job, await startBulkEdit(app.house, admin, change)],
    targets: [ID_PREFIXES.target, (await addTarget(app.house, admin, SECRET_TARGET)).target.id],
    searches: [ID_PREFIXES.search, await plantSearch(app, app.acme, 'failed', 'Secret plan')],
    saved: [ID_PREFIXES.savedSearch, (await plantSaved({ app, holder: 'ada' }, app.acme)).id],
    drift: [ID_PREFIXES.drift, (await DRIFT_INPUTS.getDrift({ app }, app.acme)).id],
    hotfixes: [ID_PREFIXES.hotfix, await plantHotfix(app, app.acme)],
    forecasts: [ID_PREFIXES.backtest, await plantForecast(app, app.acme)],
    jobs: [ID_PREFIXES.job, await addForeignJob(app)],
    members: [ID_PREFIXES.user, app.cast.ravi.userId],
    tokens: [ID_PREFIXES.token, token.id],
    // …/single-sign-on/{id}
    on: [ID_PREFIXES.provider, (await addProvider(app.house, admin, SECRET_PROVIDER)).id],
    invitations: [ID_PREFIXES.link, invitation.link.id],
  }
  return things
}

async function openForeignChange(app: TestApp, ruleId: RuleId): Promise<ChangeId> {
  const caller = { ...systemCaller(app.house, 'test'), scope: makeScope(app.acme.id) }
  const { items: targets } = await listTargets(app.house, caller, { limit: 10 })
  const { id: targetId } = targets.find(({ target }) => target.kind === 'local')!.target
  const items = [{ ruleId, targetId }]
  const given = { title: 'Secret plan', why: '', origin: 'rules', items } as const
  return (await openChange(app.house, caller, given)).id
}

async function tryForeignChange(app: TestApp, id: ChangeId): Promise<string> {
  const caller = { ...systemCaller(app.house, 'test'), scope: makeScope(app.acme.id) }
  return (await deployChange(app.house, caller, id, { dryRun: true })).id
}

async function addForeignJob({ house, acme }: TestApp): Promise<string> {
  const caller = { ...systemCaller(house, 'test'), scope: makeScope(acme.id) }
  return house.db.write(caller, async (tx) =>
    house.jobs.enqueue(tx, caller, verifyAuditJob, {}, { title: 'Secret plan of acme' }),
  )
}

function nameOf({ method, path }: RouteRow): string {
  return `${method} ${path}`
}
