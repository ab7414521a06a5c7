import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { AppError } from '#kernel/error.ts'
import {
  endingOf,
  endingOfDead,
  retryDelayMs,
  type Attempts,
  type RunOutcome,
} from '#platform/jobs/ending.ts'

const attempts: Attempts = { attempt: 1, attemptsMax: 3, backoffMs: [1_000, 10_000] }
const random = Buffer.from('80000000', 'hex')
const returned: RunOutcome = { stopCause: undefined, unknownReason: undefined }

test('a wait is random between nothing and a bound that grows with the attempt', () => {
  const bounds = fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(bounds, fc.integer({ min: 1, max: 30 }), fc.nat(0xffff_ffff), (all, nth, n) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(n)
      const bound = all[Math.min(nth, all.length) - 1]!
      const delay = retryDelayMs(all, nth, bytes)
      assert.ok(Number.isInteger(delay) && delay >= 0 && delay <= bound)
    }),
  )
  assert.equal(retryDelayMs([1_000], 1, Buffer.alloc(4, 0)), 0)
  assert.equal(retryDelayMs([1_000], 9, Buffer.alloc(4, 255)), 1_000)
})

test('waits spread over the whole range, so that a crowd does not come back together', () => {
  const slots = new Set<number>()
  for (let n = 0; n < 256; n++) {
    slots.add(Math.floor(retryDelayMs([64_000], 1, Buffer.from([n, 0, 0, 0])) / 1_000))
  }
  assert.equal(slots.size, 64)
})

test('who stopped a run decides how it ends, if it did not finish in spite of that', () => {
  const thrown = new AppError('cancelled', 'Stopped.')
  const end = (outcome: Partial<RunOutcome>) =>
    endingOf({ ...returned, ...outcome }, attempts, random)
  assert.deepEqual(end({ stopCause: 'cancelled' }), {
    kind: 'end',
    state: 'succeeded',
    reason: null,
  })
  const cancelled = { kind: 'end', state: 'cancelled', reason: 'Cancelled while it ran.' }
  assert.deepEqual(end({ thrown, stopCause: 'cancelled' }), cancelled)
  assert.deepEqual(end({ thrown, stopCause: 'stopping' }), { kind: 'release' })
  assert.deepEqual(end({ thrown, stopCause: 'lease_lost' }), { kind: 'none' })
  assert.deepEqual(end({ stopCause: 'lease_lost' }), { kind: 'none' })
})

test('what nobody can tell goes before everything but a lost lease', () => {
  const open = { thrown: new Error('x'), unknownReason: 'Look.' }
  const unknown = { kind: 'end', state: 'unknown', reason: 'Look.' }
  const stops = ['cancelled', 'timeout', 'stopping', undefined] as const
  for (const stopCause of stops) {
    assert.deepEqual(endingOf({ ...open, stopCause }, attempts, random), unknown)
  }
})

test('no job is tried more often than it may, whatever it throws', () => {
  const codes = fc.constantFrom('upstream', 'busy', 'timeout', 'storage_full', 'rate_limited', null)
  fc.assert(
    fc.property(codes, fc.integer({ min: 1, max: 9 }), (code, attempt) => {
      const thrown = code === null ? new Error('bug') : new AppError(code, 'No.')
      const ending = endingOf({ ...returned, thrown }, { ...attempts, attempt }, random)
      assert.equal(ending.kind, attempt < 3 ? 'retry' : 'end')
    }),
  )
})

test('a job whose process dies each time it runs is parked in the end', () => {
  const dead = { attemptsMax: 3, isCancelRequested: false }
  const again = { kind: 'retry', afterMs: 0, reason: 'The server stopped while it ran.' }
  assert.deepEqual(endingOfDead({ ...dead, attempt: 2 }), again)
  const parked = endingOfDead({ ...dead, attempt: 3 })
  assert.ok(parked.kind === 'end' && parked.state === 'failed')
  const unwanted = endingOfDead({ ...dead, attempt: 1, isCancelRequested: true })
  assert.ok(unwanted.kind === 'end' && unwanted.state === 'cancelled')
})
