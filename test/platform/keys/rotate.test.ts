import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { checkpointKeys } from '#platform/audit/public-key.ts'
import { checkMasterSecret, makeMasterSecret, readMasterSecret } from '#platform/keys/master.ts'
import { rotateMasterSecret } from '#platform/keys/rotate.ts'
import { resealWorkspace, rotateWorkspaceKey } from '#platform/keys/workspace-keys.ts'
import { checkMac, withMac } from '#platform/keys/row-mac.ts'
import type { LinkId } from '#kernel/id.ts'
import { sealedKeyVersion, type Place } from '#kernel/seal.ts'
import { DAY } from '#kernel/time.ts'
import { START } from '#test/support/clock.ts'
import { acme, makeFolder, samples } from '#test/support/database.ts'
import { openInstance } from '#test/support/trust.ts'

const value: Place = { table: 'sampleRule', row: 'a', column: 'name' }

test('a new master secret opens everything, the old one nothing, and the log verifies across it', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  const sealed = await one.keys.seal(acme, value, Buffer.from('hunter2'))
  const { mkId } = one.keys
  const pepper = one.keys.purpose('token-pepper')
  const session = one.keys.purpose('session')
  await one.record('before')
  const secret = makeMasterSecret(randomBytes)
  const master = checkMasterSecret(secret, 'a test')
  const rotation = await rotateMasterSecret(one, one.caller, master)
  assert.equal(rotation.from, mkId)
  assert.equal(rotation.to, one.keys.mkId)
  assert.equal(rotation.workspaceKeys, 1)
  await one.record('after')
  assert.equal((await one.keys.unseal(acme, value, sealed)).toString(), 'hunter2')
  assert.ok(one.keys.purpose('token-pepper').equals(pepper), 'tokens stay valid')
  assert.ok(!one.keys.purpose('session').equals(session), 'sessions do not')
  const verdict = await one.audit.verify()
  assert.ok(verdict.ok, JSON.stringify(verdict))
  await one.close()

  await assert.rejects(openInstance(t, one.folder), { code: 'invalid' }, 'the old secret')
  writeFileSync(`${one.secretFile}.next`, secret, { mode: 0o600 })
  const two = await openInstance(t, one.folder) // a crash before the files were exchanged
  assert.equal(two.keys.mkId, rotation.to)
  await two.close()
  assert.deepEqual(readFileSync(one.secretFile), secret, 'the start finished the exchange')
  assert.ok(existsSync(`${one.secretFile}.old-${mkId}`))
  const three = await openInstance(t, one.folder)
  assert.equal((await three.keys.unseal(acme, value, sealed)).toString(), 'hunter2')
  const again = await three.audit.verify()
  assert.ok(again.ok && again.checkpointed === again.size, JSON.stringify(again))
})

test('a rotation that does not commit changes nothing', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  const { mkId } = one.keys
  const sealed = await one.keys.seal(acme, value, Buffer.from('hunter2'))
  const master = checkMasterSecret(makeMasterSecret(randomBytes), 'a test')
  const file = new Sqlite(path.join(one.folder, 'rulewright.db'))
  file.exec(`create trigger failing before update on workspaceKey
    begin select raise(abort, 'the disk went away'); end`)
  await assert.rejects(rotateMasterSecret(one, one.caller, master), /disk went away/)
  file.exec('drop trigger failing')
  file.close()
  assert.equal(one.keys.mkId, mkId)
  await one.record('still written with the old keys')
  assert.equal((await one.keys.unseal(acme, value, sealed)).toString(), 'hunter2')
  assert.ok((await one.audit.verify()).ok)
  await one.close()
  const staged = makeMasterSecret(randomBytes)
  writeFileSync(`${one.secretFile}.next`, staged, { mode: 0o600 }) // killed before it was in force
  const reopened = await openInstance(t, one.folder)
  assert.equal(reopened.keys.mkId, mkId)
  const current = readMasterSecret(one.secretFile)
  const two = await openInstance(t, makeFolder(t))
  const own = readMasterSecret(two.secretFile)
  await assert.rejects(rotateMasterSecret(two, two.caller, own), { code: 'invalid' })
  assert.notDeepEqual(current, own)
})

