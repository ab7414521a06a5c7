import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import Sqlite from 'better-sqlite3'
import type { Place } from '#kernel/seal.ts'
import { openDatabase, type Database } from '#platform/db/database.ts'
import { makeMasterSecret } from '#platform/keys/master.ts'
import { openKeyRing } from '#platform/keys/open.ts'
import type { KeyRing } from '#platform/keys/ring.ts'
import { fakeClock } from '#test/support/clock.ts'
import { acme, globex, makeFolder, openSampleDatabase, samples } from '#test/support/database.ts'

const value: Place = { table: 'sampleSetting', row: 'splunk', column: 'value' }

test('the first start makes a secret and keys, the second opens the same ones', async (t) => {
  const folder = makeFolder(t)
  const first = await open(t, folder)
  const { installId, mkId } = first.ring
  assert.match(installId, /^[0-9a-f]{32}$/)
  const sealed = await first.ring.seal(acme, value, Buffer.from('hunter2'))
  await first.db.close()
  const second = await open(t, folder)
  assert.deepEqual([second.ring.installId, second.ring.mkId], [installId, mkId])
  assert.equal((await second.ring.unseal(acme, value, sealed)).toString(), 'hunter2')
  assert.ok(second.ring.audit.signKey.equals(first.ring.audit.signKey))
})

test('another secret is refused by name of its key id, a missing one is never made anew', async (t) => {
  const folder = makeFolder(t)
  const { db, ring } = await open(t, folder)
  await db.close()
  const file = path.join(folder, 'master.secret')
  const other = makeMasterSecret(randomBytes)
  rmSync(file)
  await assert.rejects(open(t, folder), { code: 'invalid', message: /is missing/ })
  assert.ok(!existsSync(file))
  writeFileSync(file, other, { mode: 0o600 })
  await assert.rejects(open(t, folder), (error: Error) => {
    assert.ok(error.message.includes(ring.mkId))
    assert.ok(!error.message.includes(other.toString().trim()))
    return true
  })
})

test('a sealed cell moved to another row, workspace or version in the file does not open', async (t) => {
  const folder = makeFolder(t)
  const { db, ring } = await open(t, folder, openSampleDatabase)
  const place = (row: string): Place => ({ table: 'sampleRule', row, column: 'name' })
  for (const [scope, id] of [
    [acme, 'a'],
    [acme, 'b'],
    [globex, 'a'],
  ] as const) {
    const sealed = await ring.seal(scope, place(id), Buffer.from(`secret of ${id}`))
    await db.write({ scope }, async (tx) => {
      const { workspaceId } = tx.scope
      const row = { workspaceId, id, name: sealed.toString('hex'), updatedAt: 1 }
      await samples(tx).insertInto('sampleRule').values(row).execute()
    })
  }
  const read = async (scope: typeof acme, id: string) => {
    const { name } = await samples(db.read(scope))
      .selectFrom('sampleRule')
      .select('name')
      .where('workspaceId', '=', scope.workspaceId)
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return (await ring.unseal(scope, place(id), Buffer.from(name, 'hex'))).toString()
  }
  assert.equal(await read(acme, 'a'), 'secret of a', 'the premise')

  edit(folder, "update sampleRule set name = (select name from sampleRule where id = 'b')")
  await assert.rejects(read(acme, 'a'), { code: 'conflict' }, 'from another row')
  assert.equal(await read(acme, 'b'), 'secret of b')
  await assert.rejects(read(globex, 'a'), { code: 'conflict' }, 'from another workspace')

  edit(
    folder,
    "update workspaceKey set wrapped = (select wrapped from workspaceKey where workspaceId = 'wsp_globex')",
  )
  await assert.rejects(read(acme, 'b'), { code: 'conflict' }, 'under the key of another workspace')
})

test('rows of the instance that were changed in the file are refused at the next start', async (t) => {
  const folder = makeFolder(t)
  const { db } = await open(t, folder)
  await db.close()
  const edits = [
    'update instance set heldAt = 5',
    "update instance set installId = '00000000000000000000000000000000'",
    "update instanceKey set publicKey = zeroblob(32) where purpose = 'audit-sign'",
    "update instanceKey set fromSeq = 9 where purpose = 'audit-mac'",
    "update instanceKey set wrapped = (select wrapped from instanceKey where purpose = 'token-pepper') where purpose = 'audit-mac'",
    "delete from instanceKey where purpose = 'audit-sign'",
  ]
  for (const text of edits) {
    const copy = makeFolder(t)
    cpSync(folder, copy, { recursive: true })
    edit(copy, text)
    await assert.rejects(open(t, copy), { name: 'AppError' }, text)
  }
})

test('two first secrets of a workspace at once end with one key', async (t) => {
  const { ring } = await open(t, makeFolder(t))
  const sealed = await Promise.all(
    [1, 2, 3].map((n) => ring.seal(acme, value, Buffer.from(String(n)))),
  )
  for (const [index, one] of sealed.entries()) {
    assert.equal((await ring.unseal(acme, value, one)).toString(), String(index + 1))
  }
})

type Opener = (folder: string) => Promise<Database>

async function open(
  t: TestContext,
  folder: string,
  opener: Opener = openDatabase,
): Promise<{ db: Database; ring: KeyRing }> {
  const db = await opener(folder)
  t.after(() => db.close())
  try {
    const ring = await openKeyRing(
      { db, clock: fakeClock(), random: randomBytes },
      {
        secret: { kind: 'file', path: path.join(folder, 'master.secret') },
        onCreate: async () => {},
      },
    )
    return { db, ring }
  } catch (error) {
    await db.close()
    throw error
  }
}

function edit(folder: string, text: string): void {
  const file = new Sqlite(path.join(folder, 'rulewright.db'))
  file.exec(text)
  file.close()
}
