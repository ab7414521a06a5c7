// Cursors: theirs comes back, nobody else's does.

import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeCursor, encodeCursor } from '#kernel/page.ts'

const key = createSecretKey(Buffer.alloc(32, 1))
const binding = { workspaceId: 'wsp_acme', list: 'jobs', state: 'failed' }
const position = { createdAt: 1_790_000_000_000, id: 'job_1' }

test('a cursor gives its position back to the list it was made for', () => {
  assert.deepEqual(decodeCursor(key, binding, encodeCursor(key, binding, position)), position)
})

test('a cursor of another workspace, filter or key is refused', () => {
  const cursor = encodeCursor(key, binding, position)
  const otherKey = createSecretKey(Buffer.alloc(32, 2))
  const refusal = { code: 'invalid' }
  assert.throws(() => decodeCursor(key, { ...binding, workspaceId: 'wsp_globex' }, cursor), refusal)
  assert.throws(() => decodeCursor(key, { ...binding, state: 'queued' }, cursor), refusal)
  assert.throws(() => decodeCursor(otherKey, binding, cursor), refusal)
})

test('no other text passes for a cursor', () => {
  const cursor = encodeCursor(key, binding, position)
  const attempt = (text: string) =>
    assert.throws(() => decodeCursor(key, binding, text), { code: 'invalid' })
  for (const text of ['', 'AA', `${cursor}A`, `${cursor}==`, cursor.slice(1)]) attempt(text)
  fc.assert(fc.property(fc.base64String({ maxLength: 200 }), attempt))
})
