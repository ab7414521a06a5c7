// What operations build on for large things: files that are made while they are sent, archives that
// come in, and work that goes on as a job.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { addToken, getMaker, revokeToken } from '#domain/access/token-actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { JOB_OPERATIONS } from '#http/api/jobs.ts'
import { archiveOperation, downloadOperation, operation } from '#http/api/operation.ts'
import { operationRoutes } from '#http/api/serve.ts'
import { startedJob, StartedJobShape } from '#http/api/started-job.ts'
import { named } from '#http/api/shapes.ts'
import { everyItem, ndjson } from '#http/download.ts'
import { SECOND } from '#kernel/time.ts'
import { writeZip } from '#platform/zip/write.ts'
import { ada } from '#test/support/cast.ts'
import { START } from '#test/support/clock.ts'
import { serveRoutes } from '#test/support/http.ts'

/** What the endless download has made so far, and whether it was let go. */
interface Source {
  madeBytes: number
  readonly over: PromiseWithResolvers<void>
}

const LINE = `${JSON.stringify({ text: 'x'.repeat(1_000) })}\n`

async function* endless(source: Source): AsyncGenerator<string> {
  try {
    for (;;) {
      source.madeBytes += LINE.length
      yield LINE
    }
  } finally {
    source.over.resolve()
  }
}

const PAGES: Readonly<Record<string, { items: number[]; next: string | null }>> = {
  first: { items: [1, 2], next: 'second' },
  second: { items: [], next: 'third' },
  third: { items: [3], next: null },
}

function download(path: string, chunks: () => AsyncIterable<string>) {
  return downloadOperation({
    method: 'GET',
    path,
    name: path.slice(1),
    summary: 'A file',
    permission: 'workspace.read',
    types: ['application/x-ndjson'],
    run: async () => ({ name: 'a.ndjson', type: 'application/x-ndjson', chunks: chunks() }),
  })
}

async function* breaks(after: number): AsyncGenerator<string> {
  for (let n = 0; n < after; n++) yield LINE
  throw new Error('it breaks')
}

const Files = z.strictObject({ files: z.array(z.string()) }).register(named, { id: 'TestFiles' })

async function serve(t: TestContext) {
  const source: Source = { madeBytes: 0, over: Promise.withResolvers() }
  const gate = Promise.withResolvers<void>()
  const routes = operationRoutes([
    ...JOB_OPERATIONS,
    download('/pages', () => ndjson(everyItem(async (cursor) => PAGES[cursor ?? 'first']!))),
    download('/endless', () => endless(source)),
    download('/breaks-at-once', () => breaks(0)),
    download('/breaks-later', () => breaks(1_000)),
    archiveOperation({
      method: 'POST',
      path: '/archives',
      name: 'readFiles',
      summary: 'Names of files',
      permission: 'workspace.read',
      query: z.strictObject({ wait: z.literal('yes').optional() }),
      answer: Files,
      async run({ body, query }) {
        if (query.wait) await gate.promise
        return { files: body.map((file) => `${file.name}: ${file.read().toString()}`) }
      },
    }),
    operation({
      method: 'POST',
      path: '/long',
      name: 'startLong',
      summary: 'Long work',
      permission: 'workspace.read',
      status: 202,
      answer: StartedJobShape,
      async run({ house, caller }) {
        const id = await house.db.write(caller, (tx) =>
          house.jobs.enqueue(tx, caller, verifyAuditJob, {}, { title: 'Long' }),
        )
        return startedJob(id)
      },
    }),
  ])
  // A client that leaves has its next connection open already, and says nothing on it.
  const server = await serveRoutes(t, routes, { drainMs: 0 })
  const { house } = server
  const { workspaceId } = ada.memberships[0]!
  const caller = systemCaller(house, 'test', undefined, workspaceId)
  const maker = await getMaker(house, caller, ada.userId)
  const wanted = { name: 'x', kind: 'pat' as const, scopes: ['admin' as const], networks: [] }
  const { text, token } = await addToken(house, caller, maker, wanted)
  const call = (path: string, { headers, ...init }: RequestInit = {}) =>
    server.fetch(`/api/v1${path}`, {
      ...init,
      headers: { ...(headers as Record<string, string>), Authorization: `Bearer ${text}` },
    })
  return { ...server, call, source, gate, caller, token }
}

