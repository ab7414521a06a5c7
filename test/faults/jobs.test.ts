import assert from 'node:assert/strict'
import test from 'node:test'
import { makeFolder } from '#test/support/database.ts'
import { checkAfterCrash, crashAt } from '#test/support/job-crash-check.ts'

test('killed at every point of its life, the runner loses nothing and sends nothing twice', async (t) => {
  let point = 1
  for (;;) {
    const folder = makeFolder(t)
    const isKilled = crashAt(folder, point)
    await t.test(`point ${point}`, () => checkAfterCrash(folder))
    if (!isKilled) break
    point += 1
  }
  assert.ok(point > 25, `the premise: ${point} points`)
})
