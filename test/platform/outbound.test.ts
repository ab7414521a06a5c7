// What an adapter may count on when it calls the outside, against a real server on loopback that is as
// bad as servers get.

import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  connect,
  createServer as createSocketServer,
  type AddressInfo,
  type Server,
} from 'node:net'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { AppError } from '#kernel/error.ts'
import { addMs, instant } from '#kernel/time.ts'
import { judgeAddress } from '#platform/outbound-address.ts'
import type { OutboundCall } from '#platform/outbound-client.ts'
import { pinOf } from '#platform/certificates.ts'
import { Gate } from '#platform/outbound-gate.ts'
import { createOutboundClient, type OutboundOptions } from '#platform/outbound.ts'
import { systemClock } from '#platform/clock.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { readLines } from '#test/support/corpora.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

async function serve(t: TestContext, handler: Handler, options: Partial<OutboundOptions> = {}) {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    handler(request, response)
  })
  const port = await listen(t, server)
  return { seen, port, ...clientOf(t, `http://127.0.0.1:${port}`, options) }
}

function clientOf(t: TestContext, base: string, options: Partial<OutboundOptions> = {}) {
  const clock = fakeClock()
  const waits: number[] = []
  const client = createOutboundClient({
    base: new URL(base),
    allow: ['127.0.0.1'],
    clock,
    random: (bytes) => Buffer.alloc(bytes, 0xff),
    log: pino({ level: 'silent' }),
    wait: async (ms) => void waits.push(ms),
    ...options,
  })
  t.after(() => client.close())
  return { client, clock, waits }
}

function read(path = '/', more: Partial<OutboundCall> = {}): OutboundCall {
  return { method: 'GET', path, effect: 'read', signal: new AbortController().signal, ...more }
}

const write: Partial<OutboundCall> = { method: 'POST', effect: 'write', body: '{}' }

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof AppError, String(error))
    return error
  }
  return assert.fail('it was not refused')
}

test('an answer comes with its status, its headers and its text', async (t) => {
  const { client, seen } = await serve(t, (_, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.writeHead(404).end(Buffer.from([0x6f, 0xff, 0x6b]))
  })
  const reply = await client.send(read('/x?y=%2F', { headers: { 'X-Word': 'w' } }))
  assert.equal(reply.status, 404)
  assert.equal(reply.text, 'o\u{fffd}k')
  assert.deepEqual(reply.headers['set-cookie'], ['a=1', 'b=2'])
  assert.equal(seen[0]!.url, '/x?y=%2F')
  assert.equal(seen[0]!.headers['x-word'], 'w')
})

test('a redirect is an answer like any other, and nobody goes there', async (t) => {
  let wasAsked = false
  const other = createServer((_, response) => {
    wasAsked = true
    response.end()
  })
  const port = await listen(t, other)
  const location = `http://127.0.0.1:${port}/`
  const { client } = await serve(t, (_, response) => {
    response.writeHead(307, { Location: location }).end()
  })
  const reply = await client.send(read('/', { headers: { Authorization: 'Bearer secret' } }))
  assert.equal(reply.status, 307)
  assert.equal(reply.headers['location'], location)
  assert.equal(wasAsked, false)
})

test('the body of a call that removes comes whole, and nothing of it is taken for a next call', async (t) => {
  const bodies: string[] = []
  const { client } = await serve(t, (request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      bodies.push(`${request.method} ${text}`)
      response.end('ok')
    })
  })
  const call = read('/a', { method: 'DELETE', body: 'GET /b HTTP/1.1\r\n\r\n' })
  assert.equal((await client.send(call)).status, 200)
  assert.equal((await client.send(read('/c'))).status, 200)
  assert.deepEqual(bodies, ['DELETE GET /b HTTP/1.1\r\n\r\n', 'GET '])
})

test('a whole address is asked at the same origin only', async (t) => {
  const { client, seen, port } = await serve(t, (_, response) => response.end('ok'))
  const next = `http://127.0.0.1:${port}/next?$skipToken=a%20b`
  assert.equal((await client.send(read(next))).status, 200)
  assert.equal(seen[0]!.url, '/next?$skipToken=a%20b')
  for (const path of [
    `http://localhost:${port}/`,
    'https://evil.example/',
    `http://x@127.0.0.1:${port}/`,
  ]) {
    assert.equal((await refusal(client.send(read(path)))).code, 'forbidden', path)
  }
  assert.equal(seen.length, 1)
})

