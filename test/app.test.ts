// The product as a whole: it starts on an empty directory, answers, refuses a second of itself,
// stops.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '#kernel/error.ts'
import { startApp as start } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
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
