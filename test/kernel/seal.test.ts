import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import test from 'node:test'
import {
  openSealed,
  SEAL_ITERATIONS_MAX,
  sealedKeyVersion,
  sealValue,
  unwrapKey,
  wrapKey,
  type Place,
} from '#kernel/seal.ts'

const key = { version: 3, key: createSecretKey(Buffer.alloc(32, 7)) }
const wrapping = createSecretKey(Buffer.alloc(32, 9))
const random = Buffer.from(Array.from({ length: 28 }, (_, index) => index))
const place: Place = { table: 'target', row: 'tgt_1', column: 'credential' }

// Computed by a separate program from the format's description. They must never change.
const SEALED =
  '0100000003000003e8000102030405060708090a0b0c0d0e0f101112131415161718191a1bfe1f132d675dd3fdef96531cee0a4c597da9b98155c5af'
const WRAPPED =
  '01000102030405060708090a0bed569cc53b482de298512b98d7c4c233d47288a59a173ba3780937f141cef8dcdbdadd71a0d211853166df906e18f7c5'

test('a sealed value and a wrapped key have the bytes of the vectors', () => {
  const sealed = sealValue(key, 'wsp_acme', place, Buffer.from('hunter2'), random)
  assert.equal(sealed.toString('hex'), SEALED)
  assert.equal(openSealed(key, 'wsp_acme', place, sealed)?.toString(), 'hunter2')
  const labels = ['wsp_acme', '3', '0011223344556677']
  const wrapped = wrapKey(wrapping, labels, Buffer.alloc(32, 7), random.subarray(0, 12))
  assert.equal(wrapped.toString('hex'), WRAPPED)
  assert.deepEqual(unwrapKey(wrapping, labels, wrapped), Buffer.alloc(32, 7))
})

test('a sealed value opens in its own place only', () => {
  const sealed = Buffer.from(SEALED, 'hex')
  assert.ok(openSealed(key, 'wsp_acme', place, sealed), 'the premise: here it opens')
  const elsewhere: [typeof key, string, Place][] = [
    [key, 'wsp_globex', place],
    [key, 'wsp_acme', { ...place, table: 'targets' }],
    [key, 'wsp_acme', { ...place, row: 'tgt_2' }],
    [key, 'wsp_acme', { ...place, column: 'nextCredential' }],
    [{ ...key, version: 4 }, 'wsp_acme', place],
    [{ ...key, key: wrapping }, 'wsp_acme', place],
  ]
  for (const [other, workspaceId, where] of elsewhere) {
    assert.equal(openSealed(other, workspaceId, where, sealed), undefined)
  }
  // A version changed in the header as well as in the ring is refused by the tag.
  const renumbered = Buffer.from(sealed)
  renumbered.writeUInt32BE(4, 1)
  assert.equal(openSealed({ ...key, version: 4 }, 'wsp_acme', place, renumbered), undefined)
})

test('every changed byte and every cut is refused, and none throws', () => {
  const sealed = Buffer.from(SEALED, 'hex')
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 1
    assert.equal(openSealed(key, 'wsp_acme', place, changed), undefined, `byte ${at}`)
    assert.equal(openSealed(key, 'wsp_acme', place, sealed.subarray(0, at)), undefined)
  }
  const wrapped = Buffer.from(WRAPPED, 'hex')
  const labels = ['wsp_acme', '3', '0011223344556677']
  for (let at = 0; at < wrapped.length; at++) {
    const changed = Buffer.from(wrapped)
    changed[at]! ^= 1
    assert.equal(unwrapKey(wrapping, labels, changed), undefined, `byte ${at}`)
    assert.equal(unwrapKey(wrapping, labels, wrapped.subarray(0, at)), undefined)
  }
})

test('a forged iteration count is refused before it costs anything', () => {
  const forged = Buffer.from(SEALED, 'hex')
  forged.writeUInt32BE(SEAL_ITERATIONS_MAX + 1, 5)
  assert.equal(sealedKeyVersion(forged), undefined)
  forged.writeUInt32BE(0, 5)
  assert.equal(sealedKeyVersion(forged), undefined)
})

test('a label part that could stand for two places is refused', () => {
  for (const row of ['a|b', '', 'a\nb']) {
    const seal = () =>
      sealValue(key, 'wsp_acme', { ...place, row }, Buffer.from('x'), randomBytes(28))
    assert.throws(seal, { name: 'Bug' })
  }
})