test('loopback needs the word of the operator, who may name a port', async (t) => {
  const { port, seen } = await serve(t, (_, response) => response.end())
  const base = `http://127.0.0.1:${port}`
  for (const allow of [[], ['10.0.0.0/8'], [`127.0.0.1:${port + 1}`], ['::1']]) {
    const error = await refusal(clientOf(t, base, { allow }).client.send(read()))
    assert.equal(error.code, 'forbidden')
    assert.match(error.message, /private address/)
  }
  const named = `http://localhost:${port}`
  assert.equal(
    (await refusal(clientOf(t, named, { allow: [] }).client.send(read()))).code,
    'forbidden',
  )
  assert.equal(seen.length, 0)
  for (const allow of [['127.0.0.0/8'], [`127.0.0.1:${port}`], ['127.0.0.1']]) {
    assert.equal((await clientOf(t, base, { allow }).client.send(read())).status, 200)
  }
})

const CLOSED = [
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  'fe80::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::7f00:1',
  '::7f00:1',
  '2002:7f00:1::1',
  'ff02::1',
]
const INNER = [
  '127.0.0.1',
  '127.8.8.8',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '::1',
  'fd12::1',
  '::ffff:10.0.0.1',
]
const PUBLIC = ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '172.32.0.1']

test('no word opens a metadata service, and a private network needs one', () => {
  const judge = (address: string, allow: readonly string[], isTls = true) =>
    judgeAddress(address, { host: 'siem.example', port: 443, isTls }, allow)
  for (const address of CLOSED) {
    assert.throws(
      () => judge(address, ['0.0.0.0/0', '::/0', 'siem.example']),
      { code: 'forbidden' },
      address,
    )
  }
  for (const address of INNER) {
    assert.throws(() => judge(address, []), { code: 'forbidden' }, address)
    judge(address, ['siem.example:443'], false)
    judge(address, ['0.0.0.0/0', '::/0'])
  }
  for (const address of PUBLIC) {
    judge(address, [])
    assert.throws(() => judge(address, [], false), /without encryption/, address)
  }
})

test(
  'addresses that others have tried lead nowhere',
  { skip: !readLines('hostile/ssrf.txt.gz') },
  async (t) => {
    const kinds = new Set(['v4-special', 'v4-encoded', 'v6'])
    const lines = readLines('hostile/ssrf.txt.gz')!.map((line) => line.split('\t'))
    const tried = lines.filter(([verdict, kind]) => verdict === 'BLOCK' && kinds.has(kind!))
    assert.ok(tried.length > 30)
    for (const [, , url] of tried) {
      const text = JSON.parse(url!) as string
      if (!URL.canParse(text)) continue
      const { client } = clientOf(t, text, { allow: [] })
      assert.equal((await refusal(client.send(read()))).code, 'forbidden', text)
    }
  },
)

test('a read is sent again after the wait that the answer asks for', async (t) => {
  const asks = ['7', new Date(addMs(START, 9_000)).toUTCString(), '100000', 'soon']
  for (const [at, ask] of asks.entries()) {
    let count = 0
    const { client, waits } = await serve(t, (_, response) => {
      if (count++ === 0) response.writeHead(429, { 'Retry-After': ask }).end()
      else response.end('there')
    })
    assert.equal((await client.send(read())).text, 'there')
    assert.deepEqual(waits, [[7_000], [9_000], [300_000], [1_000]][at], ask)
  }
})

test('who stays busy is believed after four times, with longer waits between', async (t) => {
  const { client, waits, seen } = await serve(t, (_, response) => response.writeHead(503).end('no'))
  assert.equal((await client.send(read())).status, 503)
  assert.equal(seen.length, 4)
  assert.deepEqual(waits, [1_000, 2_000, 4_000])
})

test('a write is sent once, whatever becomes of it', async (t) => {
  const busy = await serve(t, (_, response) => response.writeHead(503).end())
  assert.equal((await busy.client.send(read('/', write))).status, 503)
  assert.equal(busy.seen.length, 1)

  const lost = await serve(t, (request) => request.socket.destroy())
  const error = await refusal(lost.client.send(read('/', write)))
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  assert.equal(lost.seen.length, 1)

  const cut = await serve(t, (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('half')
    setImmediate(() => response.destroy())
  })
  assert.equal((await refusal(cut.client.send(read('/', write)))).details['ambiguous'], true)
  assert.equal(cut.seen.length, 1)
})

