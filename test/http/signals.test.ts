// The event stream as a program reads it: where it begins, what it repeats, when it ends.

import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { WorkspaceId } from '#kernel/id.ts'
import { pageRoute } from '#http/routes.ts'
import { SESSION_RECHECK_MS, SIGNALS_KEPT_MAX, Signals } from '#http/signals.ts'
import { streamSignals } from '#http/stream.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { makeScope } from '#platform/db/scope.ts'
import { ada, gwen, vera } from '#test/support/cast.ts'
import { serveRoutes, type TestServer } from '#test/support/http.ts'

const acme = 'wsp_acme' as WorkspaceId

interface Streamed extends TestServer {
  readonly signals: Signals
  readonly tell: (id: string, workspace?: string) => Promise<void>
}

async function serveSignals(t: TestContext): Promise<Streamed> {
  const parts: { signals?: Signals; sessions?: Sessions } = {}
  const route = pageRoute('GET', '/w/:slug/signals', 'workspace.read', (c) =>
    streamSignals(c, { signals: parts.signals!, sessions: parts.sessions! }),
  )
  const served = await serveRoutes(t, [route], { drainMs: 100 })
  const signals = new Signals(served.house)
  t.after(() => signals.close())
  Object.assign(parts, { signals, sessions: served.sessions })
  const tell = (id: string, workspace = 'acme') => {
    const scope = makeScope(`wsp_${workspace}`)
    return served.house.db.write({ scope }, async (tx) => {
      const workspaceId = scope.workspaceId as WorkspaceId
      served.house.events.publish(tx, { workspaceId, noun: 'job', id, verb: 'changed' })
    })
  }
  return { ...served, signals, tell }
}

/** Reads until the text is enough, then leaves. */
async function readUntil(answer: Response, isEnough: (text: string) => boolean): Promise<string> {
  let text = ''
  for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    if (isEnough(text)) break
  }
  return text
}

test('a stream resumes after the signal it is given, and tells each thing once', async (t) => {
  const { fetchAs, signals, tell } = await serveSignals(t)
  await tell('a')
  const place = signals.last(acme)
  for (const id of ['b', 'c', 'b', 'b']) await tell(id)
  const answer = await fetchAs(ada, '/w/acme/signals', { headers: { 'Last-Event-ID': place } })
  assert.match(answer.headers.get('Content-Type')!, /^text\/event-stream/)
  const text = await readUntil(answer, (read) => read.includes('"b"'))
  assert.deepEqual(text.match(/^data: .*$/gm), [
    'data: {"kind":"job","id":"c"}',
    'data: {"kind":"job","id":"b"}',
  ])
  assert.ok(text.includes(`id: ${signals.last(acme)}`))
})

test('a place of another run, or one no longer kept, is answered by a reset', async (t) => {
  const { fetchAs, signals, tell } = await serveSignals(t)
  await tell('a')
  const first = signals.last(acme)
  for (let i = 0; i < SIGNALS_KEPT_MAX + 1; i++) await tell(`b${i}`)
  for (const place of ['000000000000-5', 'nonsense', first]) {
    const answer = await fetchAs(ada, `/w/acme/signals?after=${place}`)
    const text = await readUntil(answer, (read) => read.includes('id:'))
    assert.match(text, /event: reset\ndata: {}\nid: /, place)
    assert.ok(text.includes(`id: ${signals.last(acme)}`))
  }
})

test('a stream carries its own workspace alone, and its numbers tell nothing of others', async (t) => {
  const { fetchAs, signals, tell, clock } = await serveSignals(t)
  await tell('mine')
  const before = signals.last(acme)
  for (let i = 0; i < 50; i++) await tell('theirs', 'globex')
  assert.equal(signals.last(acme), before)
  clock.advance(1_000)
  await tell('mine again')
  const [, number] = signals.last(acme).split('-')
  assert.equal(number, '1000000')
  const answer = await fetchAs(vera, `/w/acme/signals?after=${before}`)
  const text = await readUntil(answer, (read) => read.includes('mine again'))
  assert.ok(!text.includes('theirs'))
  assert.equal((await fetchAs(gwen, '/w/acme/signals')).status, 403)
})

test('the stream ends when its session does, within five seconds', async (t) => {
  assert.equal(SESSION_RECHECK_MS, 5_000)
  const { fetchAs, sessions, tell } = await serveSignals(t)
  const answer = await fetchAs(ada, '/w/acme/signals')
  await sessions.revokeAll()
  await tell('anything')
  const text = await readUntil(answer, () => false)
  assert.match(text, /event: ended\ndata: {}\n\n$/)
})

test('a stranger gets no stream', async (t) => {
  const { fetch } = await serveSignals(t)
  assert.equal((await fetch('/w/acme/signals')).status, 401)
})

test('an open stream does not hold up the end of the server', async (t) => {
  const { fetchAs, server } = await serveSignals(t)
  const answer = await fetchAs(ada, '/w/acme/signals')
  const ended = readUntil(answer, () => false)
  await server.stop()
  assert.ok((await ended).startsWith('retry: '))
})
