import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import test from 'node:test'
import {
  assertHeader,
  chunkCipher,
  decodeHeader,
  encodeHeader,
  headerLength,
  PREFIX_BYTES,
  type BackupHeader,
} from '#platform/backup/envelope.ts'

const key = createSecretKey(Buffer.alloc(32, 3))
const header: BackupHeader = {
  format: 1,
  installId: '11'.repeat(16),
  mkId: '22'.repeat(8),
  version: '0.1.0',
  createdAt: '2026-11-21T10:00:00.000Z',
  salt: '33'.repeat(32),
  chunkBytes: 8,
  databaseBytes: 11,
}

// Computed by a separate program from the format's description. They must never change.
const MAC = '339580616c1358d30f38186c312ba987b7e919ee696dc18e691e7fa5eb672dfe'
const CHUNK_0 = '74160b8f7893c6e0784e1f3991e533b5edb762158d06d9e8'
const CHUNK_1 = '6c12fb8a616ae025b0aac60be65ad1aa394082'

test('header and chunks have the bytes of the vectors', () => {
  const bytes = encodeHeader(header, key)
  assert.equal(headerLength(bytes.subarray(0, PREFIX_BYTES)), bytes.length)
  const opened = decodeHeader(bytes)
  assert.deepEqual(opened.header, header)
  assert.equal(opened.mac.toString('hex'), MAC)
  assert.doesNotThrow(() => assertHeader(opened, key))
  const cipher = chunkCipher(header, key)
  assert.equal(cipher.seal(0, false, Buffer.from('12345678')).toString('hex'), CHUNK_0)
  assert.equal(cipher.seal(1, true, Buffer.from('90a')).toString('hex'), CHUNK_1)
})

test('a chunk opens only where and as what it was written', () => {
  const cipher = chunkCipher(header, key)
  const sealed = Buffer.from(CHUNK_1, 'hex')
  assert.equal(cipher.open(1, true, sealed)?.toString(), '90a', 'the premise')
  assert.equal(cipher.open(0, true, sealed), undefined)
  assert.equal(cipher.open(1, false, sealed), undefined)
  assert.equal(cipher.open(1, true, sealed.subarray(1)), undefined)
  assert.equal(cipher.open(1, true, Buffer.alloc(3)), undefined)
  const other = chunkCipher({ ...header, databaseBytes: 12 }, key)
  assert.equal(other.open(1, true, sealed), undefined, 'another header is another key')
})

test('every changed byte of the header is refused', () => {
  const bytes = encodeHeader(header, key)
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    const open = () => {
      const length = headerLength(changed.subarray(0, PREFIX_BYTES))
      assertHeader(decodeHeader(changed.subarray(0, length)), key)
    }
    assert.throws(open, (error: { code?: string }) => error.code !== undefined, `byte ${at}`)
  }
  assert.throws(() => assertHeader(decodeHeader(bytes), createSecretKey(Buffer.alloc(32, 4))), {
    code: 'conflict',
  })
})