test('a write that never left is not ambiguous', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  await new Promise((resolve) => server.close(resolve))
  const { client } = clientOf(t, `http://127.0.0.1:${port}`)
  const error = await refusal(client.send(read('/', write)))
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', undefined])
  assert.match(error.message, /refused the connection/)
})

test('a read over a lost connection is tried again', async (t) => {
  let count = 0
  const { client } = await serve(t, (request, response) => {
    if (count++ < 2) request.socket.destroy()
    else response.end('at last')
  })
  assert.equal((await client.send(read())).text, 'at last')
})

test('a truncated body is a failure, and no answer', async (t) => {
  const { client, seen } = await serve(t, (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{"rows": [')
    setImmediate(() => response.destroy())
  })
  assert.equal((await refusal(client.send(read()))).code, 'upstream')
  assert.equal(seen.length, 4)
})

test('who does not answer is waited for as long as agreed', async (t) => {
  const { client } = await serve(t, () => {})
  const error = await refusal(client.send(read('/', { firstByteMs: 30 })))
  assert.equal(error.code, 'timeout')
  assert.match(error.message, /did not answer in time/)
})

test('who stops in the middle of an answer is not waited for', async (t) => {
  const limits = { idleMs: 300 }
  const { client } = await serve(t, (_, response) => response.writeHead(200).write('a'), { limits })
  const error = await refusal(client.send(read()))
  assert.equal(error.code, 'timeout')
  assert.match(error.message, /stopped in the middle/)
})

test('an answer that drips for ever ends with the caller’s patience', async (t) => {
  const giveUp = new AbortController()
  const { client } = await serve(t, (_, response) => {
    const drip = setInterval(() => response.write('.'), 5)
    response.once('close', () => clearInterval(drip))
    response.writeHead(200)
    setTimeout(() => giveUp.abort(), 60)
  })
  assert.equal((await refusal(client.send(read('/', { signal: giveUp.signal })))).code, 'cancelled')
})

test('giving up while it waits for its turn to be sent again is giving up', async (t) => {
  const giveUp = new AbortController()
  const busy = (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(429, { 'Retry-After': '300' }).end(() => giveUp.abort())
  const { port } = await serve(t, busy)
  const { client } = clientOf(t, `http://127.0.0.1:${port}`, { wait: undefined })
  const call = read('/', { signal: giveUp.signal })
  assert.equal((await refusal(client.send(call))).code, 'cancelled')
})

test('a body beyond the cap is refused, packed or not', async (t) => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  assert.ok(bomb.length < 100_000)
  const { client } = await serve(t, (request, response) => {
    if (request.url === '/bomb') response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb)
    else response.end(Buffer.alloc(2_000_000))
  })
  for (const path of ['/bomb', '/plain']) {
    assert.equal(
      (await refusal(client.send(read(path, { bytesMax: 1_000_000 })))).code,
      'too_large',
    )
  }
})

test('a packed answer is unpacked, and a broken one is named', async (t) => {
  const packed = gzipSync('rows')
  const bodies: Readonly<Record<string, Buffer>> = {
    '/good': packed,
    '/cut': packed.subarray(0, -6),
    '/bad': Buffer.from('no gzip'),
  }
  const { client } = await serve(t, (request, response) => {
    const encoding = request.url === '/odd' ? 'br' : 'gzip'
    response.writeHead(200, { 'Content-Encoding': encoding }).end(bodies[request.url!])
  })
  assert.equal((await client.send(read('/good'))).text, 'rows')
  for (const path of ['/cut', '/bad']) {
    const error = await refusal(client.send(read(path)))
    assert.match(error.message, /does not unpack/, path)
  }
  assert.match((await refusal(client.send(read('/odd')))).message, /not asked for/)
})

test('what is no HTTP is told apart from silence', async (t) => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.end('SSH-2.0-OpenSSH_9.2\r\n')
  })
  const port = await listen(t, server)
  const { client } = clientOf(t, `http://127.0.0.1:${port}`)
  assert.match((await refusal(client.send(read()))).message, /no HTTP answer/)
})

