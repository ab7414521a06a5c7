// The product as a whole: it starts on an empty directory, answers, refuses a second of itself,
// stops.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '#kernel/error.ts'
import { startApp as start } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { startApp } from '#test/support/start-app.ts'

test('it starts on an empty directory and answers', async (t) => {
  const app = await startApp(t)
  const answer = await app.fetch('/healthz')
  assert.equal(answer.status, 200)
})

test('a second one on the same directory is refused until the first has stopped', async (t) => {
  const app = await startApp(t)
  const again = { configuration: testConfiguration(app.data) }
  await assert.rejects(
    () => start(again),
    (error) => error instanceof AppError && error.code === 'busy',
  )
  await app.stop()
  const second = await start(again)
  await second.stop()
})

test('people of the cast come in by a session and see their own workspace only', async (t) => {
  const app = await startApp(t)
  const { ada, vera, gwen } = app.cast
  for (const person of [ada, vera]) {
    assert.equal((await app.fetchAs(person, '/w/acme')).status, 200)
    assert.equal((await app.fetchAs(person, '/w/globex')).status, 403)
  }
  assert.equal((await app.fetchAs(gwen, '/w/globex')).status, 200)
  assert.equal((await app.fetchAs(gwen, '/w/acme')).status, 403)
  assert.notEqual((await app.fetch('/w/acme')).status, 200)
})

test('while developing one signs in without a password, and only then', async (t) => {
  const configuration = testConfiguration(makeFolder(t))
  const app = await start({ configuration, isDevelopment: true })
  t.after(app.stop)
  const entered = await fetch(`${app.url}/dev/sign-in`, { redirect: 'manual' })
  assert.equal(entered.status, 303)
  assert.equal(entered.headers.get('location'), '/w/default')
})
