import assert from 'node:assert/strict'
import { createSecretKey, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { extractBackup, readBackupHeader, writeBackupFile } from '#platform/backup/file.ts'
import { CHUNK_BYTES } from '#platform/backup/envelope.ts'
import { snapshotDatabase } from '#platform/backup/snapshot.ts'
import { openReader, openWriter } from '#platform/db/engine/sqlite/open.ts'
import { makeFolder } from '#test/support/database.ts'

const backupKey = createSecretKey(Buffer.alloc(32, 3))
const header = {
  installId: '11'.repeat(16),
  mkId: '22'.repeat(8),
  version: '0.1.0',
  createdAt: '2026-11-21T10:00:00.000Z',
  salt: '33'.repeat(32),
}

test('files of every size around a chunk come back byte for byte', async (t) => {
  const folder = makeFolder(t)
  const manifestBytes = JSON.stringify({ sha256: 'x'.repeat(64) }).length
  const sizes = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]
  for (const size of [...sizes, CHUNK_BYTES - manifestBytes, 2 * CHUNK_BYTES - manifestBytes + 1]) {
    const database = randomBytes(size)
    const file = await write(folder, `of-${size}`, database)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const target = path.join(folder, 'restored')
    const extracted = await extractBackup(file, target, backupKey)
    assert.deepEqual(readFileSync(target), database)
    assert.deepEqual(extracted.manifest, { sha256: extracted.sha256 })
    assert.equal((await readBackupHeader(file)).header.databaseBytes, size)
  }
})

test('a changed byte anywhere, a cut, an addition or another key is refused and leaves nothing', async (t) => {
  const folder = makeFolder(t)
  const file = await write(folder, 'whole', randomBytes(2 * CHUNK_BYTES + 100))
  const whole = readFileSync(file)
  const target = path.join(folder, 'restored')
  const sealed = CHUNK_BYTES + 16
  const start = whole.length - 2 * sealed - (whole.length % sealed)
  const places = [0, 9, 20, 100, 300, 400, 500, sealed, 2 * sealed, whole.length - 1]
  const damaged: [string, Buffer][] = [
    ...places.map((at): [string, Buffer] => [`byte ${at}`, flipped(whole, at)]),
    ['cut in a chunk', whole.subarray(0, -200)],
    ['cut at a chunk', whole.subarray(0, whole.length - (whole.length % sealed))],
    ['empty', Buffer.alloc(0)],
    ['header only', whole.subarray(0, 380)],
    ['more behind it', Buffer.concat([whole, Buffer.from('x')])],
    [
      'first chunk twice',
      Buffer.concat([whole.subarray(0, start + sealed), whole.subarray(start)]),
    ],
  ]
  for (const [name, bytes] of damaged) {
    const broken = path.join(folder, 'broken')
    writeFileSync(broken, bytes)
    await assert.rejects(extractBackup(broken, target, backupKey), { name: 'AppError' }, name)
    assert.ok(!existsSync(target), name)
  }
  const wrong = createSecretKey(Buffer.alloc(32, 4))
  await assert.rejects(extractBackup(file, target, wrong), { code: 'conflict' })
  await extractBackup(file, target, backupKey) // the premise
})

test('an existing file is never overwritten and an abandoned one leaves nothing', async (t) => {
  const folder = makeFolder(t)
  const file = await write(folder, 'one', randomBytes(10))
  const before = readFileSync(file)
  await assert.rejects(write(folder, 'one', randomBytes(10)), { code: 'conflict' })
  assert.deepEqual(readFileSync(file), before)
  const signal = AbortSignal.abort()
  await assert.rejects(write(folder, 'two', randomBytes(10), signal), { name: 'AbortError' })
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('two')),
    ['two.database'],
  )
})

test('a copy of the database is of one moment while others write', async (t) => {
  const folder = makeFolder(t)
  const database = path.join(folder, 'live.db')
  const writer = openWriter(database)
  t.after(() => writer.close())
  writer.exec('create table pair (id integer primary key, left integer, right integer, fill blob)')
  writer.exec('insert into pair values (1, 0, 0, randomblob(3000000))')
  const copy = path.join(folder, 'copy.db')
  let count = 0
  await snapshotDatabase(database, copy, {
    progress: () => {
      count += 1
      writer.exec(`update pair set left = ${count}, right = ${count}`)
    },
  })
  assert.ok(count > 1, 'the premise: writes came in between')
  assert.equal(statSync(copy).mode & 0o777, 0o600)
  const reader = openReader(copy)
  t.after(() => reader.close())
  assert.deepEqual(reader.prepare('select left, right from pair').get(), { left: 0, right: 0 })
})

async function write(
  folder: string,
  name: string,
  content: Buffer,
  signal?: AbortSignal,
): Promise<string> {
  const database = path.join(folder, `${name}.database`)
  writeFileSync(database, content)
  const file = path.join(folder, name)
  await writeBackupFile({
    database,
    file,
    backupKey,
    header,
    ...(signal ? { signal } : {}),
    manifest: (sha256) => ({ sha256 }),
  })
  return file
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 0x10
  return copy
}
