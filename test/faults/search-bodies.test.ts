// A target that answers with a gigabyte: the segment ends with a reason, pages answer meanwhile, and the
// searches of another workspace go on. How much was held, garbage included, and how fast pages were is
// told and not asserted: both depend on what else the machine does (test/long/target-faults.test.ts
// bounds what is held, collected).

import assert from 'node:assert/strict'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { getSearch } from '#domain/searches/reading.ts'
import { isOver, type Search } from '#domain/searches/search.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { HOUR } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { startStandins } from '#test/support/standins.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

test('a gigabyte from one target is refused, and nobody else waits for it', async (t) => {
  const app = await startApp(t, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  const [large, fine] = [await startStandins('large'), await startStandins()]
  t.after(() => [large, fine].forEach(({ stop }) => stop()))
  const cookie = await app.signIn(app.cast.ada)
  const read = async () => {
    const at = performance.now()
    const headers = { Cookie: `session=${cookie}` }
    const answer = await app.fetch('/w/acme/searches', { headers })
    await answer.text()
    assert.equal(answer.status, 200)
    return performance.now() - at
  }
  // What is loaded with the first search and the first page is no growth.
  await ask(app, app.acme, fine.urls.splunk, 'warm')
  await settle(app)
  for (let times = 0; times < 20; times++) await read()

  const before = process.memoryUsage()
  const asked = await ask(app, app.acme, large.urls.splunk, 'large')
  const other = await ask(app, app.globex, fine.urls.splunk, 'fine')
  let [rss, held] = [before.rss, before.external]
  const took: number[] = []
  let isOn = true
  const reading = (async () => {
    while (isOn) {
      took.push(await read())
      const now = process.memoryUsage()
      rss = Math.max(rss, now.rss)
      held = Math.max(held, now.external)
    }
  })()
  await settle(app)
  isOn = false
  await reading

  const segment = await segmentOf(app, app.acme, asked)
  assert.equal(segment.state, 'failed')
  assert.match(segment.reason ?? '', /answered more than \d+ bytes/)
  assert.equal((await segmentOf(app, app.globex, other)).state, 'succeeded')
  const p99 = took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)]!
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  t.diagnostic(
    `held ${megabytes(held - before.external)}, grew by ${megabytes(rss - before.rss)}; ${took.length} pages, p99 ${p99.toFixed(0)} ms`,
  )
})

const callerIn = ({ house }: TestApp, { id }: Workspace) =>
  systemCaller(house, 'test', undefined, id)

async function ask(
  app: TestApp,
  place: Workspace,
  url: string,
  name: string,
): Promise<Search['id']> {
  const caller = callerIn(app, place)
  const wish = NewTarget.parse({ name, kind: 'splunk', settings: { url } })
  const { target } = await addTarget(app.house, caller, wish)
  const credential = { kind: 'basic', user: 'reader', password: 'reader' } as const
  await setCredential(app.house, caller, target.id, { purpose: 'read', credential })
  const input = SearchInput.parse({
    question: { language: 'spl', text: 'index=main' },
    targetIds: [target.id],
    from: caller.now - HOUR,
    to: caller.now,
  })
  return (await startSearch(app.house, caller, input)).id
}

/** Failures are tried again after a wait, for which the clock is put forward. */
async function settle(app: TestApp): Promise<void> {
  for (let tries = 0; tries < 4; tries++) {
    await app.runner.drain()
    await nextTurn()
    app.clock.advance(HOUR / 30)
  }
}

async function segmentOf(app: TestApp, place: Workspace, id: Search['id']) {
  const { segments } = await getSearch(app.house, callerIn(app, place), id)
  assert.ok(isOver(segments[0]!.state), 'it has an end')
  return segments[0]!
}
