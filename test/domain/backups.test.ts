import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { verbsOf } from '#domain/access/permission.ts'
import { addCast } from '#cli/demo/cast.ts'
import { isMember } from '#domain/access/actions.ts'
import { Sessions } from '#domain/access/sessions.ts'
import { addUser } from '#domain/access/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { findUserByEmail } from '#domain/access/user-store.ts'
import { readAudit } from '#domain/audit/actions.ts'
import {
  createBackup,
  createScheduledBackup,
  readBackups,
  requestBackup,
} from '#domain/backups/actions.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { addWorkspace, listWorkspaces } from '#domain/workspaces/actions.ts'
import { restoreBackup, type Restored } from '#platform/backup/restore.ts'
import { openBackup, verifyBackup } from '#platform/backup/verify.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { first } from '#platform/db/steps.ts'
import type { House } from '#platform/house.ts'
import { checkMasterSecret, makeMasterSecret, readMasterSecret } from '#platform/keys/master.ts'
import { rotateMasterSecret } from '#platform/keys/rotate.ts'
import { openHouse } from '#src/app.ts'
import { fakeClock, type FakeClock } from '#test/support/clock.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { startApp } from '#test/support/start-app.ts'

test('a backup is proven when it is made, holds no secret, and comes back held with a visible gap', async (t) => {
  const data = makeFolder(t)
  const file = path.join(makeFolder(t), 'one.backup')
  const one = await open(t, data)
  await addWorkspace(one.house, one.caller(), { slug: 'acme', name: 'Acme' })
  const backup = await createBackup(one.house, one.caller(), file)
  await addWorkspace(one.house, one.caller(), { slug: 'later', name: 'Later' })
  assert.deepEqual(
    (await readBackups(one.house, one.caller())).map(({ id }) => id),
    [backup.id],
  )
  await one.close()
  const secret = readMasterSecret(path.join(data, 'master.secret'))
  const bytes = readFileSync(file)
  assert.ok(!bytes.includes(secret))
  assert.ok(!bytes.includes('acme'), 'nor anything else in the clear')
  assert.deepEqual(leftovers(data), [])

  const restored = await restore(data, file, one.clock)
  assert.ok(restored.gap > 0, 'anchors outside know more entries')
  assert.ok(restored.kept !== undefined && existsSync(path.join(restored.kept, 'rulewright.db')))
  const two = await open(t, data)
  assert.match(two.house.keys.hold!.reason, /restored from the backup of 2026-11-21/)
  assert.equal(two.house.audit.broken, undefined, 'a restore is no rollback')
  assert.ok((await two.house.audit.verify()).ok)
  const slugs = (await listWorkspaces(two.house, two.caller())).map(({ slug }) => slug)
  assert.ok(slugs.includes('acme') && !slugs.includes('later'))
  const { data: entry } = await lastEntry(two.house, 'backup.restore')
  assert.deepEqual(
    { ...entry, version: '' },
    {
      auditSize: backup.auditSize,
      createdAt: '2026-11-21T10:00:00.000Z',
      file: 'one.backup',
      gap: restored.gap,
      version: '',
    },
  )
})

test('an older copy put in place by hand after a restore is still a rollback', async (t) => {
  const data = makeFolder(t)
  const file = path.join(makeFolder(t), 'one.backup')
  const one = await open(t, data)
  await createBackup(one.house, one.caller(), file)
  await addWorkspace(one.house, one.caller(), { slug: 'later', name: 'Later' })
  await one.close()
  const { kept } = await restore(data, file, one.clock)
  cpSync(path.join(kept!, 'rulewright.db'), path.join(data, 'rulewright.db'))
  const two = await open(t, data)
  assert.equal(two.house.audit.broken?.code, 'fork')
})

