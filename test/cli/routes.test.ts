// `rulewright routes`: the table, and that development routes are no part of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteRow } from '#http/routes.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp } from '#test/support/start-app.ts'

test('every route says its method, path, door and permission', async () => {
  const { code, out } = await runHere(['routes', '--json'], { cwd: '/' })
  assert.equal(code, 0)
  const rows = JSON.parse(out) as RouteRow[]
  assert.ok(rows.some(({ path, door }) => path === '/healthz' && door === 'public'))
  assert.ok(
    rows.some(({ path }) => path === '/metrics'),
    'what a setting opens is listed too',
  )
  for (const row of rows) {
    assert.deepEqual(Object.keys(row).toSorted(), ['door', 'method', 'path', 'permission'])
  }
})

test('the list names every route that answers a stranger, and no other', async (t) => {
  const app = await startApp(t)
  const rows = JSON.parse((await runHere(['routes', '--json'], { cwd: '/' })).out) as RouteRow[]
  for (const { method, path, door } of rows.filter((row) => row.method === 'GET')) {
    const { status } = await app.fetch(path.replaceAll(/\{\w+\}/g, 'x'))
    // Directories come by tokens of their own, which no session and no other token opens.
    const isOpen = door === 'public' && !path.startsWith('/scim/')
    assert.equal(status !== 401, isOpen, `${method} ${path} answered ${status}`)
  }
  assert.equal((await app.fetch('/dev/sign-in')).status, 404)
  assert.equal((await app.fetch('/dev/parts')).status, 404)
})
