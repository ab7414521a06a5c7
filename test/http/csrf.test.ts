// Writes that another site starts, and those that only look like it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { pageRoute, publicRoute } from '#http/routes.ts'
import { ada } from '#test/support/cast.ts'
import { serveRoutes } from '#test/support/http.ts'

const routes = [
  pageRoute('POST', '/account', 'signed-in', (c) => c.text('done')),
  pageRoute('GET', '/account', 'signed-in', (c) => c.text('read')),
  publicRoute('POST', '/sign-in', (c) => c.text('done')),
  publicRoute('POST', '/logout-channel', (c) => c.text(String(c.var.session)), {
    takesForeignWrites: true,
  }),
]

const TRUSTED = 'http://portal.example'

const CASES: readonly (readonly [Record<string, string>, number])[] = [
  [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
  [{ 'Sec-Fetch-Site': 'none' }, 200],
  [{ 'Sec-Fetch-Site': 'same-site' }, 403],
  [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
  [{ 'Sec-Fetch-Site': 'nonsense' }, 403],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'OWN' }, 403],
  [{ 'Sec-Fetch-Site': 'same-site', Origin: TRUSTED }, 200],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: TRUSTED }, 403],
  [{ Origin: 'OWN' }, 200],
  [{ Origin: TRUSTED }, 403],
  [{ Origin: 'null' }, 403],
  [{ Origin: 'http://evil.invalid' }, 403],
  [{}, 403],
  [{ 'Content-Type': 'application/json' }, 403],
]

test('a write needs to have started here, whatever its type of content', async (t) => {
  const served = await serveRoutes(t, routes, { trustedOrigins: [TRUSTED] })
  const { fetch, fetchAs, url, house } = served
  for (const [given, status] of CASES) {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value === 'OWN' ? url : value]),
    )
    const said = JSON.stringify(given)
    const init = { method: 'POST', headers }
    assert.equal((await fetchAs(ada, '/account', init)).status, status, said)
    assert.equal((await fetch('/sign-in', init)).status, status, `without a session ${said}`)
  }
  const caller = systemCaller(house, 'test')
  const told = await readAudit(house, caller, { action: 'request.forge' }, { limit: 9 })
  assert.deepEqual(
    told.items.map(({ outcome }) => outcome),
    ['refused'],
    'a minute of it is one entry',
  )
})

test('reading is never refused for where it came from', async (t) => {
  const { fetchAs } = await serveRoutes(t, routes)
  const headers = { 'Sec-Fetch-Site': 'cross-site' }
  assert.equal((await fetchAs(ada, '/account', { headers })).status, 200)
})

test('a route meant for other sites takes their writes and no cookie', async (t) => {
  const { fetchAs } = await serveRoutes(t, routes)
  const answer = await fetchAs(ada, '/logout-channel', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  })
  assert.equal(answer.status, 200)
  assert.equal(await answer.text(), 'undefined')
})
