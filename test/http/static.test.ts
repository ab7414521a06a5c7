import assert from 'node:assert/strict'
import test from 'node:test'
import { buildStaticFiles } from '#src/packaging/static.ts'
import { StaticFiles } from '#http/static.ts'
import { serveRoutes } from '#test/support/http.ts'

test('a file is kept for ever, by a name that changes with its content', async (t) => {
  const built = await buildStaticFiles()
  const again = await buildStaticFiles()
  assert.deepEqual(
    built.map(({ file }) => file),
    again.map(({ file }) => file),
  )
  const statics = new StaticFiles(built)
  const { fetch } = await serveRoutes(t, [statics.route()])
  for (const { name, file, bytes } of built) {
    assert.match(file, /-[0-9a-f]{16}\.(css|js|svg)$/)
    const answer = await fetch(statics.url(name))
    assert.equal(answer.status, 200, name)
    assert.match(answer.headers.get('Cache-Control')!, /immutable/)
    assert.equal(answer.headers.get('X-Content-Type-Options'), 'nosniff')
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes)
    const cached = await fetch(statics.url(name), {
      headers: { 'If-None-Match': answer.headers.get('ETag')! },
    })
    assert.equal(cached.status, 304)
  }
})

test('a browser that can gets it gzipped, and much smaller', async (t) => {
  const built = await buildStaticFiles()
  const statics = new StaticFiles(built)
  const { fetch } = await serveRoutes(t, [statics.route()])
  const plain = await fetch(statics.url('app.css'), { headers: { 'Accept-Encoding': 'identity' } })
  const small = await fetch(statics.url('app.css'), { headers: { 'Accept-Encoding': 'gzip' } })
  assert.equal(plain.headers.get('Content-Encoding'), null)
  assert.equal(small.headers.get('Content-Encoding'), 'gzip')
  assert.equal(await small.text(), await plain.text())
})

test('no name reaches a file that was not built', async (t) => {
  const statics = new StaticFiles(await buildStaticFiles())
  const { fetch } = await serveRoutes(t, [statics.route()])
  for (const name of ['app.css', '..%2Fpackage.json', '%00', 'app-0000000000000000.css', '.']) {
    assert.equal((await fetch(`/static/${name}`)).status, 404, name)
  }
})
