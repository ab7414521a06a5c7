// Requests no client library would send, as bytes on the socket: framing tricks, wrong hosts, too
// much of everything. None may reach a handler, and every answer carries the headers.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { healthRoutes } from '#http/health.ts'
import { publicRoute } from '#http/routes.ts'
import type { ServerSettings } from '#http/settings.ts'
import { serveRoutes } from '#test/support/http.ts'
import { exchange } from '#test/support/raw-http.ts'

async function serve(t: TestContext, settings: Partial<ServerSettings> = {}) {
  const reached: string[] = []
  const routes = [
    publicRoute('GET', '/', (c) => {
      reached.push(c.req.url)
      return c.json({ url: c.req.url, client: c.var.client, publicUrl: c.var.publicUrl })
    }),
    publicRoute('POST', '/', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength))),
    ...healthRoutes([]),
  ]
  const { port, logged } = await serveRoutes(t, routes, settings)
  return { port, logged, reached, host: `localhost:${port}` }
}

const POST = 'POST / HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: same-origin\r\n'

const REFUSED: readonly (readonly [string, number | readonly number[], string])[] = [
  [
    'two lengths of body',
    400,
    `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`,
  ],
  ['a space before the colon', 400, `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['two Content-Length', 400, `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
  ['a signed Content-Length', 400, `${POST}Content-Length: +1\r\n\r\na`],
  ['an unknown coding', 400, `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  ['a negative chunk', 400, `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n`],
  ['lines without CR', 400, 'GET / HTTP/1.1\nHost: HOST\n\n'],
  ['a folded header', 400, 'GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n'],
  ['no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  ['no Host, an old protocol', 400, 'GET / HTTP/1.0\r\n\r\n'],
  ['two Hosts', 400, 'GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n'],
  ['two Hosts, the second hidden by case', 400, 'GET / HTTP/1.1\r\nHost: HOST\r\nhOST: b\r\n\r\n'],
  ['two Hosts on a health path', 400, 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['a Host with a path', 400, 'GET / HTTP/1.1\r\nHost: HOST/x\r\n\r\n'],
  ['a Host with userinfo', 400, 'GET / HTTP/1.1\r\nHost: a@HOST\r\n\r\n'],
  ['a list as Host', 400, 'GET / HTTP/1.1\r\nHost: HOST, b\r\n\r\n'],
  ['a foreign Host', 421, 'GET / HTTP/1.1\r\nHost: evil.invalid\r\n\r\n'],
  ['our Host on another port', 421, 'GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n'],
  ['an absolute target', 421, 'GET http://evil.invalid/ HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  [
    'an absolute target and Host',
    421,
    'GET http://evil.invalid/ HTTP/1.1\r\nHost: evil.invalid\r\n\r\n',
  ],
  ['a target that is no path', 400, 'OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['a file target', 400, 'GET file:///etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['TRACE', 405, 'TRACE / HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['CONNECT', 405, 'CONNECT evil.invalid:443 HTTP/1.1\r\nHost: evil.invalid:443\r\n\r\n'],
  ['an odd method', [400, 405], 'PROPFIND / HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['an odd expectation', 417, `GET / HTTP/1.1\r\nHost: HOST\r\nExpect: tea\r\n\r\n`],
  ['a header of 20 kB', 431, `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['101 headers', 431, `GET / HTTP/1.1\r\nHost: HOST\r\n${'X: 1\r\n'.repeat(100)}\r\n`],
  ['an address of 20 kB', [414, 431], `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`],
  ['a declared body over the cap', 413, `${POST}Content-Length: 1048577\r\n\r\n`],
  [
    'a chunked body over the cap',
    413,
    `${POST}Transfer-Encoding: chunked\r\n\r\n100001\r\n${'a'.repeat(0x100001)}\r\n0\r\n\r\n`,
  ],
  ['a backslash in the path', 400, 'GET /\\evil.invalid HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['TLS on the plain port', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
]

test('what is no proper request for this server is refused, with every header', async (t) => {
  const { port, reached, host } = await serve(t)
  for (const [name, expected, bytes] of REFUSED) {
    const answer = await exchange(port, bytes.replaceAll('HOST', host))
    assert.ok([expected].flat().includes(answer.status), `${name}: ${answer.text.slice(0, 200)}`)
    assertHeaders(answer.headers, name)
    // An unknown method is a proper request otherwise and may be followed by another.
    if (answer.status !== 405) assert.equal(answer.headers['connection'], 'close', name)
  }
  assert.deepEqual(reached, [])
})

function assertHeaders(headers: Readonly<Record<string, string>>, name: string): void {
  assert.match(headers['content-security-policy'] ?? '', /script-src 'nonce-[\w-]{24}'/, name)
  assert.equal(headers['x-content-type-options'], 'nosniff', name)
  assert.equal(headers['cache-control'], 'no-store', name)
}

test('a smuggled second request is not answered', async (t) => {
  const { port, host } = await serve(t)
  const bytes = `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: HOST\r\n\r\n`
  const answer = await exchange(port, bytes.replaceAll('HOST', host), { isHalfClosed: false })
  assert.equal(answer.text.match(/HTTP\/1\.1/g)?.length, 1)
})

test('the address by name and number is answered, in any case and as an absolute target', async (t) => {
  const { port } = await serve(t)
  const targets = [
    ['/', `localhost:${port}`],
    ['/', `LocalHost:${port}`],
    ['/', `localhost.:${port}`],
    ['/', `127.0.0.1:${port}`],
    [`http://localhost:${port}/`, `localhost:${port}`],
  ] as const
  for (const [target, host] of targets) {
    const answer = await exchange(port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    assert.equal(answer.status, 200, `${target} ${host}`)
  }
})

test('a health check may carry any Host, or none where HTTP/1.0 allows it', async (t) => {
  const { port } = await serve(t)
  for (const head of ['HTTP/1.1\r\nHost: 10.0.0.7', 'HTTP/1.1\r\nHost: evil.invalid', 'HTTP/1.0']) {
    for (const target of ['/healthz', '/readyz']) {
      assert.equal((await exchange(port, `GET ${target} ${head}\r\n\r\n`)).status, 200, head)
    }
  }
  const near = await exchange(port, 'GET /healthzz HTTP/1.1\r\nHost: evil.invalid\r\n\r\n')
  assert.equal(near.status, 421)
})

test('a request URL is never built from the Host header', async (t) => {
  const { port } = await serve(t, { publicUrls: ['http://rules.example'] })
  const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: RULES.example:80\r\n\r\n')
  const seen = JSON.parse(answer.body) as { url: string; publicUrl: string }
  assert.equal(seen.url, 'http://rules.example/')
  assert.equal(seen.publicUrl, 'http://rules.example')
})

test('a client is who its socket says unless a trusted proxy speaks for it', async (t) => {
  const forged =
    'X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\nX-Forwarded-Proto: https\r\n'
  const direct = await serve(t)
  const alone = await exchange(
    direct.port,
    `GET / HTTP/1.1\r\nHost: ${direct.host}\r\n${forged}\r\n`,
  )
  assert.equal(clientOf(alone.body).ip, '127.0.0.1')
  assert.equal(clientOf(alone.body).isSecure, false)

  const settings = {
    trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'],
    publicUrls: ['https://rules.example'],
  }
  const proxied = await serve(t, settings)
  const cases: readonly (readonly [string, string, string])[] = [
    ['203.0.113.9', '203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['10.9.9.9, 10.1.2.3', '10.9.9.9', '10.9.9.9'],
    ['198.51.100.1, nonsense, 10.1.2.3', '10.1.2.3', '10.1.2.3'],
    ['203.0.113.9:4711', '203.0.113.9', '203.0.113.9'],
    ['[2001:db8:1:2:3:4:5:6]:4711', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.9'],
    ['0x7f.1', '127.0.0.1', '127.0.0.1'],
  ]
  for (const [header, ip, network] of cases) {
    const head = `GET / HTTP/1.1\r\nHost: rules.example\r\nX-Forwarded-Proto: https\r\n`
    const { body } = await exchange(proxied.port, `${head}X-Forwarded-For: ${header}\r\n\r\n`)
    const client = clientOf(body)
    assert.deepEqual([client.ip, client.network, client.isSecure], [ip, network, true], header)
  }
  const plain = await exchange(proxied.port, 'GET / HTTP/1.1\r\nHost: rules.example\r\n\r\n')
  assert.equal(plain.status, 421, 'https only, and the proxy did not say that it was')
})

function clientOf(body: string): { ip: string; network: string; isSecure: boolean } {
  return (JSON.parse(body) as { client: ReturnType<typeof clientOf> }).client
}

test('a thousand cookies are an ordinary request or one too large', async (t) => {
  const { port, host } = await serve(t)
  const cookies = Array.from({ length: 1_000 }, (_, i) => `a${i}=b`).join('; ')
  const answer = await exchange(
    port,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookies}\r\n\r\n`,
  )
  assert.ok([200, 431].includes(answer.status))
})

test('a request that breaks off before its end is no fault of ours', async (t) => {
  const { port, host, logged } = await serve(t)
  const bytes = `${POST}Content-Length: 10\r\n\r\nabc`.replace('HOST', host)
  await exchange(port, bytes)
  const told = () => logged.find(({ msg }) => msg === 'request')
  while (!told()) await setImmediate()
  assert.equal(told()!['status'], 400)
  assert.ok(!logged.some(({ level }) => level === 'error' || level === 50))
})

const corpus = path.resolve(
  import.meta.dirname,
  '../../../shared/corpora/hostile/http_raw.jsonl.gz',
)

if (existsSync(corpus)) {
  test('every case of the hostile corpus is refused', async (t) => {
    const { port, host, reached } = await serve(t, { publicUrls: ['http://x'] })
    const lines = gunzipSync(readFileSync(corpus)).toString().trim().split('\n')
    assert.ok(host !== '' && lines.length >= 14)
    for (const line of lines) {
      const { name, b64, expect } = JSON.parse(line) as Record<'name' | 'b64' | 'expect', string>
      const answer = await exchange(port, Buffer.from(b64, 'base64'))
      const statuses = expect.match(/\b[2-5]\d\d\b/g)?.map(Number)
      if (name === 'xff-spoof') assert.equal(clientOf(answer.body).ip, '127.0.0.1')
      else if (name === 'abs-uri') assert.equal(answer.status, 421)
      else assert.ok(statuses!.includes(answer.status), `${name}: ${expect}, got ${answer.status}`)
    }
    assert.ok(reached.length <= 2, 'only the spoofed address and the cookies get through')
  })
}
