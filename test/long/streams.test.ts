// Two hundred event streams of one token: each tells what becomes of its job, one more is refused in
// words, and all end with the token, while what else happens in the workspace wakes none of them.

import assert from 'node:assert/strict'
import test from 'node:test'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { revokeToken } from '#domain/access/token-actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { cancelJob } from '#domain/jobs/actions.ts'
import type { JobId } from '#kernel/id.ts'
import { EVENT_STREAMS_MAX } from '#kernel/limits.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const env = {
  RULEWRIGHT_SERVER_CONNECTIONS_PER_CLIENT_MAX: '1000',
  RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '10000',
  RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '10000',
  RULEWRIGHT_SERVER_WORKSPACE_REQUESTS_PER_SECOND_MAX: '10000',
}
const inAcme = ({ house, acme }: TestApp) => systemCaller(house, 'test', undefined, acme.id)

/** One that waits. */
function startJob(app: TestApp): Promise<JobId> {
  const options = { title: 'A job', runAt: addMs(app.clock.now(), DAY) }
  const caller = inAcme(app)
  return app.house.db.write(caller, (tx) =>
    app.house.jobs.enqueue(tx, caller, verifyAuditJob, {}, options),
  )
}

/** What a stream said, part by part, and that it ended. */
class Followed {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  text = ''

  constructor(answer: Response) {
    assert.equal(answer.status, 200)
    this.#reader = answer.body!.getReader()
  }

  /** Reads on until it has said so; false where it ended before. */
  async has(wanted: string): Promise<boolean> {
    while (!this.text.includes(wanted)) {
      const { done, value } = await this.#reader.read()
      if (done) return false
      this.text += this.#decoder.decode(value, { stream: true })
    }
    return true
  }

  leave(): Promise<void> {
    return this.#reader.cancel()
  }
}

test('200 streams of a token hear of their jobs, one more is refused, and all end with it', async (t) => {
  const app = await startApp(t, { env })
  const { call, token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const followJob = async (id: JobId) => new Followed(await call(`/jobs/${id}/events`))
  const [mine, other] = [await startJob(app), await startJob(app)]
  const ofMine = await Promise.all(Array.from({ length: 100 }, () => followJob(mine)))
  const ofOther = await Promise.all(Array.from({ length: 100 }, () => followJob(other)))
  for (const one of [...ofMine, ...ofOther]) assert.ok(await one.has('"queued"'))
  assert.equal(ofMine.length + ofOther.length, EVENT_STREAMS_MAX)

  const refused = await call(`/jobs/${mine}/events`)
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('Retry-After'), '5')
  const { code, detail } = (await refused.json()) as Record<'code' | 'detail', string>
  assert.equal(code, 'rate_limited')
  assert.match(detail, /200 event streams open/)
  const own = await startProgram(app, app.cast.ravi, { scopes: ['tests:run'] })
  const another = new Followed(await own.call(`/jobs/${mine}/events`))
  assert.ok(await another.has('"queued"'), 'another token has streams of its own')
  assert.equal((await call('/jobs')).status, 200, 'other requests of that token are answered')

  await cancelJob(app.house, inAcme(app), mine)
  for (const one of [...ofMine, another]) {
    assert.ok(await one.has('"cancelled"'))
    assert.equal(await one.has('never'), false, 'it ends with its job')
  }
  for (const one of ofOther) assert.doesNotMatch(one.text, /cancelled/)

  const again = await Promise.all(Array.from({ length: 100 }, () => followJob(other)))
  for (const one of again) assert.ok(await one.has('"queued"'), 'what ended makes room')
  await revokeToken(app.house, inAcme(app), { userId: app.cast.ada.userId }, token.id)
  for (const one of [...ofOther, ...again]) {
    assert.equal(await one.has('never'), false, 'it ends with the token')
    assert.doesNotMatch(one.text, /cancelled/)
  }
})

test('a stream that is left makes room for another', async (t) => {
  const app = await startApp(t, { env })
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const id = await startJob(app)
  const open = async () => new Followed(await call(`/jobs/${id}/events`))
  const held = await Promise.all(Array.from({ length: EVENT_STREAMS_MAX }, open))
  for (const one of held) assert.ok(await one.has('"queued"'))
  assert.equal((await call(`/jobs/${id}/events`)).status, 429)
  await held[0]!.leave()
  // The server hears of it with the connection's end, which is told to nobody here.
  for (let tries = 0; ; tries += 1) {
    const answer = await call(`/jobs/${id}/events`)
    if (answer.status === 200) break
    assert.equal(answer.status, 429)
    await answer.arrayBuffer()
    assert.ok(tries < 1_000, 'the place became free')
  }
  await cancelJob(app.house, inAcme(app), id)
  for (const one of held.slice(1)) assert.equal(await one.has('never'), false)
})
