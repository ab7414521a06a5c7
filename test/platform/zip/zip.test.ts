// ZIP files: what is written another implementation reads and the other way round, and what a hostile
// author sends is refused with a reason, within its caps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unzipSync, zipSync, type Zippable } from 'fflate'
import { AppError } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import { inTurns } from '#platform/turns.ts'
import { readZip, type ZipCaps } from '#platform/zip/read.ts'
import { writeZip, type NewZipFile } from '#platform/zip/write.ts'

const modifiedAt = Date.UTC(2026, 10, 22, 7, 30, 58) as Instant
const CAPS: ZipCaps = { filesMax: 100, fileBytesMax: 10_000, unpackedBytesMax: 50_000 }

async function written(files: readonly NewZipFile[]): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of writeZip(files)) parts.push(part)
  return Buffer.concat(parts)
}

const foreign = (files: Zippable) => Buffer.from(zipSync(files, { mtime: modifiedAt }))

const contents = (bytes: Buffer, caps?: ZipCaps) =>
  readZip(bytes, caps).map((file) => [file.name, file.read().toString()])

const RULES = [
  ['a.yml', 'title: A'],
  ['rules/größe/日本.yml', 'x'.repeat(5_000)],
  ['empty.yml', ''],
] as const

test('what is written is read by another implementation, with its names and times', async () => {
  const archive = await written(RULES.map(([name, bytes]) => ({ name, bytes, modifiedAt })))
  const found = unzipSync(archive)
  assert.deepEqual(
    Object.entries(found).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
    RULES,
  )
  assert.deepEqual(contents(archive), RULES)
  assert.ok(archive.length < 1_000, 'the premise: it is compressed')
  const again = await written(RULES.map(([name, bytes]) => ({ name, bytes, modifiedAt })))
  assert.ok(again.equals(archive), 'the same files are the same bytes')
})

test('whoever reads a large archive in turns keeps nobody else waiting', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, n) => [`${n}.yml`, Buffer.alloc(200_000, `${n} title`)]),
  )
  let turns = 0
  let isOver = false
  const count = () => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  let sizeBytes = 0
  for await (const file of inTurns(readZip(foreign(files)))) sizeBytes += file.read().length
  isOver = true
  assert.equal(sizeBytes, 400 * 200_000)
  assert.ok(turns > 0)
})

test('an empty archive is one', async () => {
  const archive = await written([])
  assert.deepEqual([contents(archive), unzipSync(archive)], [[], {}])
})

test('what another implementation wrote is read; folders and links are left out', () => {
  const link = Buffer.from('../../etc/passwd')
  const archive = foreign({
    'a.yml': Buffer.from('title: A'),
    folder: { 'b.yml': [Buffer.from('title: B'), { level: 0 }] },
    'empty-folder/': Buffer.alloc(0),
    'link.yml': [link, { os: 3, attrs: (0o120777 << 16) >>> 0 }],
  })
  assert.deepEqual(contents(archive), [
    ['a.yml', 'title: A'],
    ['folder/b.yml', 'title: B'],
  ])
})

test('a name is a text, whatever it would be as a path', () => {
  const names = [
    '../../../etc/passwd',
    '/etc/shadow',
    String.raw`C:\windows\a.yml`,
    'a\nb',
    '<script>',
  ]
  const archive = foreign(Object.fromEntries(names.map((name) => [name, Buffer.from('x')])))
  assert.deepEqual(
    readZip(archive).map(({ name }) => name),
    names,
  )
})

test('a name in a code page of old is kept apart from others', () => {
  const archive = foreign({ 'r_gel.yml': Buffer.from('1') })
  const latin = Buffer.from(archive.toString('latin1').replaceAll('r_gel', 'rügel'), 'latin1')
  assert.deepEqual(contents(latin), [['rügel.yml', '1']])
})

test('caps hold: of files, of one file, of all that is read', () => {
  const many = foreign(
    Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`${n}`, Buffer.from('')])),
  )
  assert.throws(() => readZip(many, CAPS), { code: 'too_large' })
  const large = foreign({ big: Buffer.alloc(10_001), small: Buffer.from('small') })
  const [big, small] = readZip(large, CAPS)
  assert.equal(big!.sizeBytes, 10_001)
  assert.throws(() => big!.read(), { code: 'too_large' })
  assert.equal(small!.read().toString(), 'small', 'the others are still read')
  const bomb = foreign(
    Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`${n}`, Buffer.alloc(10_000)])),
  )
  assert.ok(bomb.length < 1_500, 'the premise')
  const files = readZip(bomb, CAPS)
  for (const file of files.slice(0, 5)) assert.equal(file.read().length, 10_000)
  assert.throws(() => files[5]!.read(), { code: 'too_large' })
})

