// The faults of every stand-in, seen by a client that knows nothing of them.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Json } from '#kernel/json.ts'
import {
  answers,
  badGateway,
  clockSkewed,
  dropped,
  edited,
  endless,
  gate,
  gzipped,
  invalidUtf8,
  redirected,
  repeatedPage,
  retypedFields,
  tooManyRequests,
  truncatedJson,
  unknownFields,
  type Fault,
} from '#standins/faults.ts'
import { startStandin } from '#standins/server.ts'
import { fakeClock, START } from '#test/support/clock.ts'

let effects = 0
const clock = fakeClock()
const standin = await startStandin(
  async (request) => {
    effects++
    return Response.json({
      path: new URL(request.url).pathname,
      n: effects,
      isOn: false,
      s: 'säge',
    })
  },
  { clock },
)
after(() => standin.stop())

const ask = (path: string, init?: RequestInit) =>
  fetch(`${standin.url}${path}`, { redirect: 'manual', ...init })

/** The answer while one fault is on. */
async function broken(fault: Fault, path = '/a'): Promise<Response> {
  const bite = standin.faults.on({ path }, fault)
  try {
    const response = await ask(path)
    assert.equal(bite.count, 1)
    return response
  } finally {
    bite.off()
  }
}

test('a stand-in keeps what it was asked and dates its answers by its clock', async () => {
  const response = await ask('/x%2Fy?q=1&q=2', { method: 'POST', body: 'a=ü' })
  assert.equal(response.headers.get('date'), new Date(START).toUTCString())
  const seen = standin.requests.at(-1)!
  assert.deepEqual(
    [seen.method, seen.path, seen.query.getAll('q'), seen.body],
    ['POST', '/x%2Fy', ['1', '2'], 'a=ü'],
  )
})

test('a fault counts the requests that fit, passes the first and ends after its times', async () => {
  const bite = standin.faults.on(
    { method: 'POST', path: /^\/f/, after: 1, times: 2 },
    answers(409, { error: 'x' }),
  )
  const status: number[] = []
  for (let at = 0; at < 5; at++) status.push((await ask('/f', { method: 'POST' })).status)
  assert.deepEqual(status, [200, 409, 409, 200, 200])
  assert.equal((await ask('/f')).status, 200)
  assert.equal(bite.count, 2)
})

test('what answers in place of the stand-in keeps the request from having an effect', async () => {
  const before = effects
  assert.equal((await broken(answers(204))).status, 204)
  assert.match(await (await broken(badGateway())).text(), /^<html>/)
  assert.equal((await broken(tooManyRequests('7'))).headers.get('retry-after'), '7')
  assert.equal((await broken(tooManyRequests())).headers.get('retry-after'), null)
  const moved = await broken(redirected('http://elsewhere.example/'))
  assert.deepEqual(
    [moved.status, moved.headers.get('location')],
    [302, 'http://elsewhere.example/'],
  )
  assert.equal(effects, before)
})

test('a connection breaks before the effect, after it, or within the answer', async () => {
  const before = effects
  await assert.rejects(broken(dropped('before')))
  assert.equal(effects, before)
  await assert.rejects(broken(dropped('after')))
  assert.equal(effects, before + 1)
  await assert.rejects(async () => (await broken(dropped('midway'))).text())
  assert.equal(effects, before + 2)
})

test('a gate holds a request until it is opened', async () => {
  const held = gate('after')
  const bite = standin.faults.on({ path: '/held' }, held.fault)
  const asked = ask('/held')
  await held.reached
  const within = effects
  held.open()
  assert.equal((await asked).status, 200)
  assert.equal(effects, within, 'it had its effect before the answer left')
  bite.off()
  const midway = gate('midway')
  standin.faults.on({ path: '/midway', times: 1 }, midway.fault)
  const response = await ask('/midway')
  await midway.reached
  midway.open()
  assert.equal(((await response.json()) as { path: string }).path, '/midway')
})

test('an answer is cut, packed, spoilt and dated otherwise', async () => {
  await assert.rejects((await broken(truncatedJson())).json(), SyntaxError)
  assert.equal((await broken(gzipped())).headers.get('content-encoding'), 'gzip')
  assert.match(await (await broken(invalidUtf8('ä'))).text(), /s\ufffd\(ge/)
  const skewed = await broken(clockSkewed(-3_600_000, () => clock.now()))
  assert.equal(skewed.headers.get('date'), new Date(START - 3_600_000).toUTCString())
})

test('JSON is edited, retyped, widened, and a page given twice', async () => {
  const json = async (fault: Fault) => (await (await broken(fault)).json()) as Record<string, Json>
  assert.equal((await json(edited(() => ({ path: 'other' })))).path, 'other')
  const retyped = await json(retypedFields())
  assert.deepEqual([typeof retyped.n, retyped.isOn], ['string', '0'])
  assert.ok('x-new-in-this-version' in (await json(unknownFields())))
  const bite = standin.faults.on({ path: '/page' }, repeatedPage())
  const [first, second] = [await (await ask('/page')).text(), await (await ask('/page')).text()]
  assert.equal(first, second)
  bite.off()
})

test('an endless answer flows without being held', async () => {
  const response = await broken(endless(1_000_000))
  let size = 0
  for await (const chunk of response.body!) size += (chunk as Uint8Array).length
  assert.ok(size >= 1_000_000)
})
