// A process that dies over a request with an idempotency key: whoever sends it again has it done once.

import assert from 'node:assert/strict'
import test from 'node:test'
import { readAudit } from '#domain/audit/actions.ts'
import { spawnTest } from '#test/support/child.ts'
import { makeFolder } from '#test/support/database.ts'
import { actOnce, openCrashHouse } from '#test/support/once-crash.ts'

// By the time the answer is there the commit is, so only the last point leaves something.
for (const [point, left] of [
  [1, 0],
  [2, 0],
  [3, 0],
  [4, 1],
  [5, 1],
] as const) {
  test(`killed at point ${point}, then sent again: done once, with the answer of what was done`, async (t) => {
    const folder = makeFolder(t)
    const child = spawnTest('test/support/once-crash.ts', folder, `${point}`)
    const [code, signal] = await new Promise<[unknown, unknown]>((resolve) =>
      child.on('close', (...ended) => resolve(ended)),
    )
    assert.deepEqual([code, signal], point < 5 ? [null, 'SIGKILL'] : [0, null])
    const opened = await openCrashHouse(folder)
    t.after(() => opened.close())
    const { house, caller } = opened
    const acts = async () =>
      (await readAudit(house, caller, { action: 'test.act' }, { limit: 10 })).items
    assert.equal((await acts()).length, left)
    const { answer, isRepeat } = await actOnce(opened)
    assert.equal(isRepeat, left === 1)
    const made = await acts()
    assert.deepEqual(
      made.map(({ data }) => data),
      [JSON.parse(answer.body)],
    )
  })
}
