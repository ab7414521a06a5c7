// Ids: shape, order and what is not one.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { isActor, systemActor } from '#kernel/actor.ts'
import { idInstant, INSTANCE_WORKSPACE, isId, makeId } from '#kernel/id.ts'
import { INSTANT_MAX, instant } from '#kernel/time.ts'

const AT = instant(Date.parse('2026-11-21T10:00:00.000Z'))

test('an id is its prefix and a UUIDv7 of the given instant and bytes', () => {
  // RFC 9562 appendix A.6: this instant, rand_a = 0xCC3, rand_b = 0x18C4DC0C0C07398F.
  const at = instant(Date.parse('2022-02-22T19:22:22.000Z'))
  const random = Buffer.from('0cc398c4dc0c0c07398f', 'hex')
  assert.equal(makeId('rul', at, random), 'rul_017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
})

test('every id is well formed and gives its instant back', () => {
  const property = (ms: number, random: Uint8Array) => {
    const id = makeId('job', instant(ms), random)
    assert.ok(isId('job', id), id)
    assert.equal(idInstant(id), ms)
  }
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 16 })
  fc.assert(fc.property(fc.integer({ min: 0, max: INSTANT_MAX }), bytes, property))
})

test('ids of later instants sort later as text', () => {
  const earlier = makeId('chg', AT, Buffer.alloc(10, 255))
  const later = makeId('chg', instant(AT + 1), Buffer.alloc(10, 0))
  assert.ok(earlier < later)
})

test('another prefix, a version 4 body, upper case and rubbish are no ids', () => {
  const id = makeId('rul', AT, randomBytes(10))
  assert.ok(isId('rul', id))
  assert.ok(!isId('job', id))
  assert.ok(!isId('rul', id.toUpperCase()))
  assert.ok(!isId('rul', `${id} `))
  assert.ok(!isId('rul', 'rul_6f9619ff-8b86-4011-b42d-00c04fc964ff'))
  assert.ok(!isId('rul', 7))
})

test('the reserved workspace is a workspace id and nothing else', () => {
  assert.ok(isId('wsp', INSTANCE_WORKSPACE))
  assert.ok(!isId('usr', INSTANCE_WORKSPACE))
})

test('actors are people, tokens, jobs and parts of the product', () => {
  assert.ok(isActor(makeId('usr', AT, randomBytes(10))))
  assert.ok(isActor(systemActor('scheduler')))
  assert.equal(systemActor('cli', 'CORP\\ada lovelace'), 'system:cli/CORP_ada_lovelace')
  assert.ok(isActor(systemActor('cli', 'CORP\\ada lovelace')))
  assert.ok(!isActor('ada'))
  assert.ok(!isActor('system:cli\nsystem:root'))
})
