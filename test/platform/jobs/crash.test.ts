import assert from 'node:assert/strict'
import test from 'node:test'
import { makeFolder } from '#test/support/database.ts'
import { checkAfterCrash, crashAt } from '#test/support/job-crash-check.ts'

// The quick cut of test/faults/jobs.test.ts, which kills at every point.
for (const point of [2, 13]) {
  test(`killed at point ${point}, the runner loses nothing and sends nothing twice`, async (t) => {
    const folder = makeFolder(t)
    assert.ok(crashAt(folder, point), 'the premise: it was killed')
    await checkAfterCrash(folder)
  })
}
