// The page of the sandbox: files come in by its form as they are sent, are read by a job, and are seen by
// whoever may, in this workspace alone.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startApp, type CastMember } from '#test/support/start-app.ts'

test('the sandbox, filled, searched and emptied by its forms', async (t) => {
  const app = await startApp(t)
  const { ada, ravi, vera, gwen } = app.cast
  const post = (person: CastMember, address: string, body: FormData | URLSearchParams) =>
    app.fetchAs(person, address, { method: 'POST', headers: { Origin: app.url }, body })
  const shown = async (person: CastMember, address = '/w/acme/events') =>
    (await app.fetchAs(person, address)).text()

  assert.match(await shown(ada), /No events here yet/)
  assert.equal((await app.fetchAs(vera, '/w/acme/events')).status, 403, 'events may hold secrets')

  const lines = Array.from({ length: 200 }, (_, n) => {
    const at = new Date(app.clock.now() - n * 1_000).toISOString()
    return JSON.stringify({ '@timestamp': at, message: `<b>line ${n}</b>`, deep: { of: ['x'] } })
  })
  const form = new FormData()
  form.set('logSource', 'product=linux')
  form.append('files', new Blob([gzipSync(`${lines.join('\n')}\nbroken\n`)]), 'a "log".gz')
  form.append('files', new Blob(['user,note\nlena,"hello\nthere"\n']), 'b.csv')
  const sent = await post(ravi, '/w/acme/events/imports', form)
  assert.equal(sent.status, 303)
  await app.runner.drain()
  const page = await shown(ada)
  assert.match(page, /a &quot;log&quot;\.gz/)
  assert.match(page, /1 line could not be read/)
  assert.match(page, /&lt;b&gt;line 0&lt;\/b&gt;/, 'the newest, as text')
  assert.doesNotMatch(page, /<b>line/)
  assert.match(page, /product=linux/)
  const next = /href="([^"]*cursor=[^"]*)"/.exec(page)?.[1]
  assert.ok(next)
  assert.match(await shown(ada, next.replaceAll('&amp;', '&')), /line 4\d&lt;/)
  const found = await shown(ada, '/w/acme/events?q=LENA&field=user')
  assert.match(found, /hello/)
  assert.doesNotMatch(found, /line 0/)
  assert.match(await shown(ada, '/w/acme/events?q=nowhere'), /No event has that/)
  assert.match(await shown(gwen, '/w/globex/events'), /No events here yet/)
  const files = readdirSync(path.join(app.data, 'local'))
  assert.ok(
    files.every((file) => /\.db(-wal|-shm)?$/.test(file)),
    'what was sent is gone once it is read',
  )

  const refused = new FormData()
  refused.set('logSource', 'nonsense')
  refused.append('files', new Blob(['{}']), 'c.json')
  const told = await post(ravi, '/w/acme/events/imports', refused)
  assert.equal(told.status, 422)
  assert.match(await told.text(), /is no log source/)
  const empty = new FormData()
  empty.set('logSource', '')
  empty.append('files', new Blob([]), '')
  assert.match(await (await post(ravi, '/w/acme/events/imports', empty)).text(), /Choose a file/)

  await post(ravi, '/w/acme/events/samples', new URLSearchParams())
  await app.runner.drain()
  assert.match(await shown(ada), /Sample events/)
  const gone = await post(ravi, '/w/acme/events/deletion', new URLSearchParams())
  assert.equal(gone.status, 303)
  assert.match(await shown(ada), /No events here yet/)
})
