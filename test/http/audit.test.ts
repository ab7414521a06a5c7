import assert from 'node:assert/strict'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit, verifyAuditLog } from '#domain/audit/actions.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { verifyExport } from '#platform/audit/verify-export.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

test('a filter by who, what it was done to, and when finds its entries, page by page', async (t) => {
  const app = await startApp(t)
  const { house, clock } = app
  const [day1, day2] = [clock.now(), clock.now() + DAY]
  await record(app, 120, { target: 'rul_1' })
  clock.advance(DAY)
  await record(app, 3, { target: 'rul_2', actor: 'system:ravi' })
  await record(app, 60, { target: 'rul_1' })
  const caller = callerOf(app)
  const read = (filter: Parameters<typeof readAudit>[2], before?: number) =>
    readAudit(house, caller, filter, { limit: 50, ...(before !== undefined && { before }) })
  assert.equal((await read({ target: 'rul_2' })).items.length, 3)
  assert.equal((await read({ actor: 'system:ravi' })).items.length, 3)
  const first = await read({ target: 'rul_1', until: day1 + DAY })
  assert.deepEqual([first.items.length, first.items.every(({ at }) => at < day2)], [50, true])
  const seen: number[] = []
  let before: number | undefined
  do {
    const found = await read({ target: 'rul_1', until: day1 + DAY }, before)
    seen.push(...found.items.map(({ seq }) => seq))
    before = found.before ?? undefined
  } while (before !== undefined)
  assert.equal(new Set(seen).size, 120)
  assert.equal((await read({ since: day2 })).items.length, 50)
  assert.deepEqual(await empty(read({ since: day2 + DAY })), { found: 0, before: null })
  assert.deepEqual(await empty(read({ until: day1 - DAY })), { found: 0, before: null })
  const html = await (await get(app, '/w/acme/audit?on=rul_2&since=2026-11-22')).text()
  assert.equal(html.match(/class="ae"/g)?.length, 3)
  assert.match(html, /name="since" value="2026-11-22"/)
})

test('an entry shows its proof once it is signed, to those who may read this workspace', async (t) => {
  const app = await startApp(t)
  await record(app, 1, { target: 'rul_1' })
  const { items } = await readAudit(app.house, callerOf(app), {}, { limit: 1 })
  const path = `/w/acme/audit/${items[0]!.seq}`
  assert.match(await (await get(app, path)).text(), /No checkpoint covers this entry yet/)
  await app.house.audit.checkpoint()
  const html = await (await get(app, path)).text()
  assert.match(html, /lead from the entry to the root/)
  assert.match(html, /rulewright\/audit\/[0-9a-f]{32}/)
  for (const foreign of ['/w/acme/audit/1', '/w/acme/audit/999', '/w/acme/audit/x']) {
    assert.equal((await get(app, foreign)).status, 403, foreign)
  }
  const viewer = await app.fetchAs(app.cast.vera, path)
  assert.equal(viewer.status, 403)
})

test('the log comes as a download that verifies alone, or as text for a spreadsheet', async (t) => {
  const app = await startApp(t)
  await record(app, 3, { target: '=1+1' })
  const ndjson = await download(app, 'ndjson')
  assert.equal(
    ndjson.headers.get('content-disposition'),
    'attachment; filename="audit-acme.ndjson"',
  )
  const lines = (await ndjson.text()).trimEnd().split('\n')
  const verdict = await verifyExport(linesOf(lines), { keys: app.house.keys.audit })
  assert.ok(verdict.ok && verdict.last >= 4, JSON.stringify(verdict))
  const csv = await (await download(app, 'csv')).text()
  assert.match(csv, /,'=1\+1,/)
  assert.equal((await download(app, 'xml')).status, 422)
  const viewer = await download(app, 'csv', app.cast.vera)
  assert.equal(viewer.status, 403)
})

test('the badge says how far the whole log was walked, and nothing before it was', async (t) => {
  const app = await startApp(t)
  const badge = async () =>
    /Chain verified up to entry (\d+)|Not verified yet/.exec(
      await (await get(app, '/w/acme/audit')).text(),
    )!
  assert.equal((await badge())[0], 'Not verified yet')
  const size = await verifyAuditLog(app.house, systemCaller(app.house, 'test'), t.signal)
  assert.equal(Number((await badge())[1]), size)
  await record(app, 5, { target: 'rul_1' })
  assert.equal(Number((await badge())[1]), size, 'what was added since is not claimed')
})

test('erased names are gone from the page, which says who erased them and when', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const actor = 'system:ravi'
  await record(app, 1, { target: 'rul_1', actor, personal: { name: 'Ravi Rao', ip: '192.0.2.9' } })
  const path = '/w/acme/audit?on=rul_1'
  assert.match(await (await get(app, path)).text(), /Ravi Rao/)
  const caller = systemCaller(house, 'test')
  await house.db.write(caller, (tx) => house.audit.erasePersonal(tx, caller, actor))
  const html = await (await get(app, path)).text()
  assert.doesNotMatch(html, /Ravi Rao|192\.0\.2\.9/)
  assert.match(html, /erased <time/)
  assert.ok((await house.audit.verify()).ok)
})

test('who asks too fast is one entry a minute, whoever it is', async (t) => {
  const app = await startApp(t, { env: { RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '5' } })
  const statuses: number[] = []
  for (let i = 0; i < 60; i++) statuses.push((await app.fetch('/healthz')).status)
  assert.equal(statuses.filter((status) => status === 429).length, 10, 'the premise')
  const read = () =>
    readAudit(app.house, systemCaller(app.house, 'test'), { action: 'request.send' }, { limit: 9 })
  const [entry, ...more] = (await read()).items
  assert.deepEqual([entry?.actor, entry?.outcome, more.length], ['system:door', 'refused', 0])
  assert.deepEqual(entry?.data, { code: 'rate_limited', count: 1 })
})

async function empty(page: ReturnType<typeof readAudit>) {
  const { items, before } = await page
  return { found: items.length, before }
}

interface Recorded {
  readonly target: string
  readonly actor?: Caller['actor']
  readonly personal?: Caller['personal']
}

function callerOf({ house, acme }: TestApp): Caller {
  return { ...systemCaller(house, 'test'), scope: makeScope(acme.id) }
}

async function record(app: TestApp, count: number, { target, ...by }: Recorded): Promise<void> {
  const caller = { ...callerOf(app), ...by }
  await app.house.db.write(caller, async (tx) => {
    for (let i = 0; i < count; i++)
      await app.house.audit.record(tx, caller, { action: 'rule.update', target, data: {} })
  })
}

function get(app: TestApp, path: string): Promise<Response> {
  return app.fetchAs(app.cast.ada, path)
}

function download(app: TestApp, format: string, person = app.cast.ada): Promise<Response> {
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Sec-Fetch-Site': 'same-origin',
  }
  const body = new URLSearchParams({ format }).toString()
  return app.fetchAs(person, '/w/acme/audit/exports', { method: 'POST', headers, body })
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