test('after five failures the endpoint is left alone for half a minute, then one goes and looks', async (t) => {
  let isWell = false
  const { client, seen, clock } = await serve(t, (request, response) => {
    if (isWell) response.end('well')
    else request.socket.destroy()
  })
  for (let count = 0; count < 5; count++) await refusal(client.send(read('/', write)))
  assert.equal(seen.length, 5)
  const closed = await refusal(client.send(read()))
  assert.match(closed.message, /failed 5 times in a row/)
  assert.equal(closed.retryAfterSeconds, 30)
  assert.equal(seen.length, 5)
  clock.advance(30_000)
  await refusal(client.send(read('/', write)))
  assert.equal(seen.length, 6)
  assert.match((await refusal(client.send(read()))).message, /in a row/)
  clock.advance(30_000)
  isWell = true
  assert.equal((await client.send(read())).text, 'well')
  assert.equal((await client.send(read())).text, 'well')
})

test('four calls are under way at a time, and of all endpoints together as many as the gate lets in', async (t) => {
  const open: ServerResponse[] = []
  const four = Promise.withResolvers<void>()
  const { client } = await serve(t, (_, response) => {
    open.push(response)
    if (open.length === 4) four.resolve()
  })
  const all = Promise.all(Array.from({ length: 6 }, () => client.send(read())))
  await four.promise
  await new Promise(setImmediate)
  assert.equal(open.length, 4)
  const finish = setInterval(() => open.splice(0).forEach((response) => response.end()), 5)
  assert.equal((await all).length, 6)
  clearInterval(finish)

  const gate = new Gate(1)
  const leave = await gate.enter(new AbortController().signal)
  const giveUp = new AbortController()
  const second = refusal(gate.enter(giveUp.signal))
  giveUp.abort()
  assert.equal((await second).code, 'cancelled')
  leave()
  ;(await gate.enter(new AbortController().signal))()
})

test('a stream is read as it comes and may be left early', async (t) => {
  const { client } = await serve(t, (request, response) => {
    if (request.url === '/short') return void response.end('ab')
    response.writeHead(200)
    const more = setInterval(() => response.write('x'.repeat(1_000)), 1)
    response.once('close', () => clearInterval(more))
  })
  for (let count = 0; count < 6; count++) {
    const { chunks } = await client.stream(read('/endless'))
    for await (const chunk of chunks) {
      assert.ok(chunk.length > 0)
      break
    }
  }
  const { chunks } = await client.stream(read('/short'))
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(chunk)
  assert.equal(Buffer.concat(parts).toString(), 'ab')
})

test('TLS holds by the authority that is given, or by a pinned key, and by nothing less', async (t) => {
  const now = systemClock.now()
  const good = makeCertificate(addMs(now, -60_000), addMs(now, 3_600_000))
  const expired = makeCertificate(instant(now - 7_200_000), addMs(now, -3_600_000))
  const start = async ({ cert, key }: typeof good) =>
    listen(
      t,
      createTlsServer({ cert, key }, (_, response) => response.end('safe')),
    )
  const [port, oldPort] = [await start(good), await start(expired)]
  const ask = (at: number, options: Partial<OutboundOptions>) =>
    clientOf(t, `https://127.0.0.1:${at}`, options).client.send(read())

  assert.match((await refusal(ask(port, {}))).message, /signed itself/)
  assert.equal((await ask(port, { ca: good.cert })).text, 'safe')
  assert.equal((await ask(port, { ca: good.cert, pins: [pinOf(good.cert)] })).text, 'safe')
  const other = pinOf(expired.cert)
  assert.match((await refusal(ask(port, { ca: good.cert, pins: [other] }))).message, /pinned/)
  assert.match(
    (await refusal(ask(oldPort, { ca: expired.cert, pins: [other] }))).message,
    /expired/,
  )
  assert.equal(await isListening(port), true)
})

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

test('an endpoint’s address holds no user, no query and no other scheme', (t) => {
  for (const base of [
    'ftp://x.example/',
    'https://u:p@x.example/',
    'https://x.example/?a',
    'file:///etc',
  ]) {
    assert.throws(() => clientOf(t, base), { code: 'invalid' }, base)
  }
})