test('digests of rows that decide access are written again, a forged one stays forged', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  const key = () => one.keys.purpose('row-mac')
  const save = (link: AccessLink) =>
    one.db.write(one.caller, async (tx) => {
      await tx.insertInto('accessLink').values(link).execute()
    })
  await save(withMac(key(), 'accessLink', accessLink('genuine')))
  await save({ ...withMac(key(), 'accessLink', accessLink('forged')), isAuditor: 1 })
  const read = async (name: string) => {
    const rows = one.db.read(one.caller.scope).selectFrom('accessLink').selectAll()
    const row = await rows.where('key', '=', name).executeTakeFirstOrThrow()
    return checkMac(key(), 'accessLink', row)
  }
  assert.equal((await read('genuine')).purpose, 'claim', 'the premise')
  await assert.rejects(read('forged'), { code: 'conflict' })
  const before = key()
  const master = checkMasterSecret(makeMasterSecret(randomBytes), 'a test')
  await rotateMasterSecret(one, one.caller, master)
  assert.ok(!key().equals(before))
  assert.equal((await read('genuine')).purpose, 'claim')
  await assert.rejects(read('forged'), { code: 'conflict' })
})

test('what writers record while the secret changes stays in one valid chain', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  const master = checkMasterSecret(makeMasterSecret(randomBytes), 'a test')
  const writes = Array.from({ length: 20 }, (_, index) => one.record(`before ${index}`))
  const rotation = rotateMasterSecret(one, one.caller, master)
  const more = Array.from({ length: 20 }, (_, index) => one.record(`behind ${index}`))
  await Promise.all([...writes, rotation, ...more])
  const verdict = await one.audit.verify()
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.equal(one.keys.audit.verifyKeys.length, 2)
  assert.equal(checkpointKeys(one.keys.audit).length, 2)
})

test('a workspace key is exchanged, its values are sealed again, and the old version goes after a day', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  const caller = { ...one.caller, scope: acme }
  const column = sampleColumn()
  for (const id of ['a', 'b', 'c']) {
    const sealed = await one.keys.seal(acme, { ...value, row: id }, Buffer.from(`secret ${id}`))
    await one.db.write(caller, async (tx) => {
      const row = { workspaceId: acme.workspaceId, id, name: sealed.toString('hex'), updatedAt: 1 }
      await samples(tx).insertInto('sampleRule').values(row).execute()
    })
  }
  assert.equal(await rotateWorkspaceKey(one, caller), 2)
  const cells = () => column.list(one.db.read(acme), acme.workspaceId, '', 10)
  for (const { row, sealed } of await cells()) {
    const plaintext = await one.keys.unseal(acme, { ...value, row }, sealed)
    assert.equal(plaintext.toString(), `secret ${row}`, 'the old version is still readable')
  }
  assert.equal(await resealWorkspace(one, caller, [column]), 3)
  assert.equal(await resealWorkspace(one, caller, [column]), 0, 'safe to repeat')
  const versions = () =>
    one.db.reader.prepare('select version from workspaceKey order by version').pluck().all()
  assert.deepEqual(versions(), [1, 2], 'kept for values on their way')
  one.clock.advance(DAY + 1)
  await resealWorkspace(one, caller, [column])
  assert.deepEqual(versions(), [2])
  for (const { row, sealed } of await cells()) {
    assert.equal(sealedKeyVersion(sealed), 2)
    const plaintext = await one.keys.unseal(acme, { ...value, row }, sealed)
    assert.equal(plaintext.toString(), `secret ${row}`)
  }
})

type AccessLink = ReturnType<typeof accessLink> & { readonly mac: Buffer }

function accessLink(key: string) {
  const nobody = { userId: null, workspaceId: null, email: null, role: null }
  const flags = { isApprover: 0 as 0 | 1, isAuditor: 0 as 0 | 1 }
  const made = { createdBy: 'system:test' as const, createdAt: START, expiresAt: START }
  return {
    key,
    id: `lnk_${key}` as LinkId,
    purpose: 'claim' as const,
    ...nobody,
    ...flags,
    ...made,
  }
}

function sampleColumn(): Parameters<typeof resealWorkspace>[2][number] {
  return {
    table: 'sampleRule',
    column: 'name',
    async list(db, workspaceId, after, limit) {
      const rows = await samples(db)
        .selectFrom('sampleRule')
        .select(['id', 'name'])
        .where('workspaceId', '=', workspaceId)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(({ id, name }) => ({ row: id, sealed: Buffer.from(name, 'hex') }))
    },
    async replace(tx, row, before, sealed) {
      await samples(tx)
        .updateTable('sampleRule')
        .set({ name: sealed.toString('hex') })
        .where('workspaceId', '=', tx.scope.workspaceId)
        .where('id', '=', row)
        .where('name', '=', before.toString('hex'))
        .execute()
    },
  }
}
