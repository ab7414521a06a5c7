// Following a job over the API: each change is told, and the stream ends with the job or the token.

import assert from 'node:assert/strict'
import test from 'node:test'
import { revokeToken } from '#domain/access/token-actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { cancelJob } from '#domain/jobs/actions.ts'
import type { JobId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const inAcme = ({ house, acme }: TestApp) => systemCaller(house, 'test', undefined, acme.id)

/** One that waits. */
function startJob(app: TestApp): Promise<JobId> {
  const caller = inAcme(app)
  const options = { title: 'A job', runAt: addMs(app.clock.now(), DAY) }
  return app.house.db.write(caller, (tx) =>
    app.house.jobs.enqueue(tx, caller, verifyAuditJob, {}, options),
  )
}

/** Reads on until the text holds it, or to the end. */
async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  wanted: string,
): Promise<{ readonly text: string; readonly isOver: boolean }> {
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read()
    if (done) return { text, isOver: true }
    text += decoder.decode(value, { stream: true })
  }
  return { text, isOver: false }
}

test('a job is told as it is and as it becomes, and its end ends the stream', async (t) => {
  const app = await startApp(t)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const id = await startJob(app)
  const answer = await call(`/jobs/${id}/events`)
  assert.match(answer.headers.get('Content-Type')!, /^text\/event-stream/)
  const reader = answer.body!.getReader()
  assert.match((await readUntil(reader, '"queued"')).text, /event: job\n/)
  await cancelJob(app.house, inAcme(app), id)
  const rest = await readUntil(reader, 'never')
  assert.match(rest.text, /"cancelled"/)
  assert.ok(rest.isOver)
})

test('a revoked token lets go of its stream', async (t) => {
  const app = await startApp(t)
  const { call, token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const id = await startJob(app)
  const reader = (await call(`/jobs/${id}/events`)).body!.getReader()
  await readUntil(reader, '"queued"')
  await revokeToken(app.house, inAcme(app), { userId: app.cast.ada.userId }, token.id)
  const rest = await readUntil(reader, 'never')
  assert.ok(rest.isOver, 'the stream ended')
  assert.doesNotMatch(rest.text, /cancelled/)
})