test('a restore needs the secret of the backup and leaves the directory under its own', async (t) => {
  const data = makeFolder(t)
  const file = path.join(makeFolder(t), 'one.backup')
  const one = await open(t, data)
  const old = readMasterSecret(path.join(data, 'master.secret'))
  const email = 'ada@acme.example'
  await addUser(one.house, one.caller(), { email, name: 'Ada', isOwner: true })
  await createBackup(one.house, one.caller(), file)
  const fresh = makeMasterSecret(randomBytes)
  const master = checkMasterSecret(fresh, 'a test')
  await rotateMasterSecret(one.house, one.caller(), master)
  await one.close()
  rmSync(path.join(data, 'master.secret'))
  writeFileSync(path.join(data, 'master.secret'), fresh, { mode: 0o600 })
  const before = readFileSync(path.join(data, 'rulewright.db'))
  await assert.rejects(restore(data, file, one.clock), {
    code: 'invalid',
    message: /--secret-file/,
  })
  assert.deepEqual(readFileSync(path.join(data, 'rulewright.db')), before)
  await restore(data, file, one.clock, [old])
  const two = await open(t, data)
  assert.equal(two.house.audit.broken, undefined)
  assert.ok((await two.house.audit.verify()).ok)
  const { db, keys } = two.house
  const user = await findUserByEmail(db.read(two.caller().scope), keys.purpose('row-mac'), email)
  assert.ok(user?.isOwner, 'rows that decide access are genuine under the new secret')
})

test('a restore into an empty directory brings the secret along', async (t) => {
  const data = makeFolder(t)
  const file = path.join(makeFolder(t), 'one.backup')
  const one = await open(t, data)
  await createBackup(one.house, one.caller(), file)
  const secret = readMasterSecret(path.join(data, 'master.secret'))
  await one.close()
  const elsewhere = path.join(makeFolder(t), 'new')
  const restored = await restore(elsewhere, file, one.clock, [secret])
  assert.equal(restored.kept, undefined)
  const two = await open(t, elsewhere)
  assert.equal(two.house.keys.installId, one.house.keys.installId)
  assert.ok(two.house.keys.hold)
})

test('a restore beside a running server is refused, and so is a damaged backup', async (t) => {
  const data = makeFolder(t)
  const file = path.join(makeFolder(t), 'one.backup')
  const one = await open(t, data)
  await createBackup(one.house, one.caller(), file)
  await assert.rejects(restore(data, file, one.clock), { code: 'busy' })
  await one.close()
  const bytes = readFileSync(file)
  bytes[bytes.length - 500]! ^= 1
  const broken = `${file}.broken`
  writeFileSync(broken, bytes)
  const secrets = [readMasterSecret(path.join(data, 'master.secret'))]
  const derived = await openBackup(broken, secrets)
  const copy = path.join(data, 'check.tmp')
  await assert.rejects(verifyBackup(broken, copy, derived), { code: 'conflict' })
  await verifyBackup(file, copy, derived)
  await assert.rejects(restore(data, broken, one.clock), { code: 'conflict' })
  assert.deepEqual(leftovers(data), [])
  assert.equal((await open(t, data)).house.keys.hold, undefined, 'the instance is as it was')
})

test('scheduled backups keep the newest few and never remove one a person made', async (t) => {
  const data = makeFolder(t)
  const folder = path.join(makeFolder(t), 'backups')
  const { house, clock, caller } = await open(t, data)
  const mine = path.join(data, 'mine.backup')
  await createBackup(house, caller(), mine)
  const made: string[] = []
  for (let i = 0; i < 4; i++) {
    clock.advance(1_000)
    made.push((await createScheduledBackup(house, caller(), { folder, keep: 2 })).file)
  }
  assert.deepEqual(
    readdirSync(folder).map((name) => path.join(folder, name)),
    made.slice(2),
  )
  assert.ok(existsSync(mine))
  assert.equal((await readBackups(house, caller())).length, 3)
  await assert.rejects(createBackup(house, caller(), mine), { code: 'conflict' })
  const viewer = { ...caller(), verbs: new Set<string>() }
  await assert.rejects(createBackup(house, viewer, `${mine}2`), { code: 'forbidden' })
})

