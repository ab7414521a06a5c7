// The built-in TLS option: what it serves, what it refuses at the start, and a renewal.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { text } from 'node:stream/consumers'
import { connect, type ConnectionOptions } from 'node:tls'
import { publicRoute } from '#http/routes.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import { makeCertificate, type Certificate } from '#test/support/certificate.ts'
import { START } from '#test/support/clock.ts'
import { makeFolder } from '#test/support/database.ts'
import { serveRoutes, type TestServer } from '#test/support/http.ts'
import { parseAnswer } from '#test/support/raw-http.ts'

const fine = publicRoute('GET', '/', (c) => c.json({ url: c.req.url, client: c.var.client }))
const before = (START - DAY) as Instant
const good = makeCertificate(before, addMs(START, 90 * DAY))

function writePair(folder: string, { cert, key }: Certificate) {
  const files = { certFile: path.join(folder, 'tls.crt'), keyFile: path.join(folder, 'tls.key') }
  // As renewal tools do it: written beside, then renamed over.
  writeFileSync(`${files.keyFile}.new`, key, { mode: 0o600 })
  writeFileSync(`${files.certFile}.new`, cert)
  renameSync(`${files.keyFile}.new`, files.keyFile)
  renameSync(`${files.certFile}.new`, files.certFile)
  return files
}

async function serveTls(
  t: TestContext,
  pair: Certificate,
  minVersion: '1.2' | '1.3' = '1.2',
): Promise<TestServer & { folder: string }> {
  const folder = makeFolder(t)
  const tls = { ...writePair(folder, pair), minVersion }
  return { ...(await serveRoutes(t, [fine], { tls })), folder }
}

async function shake(port: number, options: ConnectionOptions) {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  return socket
}

test('https is served under https addresses, and the client counts as secure', async (t) => {
  const { port, url } = await serveTls(t, good)
  assert.match(url, /^https:/)
  const socket = await shake(port, { ca: good.cert })
  assert.equal(socket.getProtocol(), 'TLSv1.3')
  socket.end(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
  const answer = parseAnswer(await text(socket))
  const seen = JSON.parse(answer.body) as { url: string; client: { isSecure: boolean } }
  assert.equal(seen.url, `https://localhost:${port}/`)
  assert.equal(seen.client.isSecure, true)
})

test('versions before the oldest accepted one are refused', async (t) => {
  const loose = await serveTls(t, good, '1.2')
  const older = { ca: good.cert, maxVersion: 'TLSv1.2' } as const
  const socket = await shake(loose.port, older)
  assert.equal(socket.getProtocol(), 'TLSv1.2')
  socket.destroy()
  const ancient = { ...older, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } as const
  const weak = { ciphers: 'DEFAULT@SECLEVEL=0' } // else this side would refuse before the server
  await assert.rejects(shake(loose.port, { ...ancient, ...weak }), /protocol version/)
  const strict = await serveTls(t, good, '1.3')
  await assert.rejects(shake(strict.port, older), /protocol version/)
})

test('a renewed pair is served to the next connection, a broken one is not taken', async (t) => {
  const { port, folder, logged } = await serveTls(t, good)
  const renewed = makeCertificate(before, addMs(START, 80 * DAY), 2)
  const serials = async () => {
    const socket = await shake(port, { rejectUnauthorized: false })
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }
  assert.equal(await serials(), '01')
  writeFileSync(path.join(folder, 'tls.crt'), 'broken')
  while (!logged.some((line) => /stays in force/.test(String(line['msg'])))) {
    assert.equal(await serials(), '01')
  }
  writePair(folder, renewed)
  while ((await serials()) !== '02') assert.ok(true, 'the change is on its way')
  assert.equal(logged.filter((line) => /was renewed/.test(String(line['msg']))).length, 1)
})

test('a pair that cannot serve stops the start in one line that names the file', async (t) => {
  const other = makeCertificate(before, addMs(START, DAY))
  const cases: readonly (readonly [Certificate, RegExp])[] = [
    [{ ...good, key: other.key }, /tls: the key in \S+tls\.key is not that of \S+tls\.crt\.$/],
    [{ ...good, cert: 'nonsense' }, /tls: \S+tls\.crt holds no certificate in PEM\.$/],
    [{ ...good, key: good.cert }, /tls: \S+tls\.key holds no unencrypted private key in PEM\.$/],
  ]
  for (const [pair, message] of cases) {
    await assert.rejects(serveTls(t, pair), { name: 'AppError', code: 'invalid', message })
  }
  const folder = makeFolder(t)
  const files = { ...writePair(folder, good), minVersion: '1.2' } as const
  chmodSync(files.keyFile, 0o644)
  await assert.rejects(serveRoutes(t, [fine], { tls: files }), /tls\.key/)
  const missing = { ...files, certFile: path.join(folder, 'none.crt') }
  await assert.rejects(serveRoutes(t, [fine], { tls: missing }), /none\.crt does not exist/)
})

test('an expired certificate is served and warned about', async (t) => {
  for (const [until, warning] of [
    [-1, /has expired/],
    [DAY, /expires soon/],
  ] as const) {
    const pair = makeCertificate((START - 2 * DAY) as Instant, (START + until) as Instant)
    const { logged } = await serveTls(t, pair)
    assert.ok(logged.some((line) => line['level'] === 40 && warning.test(String(line['msg']))))
  }
})

test('plain http on an address others can reach is refused unless it is allowed', async (t) => {
  const listen = '0.0.0.0:0'
  await assert.rejects(serveRoutes(t, [fine], { listen }), /tls\.cert_file.*allow_http/)
  const { port } = await serveRoutes(t, [fine], { listen, allowHttp: true })
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200)
})