/** An archive of one file, with its bytes changed at places counted from a signature. */
function tampered(
  change: (bytes: Buffer, at: { local: number; central: number; end: number }) => void,
) {
  const bytes = foreign({ 'a.yml': Buffer.alloc(3_000, 'title ') })
  const find = (signature: string) => bytes.indexOf(signature, 0, 'latin1')
  change(bytes, { local: 0, central: find('PK\x01\x02'), end: find('PK\x05\x06') })
  return bytes
}

const HOSTILE: Readonly<Record<string, () => Buffer>> = {
  'no archive': () => Buffer.from('title: A rule'),
  nothing: () => Buffer.alloc(0),
  'a file cut short': () => tampered(() => {}).subarray(0, -1),
  'a beginning cut off': () => tampered(() => {}).subarray(1),
  'something before it': () => Buffer.concat([Buffer.from('#!/bin/sh\n'), tampered(() => {})]),
  'something after it': () => Buffer.concat([tampered(() => {}), Buffer.from('x')]),
  'more in it than it says': () =>
    tampered((bytes, { central }) => bytes.writeUInt32LE(20, central + 24)),
  'less in it than it says': () =>
    tampered((bytes, { central }) => bytes.writeUInt32LE(3_001, central + 24)),
  'another checksum': () => tampered((bytes, { central }) => bytes.writeUInt32LE(1, central + 16)),
  'broken compression': () => tampered((bytes) => bytes.fill(0xff, 40, 50)),
  'another name in its two headers': () => tampered((bytes) => bytes.write('b', 30)),
  'another method in its two headers': () => tampered((bytes) => bytes.writeUInt16LE(0, 8)),
  'an unknown compression': () =>
    tampered((bytes, { central }) => {
      bytes.writeUInt16LE(12, 8)
      bytes.writeUInt16LE(12, central + 10)
    }),
  'an encrypted file': () => tampered((bytes, { central }) => bytes.writeUInt16LE(1, central + 8)),
  'a place outside': () =>
    tampered((bytes, { central }) => bytes.writeUInt32LE(0x7fffffff, central + 42)),
  'packed bytes that reach into the directory': () =>
    tampered((bytes, { central }) => bytes.writeUInt32LE(5_000, central + 20)),
  'a directory elsewhere': () => tampered((bytes, { end }) => bytes.writeUInt32LE(0, end + 16)),
  'fewer files than there are': () =>
    tampered((bytes, { end }) => bytes.writeUInt16LE(0, end + 10)),
  'more files than there are': () => tampered((bytes, { end }) => bytes.writeUInt16LE(2, end + 10)),
  ZIP64: () => tampered((bytes, { central }) => bytes.writeUInt32LE(0xffffffff, central + 24)),
  'one part of several': () => tampered((bytes, { end }) => bytes.writeUInt16LE(1, end + 4)),
  'a name without end': () => foreign({ ['a'.repeat(2_000)]: Buffer.from('x') }),
  'one name twice': () => {
    const bytes = foreign({ 'a.yml': Buffer.from('1'), 'b.yml': Buffer.from('2') })
    return Buffer.from(bytes.toString('latin1').replaceAll('b.yml', 'a.yml'), 'latin1')
  },
  'two entries over the same bytes': () => {
    const bytes = foreign({ 'a.yml': Buffer.from('1'), 'a.yml2': Buffer.from('1') })
    const second = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    bytes.writeUInt32LE(0, second + 42)
    return bytes
  },
}

for (const [what, make] of Object.entries(HOSTILE)) {
  test(`refused, and told why: ${what}`, () => {
    assert.throws(
      () => contents(make()),
      (error) => {
        assert.ok(error instanceof AppError, String(error))
        assert.ok(['invalid', 'unsupported'].includes(error.code), error.code)
        return error.message.length > 10
      },
    )
  })
}

test('entries that share one kernel of bytes are refused before anything is unpacked', () => {
  const bytes = foreign({ 'a.yml': Buffer.alloc(9_000), 'a.ymx': Buffer.alloc(9_000) })
  const second = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1')
  bytes.write('a.yml', second + 46)
  bytes.writeUInt32LE(0, second + 42)
  assert.throws(() => readZip(bytes, CAPS), /overlap/)
})

test('any bytes changed anywhere give files within their caps or a refusal', () => {
  const sound = foreign({ 'a.yml': Buffer.alloc(300, 'title '), 'b/c.yml': Buffer.from('b') })
  const edits = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(edits, (changes) => {
      const bytes = Buffer.from(sound)
      for (const [at, byte] of changes) bytes[at] = byte
      try {
        for (const file of readZip(bytes, CAPS)) {
          if (file.sizeBytes <= CAPS.fileBytesMax) assert.equal(file.read().length, file.sizeBytes)
        }
      } catch (error) {
        assert.ok(error instanceof AppError, String(error))
      }
    }),
    { numRuns: 3_000 },
  )
})