interface Opened {
  readonly house: House
  readonly clock: FakeClock
  readonly caller: () => ReturnType<typeof systemCaller>
  readonly close: () => Promise<void>
}

async function open(t: TestContext, data: string): Promise<Opened> {
  const clock = fakeClock()
  const { house, close } = await openHouse({ configuration: testConfiguration(data), clock })
  let closing: Promise<void> | undefined
  const once = () => (closing ??= close())
  t.after(once)
  return { house, clock, caller: () => systemCaller(house, 'test'), close: once }
}

function restore(
  data: string,
  file: string,
  clock: FakeClock,
  secrets: readonly Buffer[] = [],
): Promise<Restored> {
  const directory = describeDataDirectory(data)
  const own = existsSync(directory.masterSecret)
    ? readMasterSecret(directory.masterSecret)
    : undefined
  return restoreBackup({
    file,
    directory,
    anchorDir: path.join(data, 'anchors'),
    secrets: own ? [own, ...secrets] : secrets,
    directorySecret: own,
    caller: systemCaller({ clock, random: randomBytes }, 'test'),
    clock,
    random: randomBytes,
  })
}

async function lastEntry(house: House, action: string): Promise<{ data: Record<string, unknown> }> {
  const text = 'select "data" from "auditEntry" where "action" = ? order by "seq" desc limit 1'
  const row = await house.db.inspect(first<{ data: string }>(text, action))
  return { data: JSON.parse(row!.data) as Record<string, unknown> }
}

function leftovers(data: string): string[] {
  return readdirSync(data).filter((name) => /tmp|partial|restoring/.test(name))
}

test('a backup is asked for as a job, beside the scheduled ones, and without a schedule too', async (t) => {
  const app = await startApp(t, { env: { RULEWRIGHT_BACKUP_SCHEDULE: '' } })
  const caller = systemCaller(app.house, 'cli', 'ada')
  const id = await requestBackup(app.house, caller)
  await app.runner.drain()
  assert.equal((await app.house.jobs.find(caller.scope, id)).state, 'succeeded')
  const [backup] = await readBackups(app.house, caller)
  assert.equal(path.dirname(backup!.file), path.join(app.data, 'backups'))
  const engineer = { ...caller, verbs: verbsOf('engineer') }
  await assert.rejects(() => requestBackup(app.house, engineer), /may not do this/)
})

test('a restored instance lets nobody in who was, keeps who is who, and tells the admins', async (t) => {
  const data = makeFolder(t)
  const other = makeFolder(t)
  const file = path.join(makeFolder(t), 'one.backup')
  const one = await open(t, data)
  const sessions = new Sessions(one.house)
  const acme = await addWorkspace(one.house, one.caller(), { slug: 'acme', name: 'Acme' })
  const { ada } = await addCast(one.house, acme)
  const cookie = await sessions.start(one.caller(), { userId: ada, factors: ['password'] })
  assert.ok(await sessions.find(cookie), 'the premise')
  await createBackup(one.house, one.caller(), file)
  const old = readMasterSecret(path.join(data, 'master.secret'))
  await one.close()

  // Elsewhere, where another secret is in force.
  writeFileSync(path.join(other, 'master.secret'), makeMasterSecret(randomBytes), { mode: 0o600 })
  await restore(other, file, one.clock, [old])
  const two = await open(t, other)
  assert.equal(await new Sessions(two.house).find(cookie), undefined)
  const inside = systemCaller(two.house, 'test', undefined, acme.id)
  assert.ok(await isMember(two.house, inside, ada), 'its digest is under the new secret')
  const notices = await readNotices(two.house, two.caller(), ada)
  assert.deepEqual(
    notices.map(({ kind, data: told }) => [kind, told]),
    [['instance.restored', { workspace: 'Acme' }]],
  )
  const { items } = await readAudit(two.house, inside, {}, { limit: 10 })
  assert.ok(items.some(({ action }) => action === 'instance.restore'))
  assert.ok((await two.house.audit.verify()).ok)
})
