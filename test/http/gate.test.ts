// Who passes a door, and who does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callerOf } from '#http/caller.ts'
import type { SqliteDatabase } from '#platform/db/database.ts'
import { apiRoute, describeRoutes, pageRoute, publicRoute } from '#http/routes.ts'
import { ada, gwen, ravi, vera } from '#test/support/cast.ts'
import { serveRoutes } from '#test/support/http.ts'

const routes = [
  publicRoute('GET', '/', (c) => c.text(c.var.session?.person.name ?? 'a stranger')),
  pageRoute('GET', '/w/:slug/jobs', 'job.read', (c) => c.json(callerOf(c))),
  pageRoute('POST', '/w/:slug/jobs/:id/cancel', 'job.cancel', (c) => c.text('cancelled')),
  pageRoute('GET', '/account', 'signed-in', (c) => c.text(callerOf(c).actor)),
  pageRoute('GET', '/instance', 'instance.read', (c) => c.text(callerOf(c).scope.workspaceId)),
  apiRoute('GET', '/api/v1/jobs', 'job.read', (c) => c.json({ items: [], next: null })),
]

test('a public route answers a stranger and knows who is signed in', async (t) => {
  const { fetch, fetchAs } = await serveRoutes(t, routes)
  assert.equal(await (await fetch('/')).text(), 'a stranger')
  assert.equal(await (await fetchAs(vera, '/')).text(), 'vera')
})

test('every other route refuses a stranger', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  for (const path of ['/w/acme/jobs', '/account', '/instance', '/api/v1/jobs']) {
    assert.equal((await fetch(path)).status, 401, path)
  }
})

test('a handler gets a caller bound to the workspace of its path', async (t) => {
  const { fetchAs } = await serveRoutes(t, routes)
  const answer = await fetchAs(ravi, '/w/acme/jobs')
  const caller = (await answer.json()) as Record<string, unknown>
  assert.equal(caller['actor'], 'usr_ravi')
  assert.deepEqual(caller['scope'], { workspaceId: 'wsp_acme' })
  assert.deepEqual(caller['personal'], { name: 'ravi', ip: '127.0.0.1' })
  assert.equal(caller['requestId'], answer.headers.get('X-Request-Id'))
})

test('a foreign workspace and one that does not exist are refused alike', async (t) => {
  const { fetchAs } = await serveRoutes(t, routes)
  const foreign = await fetchAs(gwen, '/w/acme/jobs')
  const missing = await fetchAs(gwen, '/w/no-such-place/jobs')
  assert.equal(foreign.status, 403)
  assert.equal(missing.status, 403)
  const strip = (text: string) =>
    text.replace(/req_[\w-]+/, '').replaceAll(/ (hx-)?nonce="[\w-]+"/g, '')
  assert.equal(strip(await foreign.text()), strip(await missing.text()))
  assert.equal((await fetchAs(gwen, '/w/globex/jobs')).status, 200)
})

test('the declared verb is asked before the handler runs', async (t) => {
  const { fetchAs } = await serveRoutes(t, routes)
  const write = { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } }
  assert.equal((await fetchAs(vera, '/w/acme/jobs/1/cancel', write)).status, 403)
  assert.equal((await fetchAs(ravi, '/w/acme/jobs/1/cancel', write)).status, 200)
  assert.equal((await fetchAs(ravi, '/instance')).status, 403)
  assert.equal(await (await fetchAs(ada, '/instance')).text(), 'wsp_instance')
})

test('a path without a route is 404, a route called otherwise is 405 with what it takes', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  assert.equal((await fetch('/no/such/path')).status, 404)
  const answer = await fetch('/account', { method: 'DELETE' })
  assert.equal(answer.status, 405)
  assert.equal(answer.headers.get('Allow'), 'GET, HEAD')
})

test('the table of routes names paths as people write them', () => {
  assert.deepEqual(describeRoutes(routes).at(-1), {
    method: 'POST',
    path: '/w/{slug}/jobs/{id}/cancel',
    door: 'page',
    permission: 'job.cancel',
  })
  assert.throws(() => describeRoutes([...routes, ...routes]), /declared twice/)
})

test('who is refused leaves a trace in the audit log, without words of their own', async (t) => {
  const { fetchAs, house } = await serveRoutes(t, routes)
  const write = { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } }
  const job = 'job_019a9b3c-0000-7000-8000-0000000000aa'
  await fetchAs(vera, `/w/acme/jobs/${job}/cancel`, write)
  await fetchAs(vera, '/w/acme/jobs/hunter2/cancel', write)
  await fetchAs(gwen, '/w/acme/jobs')
  await house.audit.stop() // what repeats is counted, and written when the minute is over
  // The log is the platform's own table, which no handle of a workspace reaches.
  const { reader } = house.db as SqliteDatabase
  const traces = reader
    .prepare(
      "select workspaceId, actor, action, target from auditEntry where outcome = 'refused' order by seq",
    )
    .all()
  const byVera = { workspaceId: 'wsp_acme', actor: 'usr_vera', action: 'job.cancel' }
  assert.deepEqual(traces, [
    { ...byVera, target: job },
    { workspaceId: 'wsp_instance', actor: 'usr_gwen', action: 'job.read', target: 'wsp_instance' },
    { ...byVera, target: 'wsp_acme' },
  ])
})