test('a list of many pages is one file', async (t) => {
  const { call } = await serve(t)
  const answer = await call('/pages')
  assert.equal(answer.headers.get('Content-Type'), 'application/x-ndjson')
  assert.equal(answer.headers.get('Content-Disposition'), 'attachment; filename="a.ndjson"')
  assert.equal(await answer.text(), '1\n2\n3\n')
})

test('a file is made no faster than it is taken, and no further when its reader leaves', async (t) => {
  const { call, source } = await serve(t)
  const reader = (await call('/endless')).body!.getReader()
  await reader.read()
  for (let n = 0; n < 20; n++) await (await call('/pages')).text() // the server had time for more
  assert.ok(source.madeBytes < 32 * 1024 * 1024, `${source.madeBytes} bytes ahead`)
  await reader.cancel()
  await source.over.promise
})

test('a token that ended lets go of its download', async (t) => {
  const { call, source, house, caller, token, clock } = await serve(t)
  const reader = (await call('/endless')).body!.getReader()
  await reader.read()
  await revokeToken(house, caller, { userId: ada.userId }, token.id)
  clock.advance(SECOND)
  await assert.rejects(async () => {
    for (;;) if ((await reader.read()).done) return
  })
  await source.over.promise
})

test('what fails before the file is a refusal, what fails on the way breaks it off', async (t) => {
  const { call } = await serve(t)
  const refused = await call('/breaks-at-once')
  assert.equal(refused.status, 500)
  assert.equal(refused.headers.get('Content-Type'), 'application/problem+json')
  const broken = await call('/breaks-later')
  assert.equal(broken.status, 200)
  await assert.rejects(broken.text(), 'a part is not taken for the whole')
})

async function archive(...names: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  const files = names.map((name) => ({ name, bytes: 'title: A', modifiedAt: START }))
  for await (const part of writeZip(files)) parts.push(part)
  return Buffer.concat(parts)
}

test('an archive comes in as its files; what is none is refused', async (t) => {
  const { call } = await serve(t)
  const body = await archive('a.yml', '../b.yml')
  const send = (type: string, sent: Uint8Array<ArrayBuffer>) =>
    call('/archives', { method: 'POST', body: sent, headers: { 'Content-Type': type } })
  const answer = await send('application/zip', body)
  assert.deepEqual(await answer.json(), { files: ['a.yml: title: A', '../b.yml: title: A'] })
  assert.equal((await send('application/json', body)).status, 415)
  assert.equal((await send('application/zip', body.subarray(1))).status, 422)
  const large = Buffer.alloc(2 * 1024 * 1024)
  assert.equal((await send('application/zip', large)).status, 422, 'larger than JSON may be')
  const headers = { 'Content-Type': 'application/zip' }
  const tooLarge = Buffer.alloc(64 * 1024 * 1024 + 1)
  const refused = await call('/archives', { method: 'POST', body: tooLarge, headers }).catch(
    () => null,
  )
  if (refused) assert.equal(refused.status, 413) // or the connection ended before all was sent
})

test('a few archives are read at a time, the next one waits outside', async (t) => {
  const { call, gate } = await serve(t)
  const body = await archive('a.yml')
  const headers = { 'Content-Type': 'application/zip' }
  const send = () => call('/archives?wait=yes', { method: 'POST', body, headers })
  const sent = [send(), send(), send(), send(), send()]
  const first = await Promise.race(sent)
  assert.equal(first.status, 503)
  assert.equal(first.headers.get('Retry-After'), '5')
  gate.resolve()
  const statuses = (await Promise.all(sent)).map(({ status }) => status)
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 200, 200, 200, 503],
  )
  assert.equal((await send()).status, 200)
})

test('long work is answered with its job, and with the same one when it is asked for again', async (t) => {
  const { call } = await serve(t)
  const start = () => call('/long', { method: 'POST', headers: { 'Idempotency-Key': 'k' } })
  const answer = await start()
  assert.equal(answer.status, 202)
  const { job } = (await answer.json()) as { job: { id: string } }
  assert.deepEqual(job, { id: job.id, state: 'queued', progress: null })
  const at = answer.headers.get('Location')!
  assert.equal(at, `/api/v1/jobs/${job.id}`)
  assert.equal((await call(at.slice('/api/v1'.length))).status, 200)
  const again = await start()
  assert.deepEqual([again.headers.get('Location'), await again.json()], [at, { job }])
})
