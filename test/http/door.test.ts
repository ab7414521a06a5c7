// The product's own routes: which are public, who may read the numbers, how one comes in.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { describeRoutes } from '#http/routes.ts'
import { makeSignInParts } from '#http/sign-in.ts'
import { listRoutes } from '#http/door.ts'
import { reportRoute } from '#http/reports.ts'
import { SECURITY_CONTACT } from '#http/security-txt.ts'
import { makeFolder } from '#test/support/database.ts'
import { makeFace } from '#test/support/face.ts'
import { serveRoutes } from '#test/support/http.ts'
import { startApp } from '#test/support/start-app.ts'

const PUBLIC = [
  'GET /',
  'GET /.well-known/security.txt',
  'GET /claim/{token}',
  'GET /api',
  'GET /api/{noun}',
  'GET /api/v1/openapi.json',
  'GET /demo/{token}',
  'GET /docs',
  'GET /docs/find',
  'GET /docs/{page}',
  'GET /healthz',
  'GET /invite/{token}',
  'GET /readyz',
  'GET /reset',
  'GET /reset/{token}',
  'GET /scim/v2/ServiceProviderConfig',
  'GET /scim/v2/ResourceTypes',
  'GET /scim/v2/ResourceTypes/{id}',
  'GET /scim/v2/Schemas',
  'GET /scim/v2/Schemas/{id}',
  'GET /scim/v2',
  'POST /scim/v2/.search',
  'POST /scim/v2/Bulk',
  'GET /scim/v2/Me',
  'POST /scim/v2/Users/.search',
  'POST /scim/v2/Groups/.search',
  'GET /scim/v2/Users',
  'POST /scim/v2/Users',
  'GET /scim/v2/Groups',
  'POST /scim/v2/Groups',
  'GET /scim/v2/Users/{id}',
  'PUT /scim/v2/Users/{id}',
  'PATCH /scim/v2/Users/{id}',
  'DELETE /scim/v2/Users/{id}',
  'GET /scim/v2/Groups/{id}',
  'PUT /scim/v2/Groups/{id}',
  'PATCH /scim/v2/Groups/{id}',
  'DELETE /scim/v2/Groups/{id}',
  'GET /sign-in',
  'GET /sign-in/passkey',
  'GET /sign-in/with/{id}/metadata',
  'POST /sign-in/with/{id}/callback',
  'GET /sign-in/second',
  'GET /sign-in/with/{id}',
  'GET /sign-in/with/{id}/callback',
  'GET /static/{file}',
  'POST /claim/{token}',
  'POST /invite/{token}',
  'POST /reports/csp',
  'POST /reset',
  'POST /reset/{token}',
  'POST /sign-in',
  'POST /sign-in/passkey',
  'POST /sign-in/second',
  'POST /sign-in/with',
  'GET /sign-in/with/{id}/logout',
  'POST /sign-in/with/{id}/logout',
]

test('these routes are public and no other', async (t) => {
  const { house, sessions } = await serveRoutes(t, [])
  const parts = { face: await makeFace(house), readiness: [] }
  const routes = listRoutes(parts, makeSignInParts(house.random, sessions))
  const open = describeRoutes(routes).filter((route) => route.permission === 'public')
  assert.deepEqual(
    open.map(({ method, path: pattern }) => `${method} ${pattern}`).toSorted(),
    PUBLIC.toSorted(),
  )
  for (const route of describeRoutes(routes)) {
    assert.equal(route.permission === 'public', route.door === 'public', route.path)
  }
})

test('the started product is ready, and knows nothing of development', async (t) => {
  const app = await startApp(t)
  assert.deepEqual(await (await app.fetch('/readyz')).json(), { status: 'ready' })
  for (const absent of ['/metrics', '/dev/sign-in', '/dev/parts']) {
    assert.equal((await app.fetch(absent)).status, 404, absent)
  }
})

test('security.txt names the contact of SECURITY.md and ends within a year', async (t) => {
  const app = await startApp(t)
  const text = await (await app.fetch('/.well-known/security.txt')).text()
  assert.ok(text.startsWith(`Contact: ${SECURITY_CONTACT}\n`))
  const until = Date.parse(/^Expires: (.+)$/m.exec(text)![1]!)
  assert.ok(until > app.clock.now() && until < app.clock.now() + 366 * 86_400_000)
  const papers = readFileSync(path.resolve(import.meta.dirname, '../../SECURITY.md'), 'utf8')
  assert.ok(papers.includes(SECURITY_CONTACT.replace('mailto:', '')))
})

test('without a token only this machine reads the numbers', async (t) => {
  const env = { RULEWRIGHT_SERVER_METRICS: 'true', RULEWRIGHT_PROXY_TRUSTED: '127.0.0.1' }
  const app = await startApp(t, { env })
  await app.fetch('/no/such/page')
  const text = await (await app.fetch('/metrics')).text()
  assert.match(
    text,
    /^rulewright_http_requests_total\{method="none",route="none",status="404"\} 1$/m,
  )
  assert.match(text, /^rulewright_database_writable 1$/m)
  assert.match(text, /^rulewright_jobs_running 0$/m)
  const far = await app.fetch('/metrics', { headers: { 'X-Forwarded-For': '203.0.113.9' } })
  assert.equal(far.status, 403)
})

test('with a token its holder reads the numbers from anywhere, and nobody else', async (t) => {
  const file = path.join(makeFolder(t), 'metrics.token')
  writeFileSync(file, 'a-token-of-some-length\n', { mode: 0o600 })
  const env = { RULEWRIGHT_SERVER_METRICS: 'true', RULEWRIGHT_SERVER_METRICS_TOKEN_FILE: file }
  const app = await startApp(t, { env })
  const ask = (headers: Record<string, string>) => app.fetch('/metrics', { headers })
  assert.equal((await ask({})).status, 401)
  assert.equal((await ask({ Authorization: 'Bearer a-token-of-some-lengt' })).status, 401)
  assert.equal((await ask({ Authorization: 'Bearer a-token-of-some-length' })).status, 200)
})

test('a report of a broken policy is one bounded line in the log', async (t) => {
  const { fetch, logged } = await serveRoutes(t, [reportRoute()])
  const report = { 'csp-report': { 'blocked-uri': 'inline', 'violated-directive': 'script-src' } }
  const send = (body: string) => fetch('/reports/csp', { method: 'POST', body })
  assert.equal((await send(JSON.stringify(report))).status, 204)
  const lines = logged.filter((line) => line['msg'] === 'a page broke its policy')
  assert.equal(lines.length, 1)
  for (const odd of [
    '',
    '{',
    '[]',
    JSON.stringify({ 'csp-report': { 'blocked-uri': 'a'.repeat(3_000) } }),
  ]) {
    assert.equal((await send(odd)).status, 204)
  }
  assert.equal((await send('a'.repeat(20_000))).status, 413)
  assert.equal(logged.filter((line) => line['msg'] === 'a page broke its policy').length, 1)
})
