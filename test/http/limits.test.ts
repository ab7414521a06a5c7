// How much of the server one client may hold, and how it lets go when it stops.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { publicRoute } from '#http/routes.ts'
import { healthRoutes } from '#http/health.ts'
import { serveRoutes } from '#test/support/http.ts'
import { exchange, parseAnswer } from '#test/support/raw-http.ts'

const fine = publicRoute('GET', '/', (c) => c.text('fine'))

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

test('one address holds so many connections and no more', async (t) => {
  const { port, url } = await serveRoutes(t, [fine], { connectionsPerClientMax: 3 })
  const held = [await open(port), await open(port), await open(port)]
  const cut = await open(port)
  assert.equal(await text(cut), '', 'the fourth is closed without a word')
  held[0]!.destroy()
  await once(held[0]!, 'close')
  held[1]!.end(`GET / HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`)
  assert.equal(parseAnswer(await text(held[1]!)).status, 200, 'those who hold one are served')
  held[2]!.destroy()
})

test('behind a trusted proxy the client is counted, not the proxy', async (t) => {
  const release = Promise.withResolvers<void>()
  const arrived: (() => void)[] = []
  const slow = publicRoute('GET', '/slow', async (c) => {
    arrived.shift()?.()
    await release.promise
    return c.text('done')
  })
  const { fetch } = await serveRoutes(t, [fine, slow], {
    connectionsPerClientMax: 2,
    trustedProxies: ['127.0.0.1'],
  })
  const as = (ip: string, path: string) => fetch(path, { headers: { 'X-Forwarded-For': ip } })
  const here = [0, 1].map(() => new Promise<void>((resolve) => arrived.push(resolve)))
  const waiting = [as('203.0.113.1', '/slow'), as('203.0.113.1', '/slow')]
  await Promise.all(here)
  const third = await as('203.0.113.1', '/')
  assert.equal(third.status, 429)
  assert.equal(third.headers.get('Retry-After'), '1')
  assert.equal((await as('203.0.113.2', '/')).status, 200)
  release.resolve()
  for (const answer of await Promise.all(waiting)) assert.equal(await answer.text(), 'done')
  assert.equal((await as('203.0.113.1', '/')).status, 200)
})

test('who asks too fast waits, and the wait is said', async (t) => {
  const { fetch, clock } = await serveRoutes(t, [fine], { requestsPerSecondMax: 2 })
  for (let i = 0; i < 20; i++) assert.equal((await fetch('/')).status, 200)
  const refused = await fetch('/')
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('Retry-After'), '1')
  clock.advance(500)
  assert.equal((await fetch('/')).status, 200)
  assert.equal((await fetch('/')).status, 429)
  const api = await fetch('/api/v1/anything')
  assert.equal(api.headers.get('RateLimit-Limit'), '20')
  assert.equal(api.headers.get('RateLimit-Remaining'), '0')
})

test('a stop lets what is under way finish, takes nothing new, and says so to streams', async (t) => {
  const arrived = Promise.withResolvers<AbortSignal>()
  const release = Promise.withResolvers<void>()
  const slow = publicRoute('GET', '/slow', async (c) => {
    arrived.resolve(c.var.stopping)
    await release.promise
    return c.text('done')
  })
  const { fetch, server, port } = await serveRoutes(t, [slow])
  const waiting = fetch('/slow')
  const stopping = await arrived.promise
  assert.ok(!stopping.aborted)
  const stopped = server.stop()
  assert.ok(stopping.aborted)
  await assert.rejects(open(port))
  release.resolve()
  assert.equal(await (await waiting).text(), 'done')
  await stopped
})

test('a stop cuts what does not end in time', async (t) => {
  const arrived = Promise.withResolvers<void>()
  const never = publicRoute('GET', '/never', () => {
    arrived.resolve()
    return new Promise<Response>(() => {})
  })
  const { fetch, server } = await serveRoutes(t, [never], { drainMs: 1 })
  const waiting = assert.rejects(fetch('/never'))
  await arrived.promise
  await server.stop()
  await waiting
})

test('while it stops the server is alive and not ready', async (t) => {
  const reasons: string[] = []
  const checks = [() => reasons[0]]
  const { fetch, port, server } = await serveRoutes(t, healthRoutes(checks))
  assert.deepEqual(await (await fetch('/readyz')).json(), { status: 'ready' })
  reasons.push('the database takes no writes')
  const unready = await fetch('/readyz')
  assert.equal(unready.status, 503)
  assert.deepEqual(await unready.json(), {
    status: 'not ready',
    reasons: ['the database takes no writes'],
  })
  assert.equal((await fetch('/healthz')).status, 200)
  reasons.pop()
  const held = await open(port)
  // A first answer on this connection makes it one that was accepted before the stop.
  held.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n')
  await once(held, 'data')
  const stopped = server.stop()
  held.end('\r\n')
  const answer = parseAnswer(await text(held))
  assert.equal(answer.status, 503)
  assert.match(answer.body, /the server is stopping/)
  assert.equal(answer.headers['connection'], 'close')
  await stopped
})

test('a request that never ends is cut without a handler', async (t) => {
  const { port } = await serveRoutes(t, [fine])
  const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: 1\r\n')
  assert.ok([0, 400].includes(answer.status))
})
