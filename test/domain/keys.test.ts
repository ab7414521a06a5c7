import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { systemCaller } from '#domain/access/system.ts'
import { reseal, rotateKey } from '#domain/workspaces/keys.ts'
import { INSTANCE_WORKSPACE, type MailId } from '#kernel/id.ts'
import { sealedKeyVersion } from '#kernel/seal.ts'
import { DAY } from '#kernel/time.ts'
import { makeScope } from '#platform/db/scope.ts'
import { all } from '#platform/db/steps.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const instance = makeScope(INSTANCE_WORKSPACE)
const MAILS = ['mai_1', 'mai_2', 'mai_3'] as const

test('a value swapped between rows, columns, workspaces or versions opens nowhere, and the log says so', async (t) => {
  const app = await startApp(t)
  const { house, clock } = app
  await saveMails(house)
  const sealed = await cells(house)
  for (const id of MAILS) assert.equal(await open(house, id), `mail to ${id}`, 'the premise')

  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  t.after(() => file.close())
  const put = file.prepare('update outgoingMail set sealed = ? where id = ?')
  const refused = async (what: string, attempt: () => Promise<unknown>) => {
    const before = (await tamperings(house)).length
    await assert.rejects(attempt, { name: 'AppError', code: 'conflict' }, what)
    const said = await tamperings(house)
    assert.equal(said.length, before + 1, `${what} is an entry`)
    clock.advance(61_000)
    return said.at(-1)!
  }
  put.run(sealed.get('mai_2'), 'mai_1')
  const entry = await refused('another row', () => open(house, 'mai_1'))
  assert.deepEqual(
    [entry.target, entry.workspaceId, JSON.parse(entry.data)],
    [
      'mai_1',
      INSTANCE_WORKSPACE,
      { code: 'conflict', column: 'sealed', count: 1, table: 'outgoingMail' },
    ],
  )
  put.run(sealed.get('mai_1'), 'mai_1')
  await refused('another column', () =>
    house.keys.unseal(instance, sealedPlace('totp', 'mai_1'), sealed.get('mai_1')!),
  )
  const acme = makeScope(app.acme.id)
  await house.keys.seal(acme, sealedPlace('outgoingMail', 'mai_1'), Buffer.from('a key of its own'))
  await refused('another workspace', () =>
    house.keys.unseal(acme, sealedPlace('outgoingMail', 'mai_1'), sealed.get('mai_1')!),
  )
  await rotateKey(house, systemCaller(house, 'test'))
  const moved = Buffer.from(sealed.get('mai_1')!)
  moved.writeUInt32BE(2, 1)
  put.run(moved, 'mai_1')
  await refused('another version', () => open(house, 'mai_1'))
  put.run(sealed.get('mai_1'), 'mai_1')
  file.exec(`update workspaceKey set wrapped = (select wrapped from workspaceKey
    where workspaceId = '${INSTANCE_WORKSPACE}' and version = 2)
    where workspaceId = '${INSTANCE_WORKSPACE}' and version = 1`)
  await refused('the key of another version', () => open(house, 'mai_1'))
  assert.ok((await house.audit.verify()).ok)
})

test('a new key seals everything again as a job, and the old one goes a day later', async (t) => {
  const app = await startApp(t)
  const { house, clock, runner } = app
  await saveMails(house)
  assert.equal(await rotateKey(house, systemCaller(house, 'test')), 2)
  await runner.drain()
  for (const [id, sealed] of await cells(house)) {
    assert.equal(sealedKeyVersion(sealed), 2, id)
    assert.equal(await open(house, id), `mail to ${id}`)
  }
  assert.deepEqual(await versions(house), [1, 2])
  clock.advance(DAY + 120_000)
  await reseal(house, systemCaller(house, 'test'), t.signal)
  assert.deepEqual(await versions(house), [2])
  assert.deepEqual(
    (await entries(house, "action like 'workspace.%_key'")).map(({ action, data }) => [
      action,
      data,
    ]),
    [
      ['workspace.rotate_key', '{"version":2}'],
      ['workspace.drop_key', '{"version":1}'],
    ],
  )
})

test('a value that does not open keeps the old key, and only who may makes a new one', async (t) => {
  const app = await startApp(t)
  const { house, clock } = app
  await saveMails(house)
  const caller = () => systemCaller(house, 'test')
  await rotateKey(house, caller())
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  file.exec("update outgoingMail set sealed = zeroblob(80) where id = 'mai_2'")
  file.close()
  clock.advance(DAY + 120_000)
  await assert.rejects(reseal(house, caller(), t.signal), { code: 'conflict' })
  assert.deepEqual(await versions(house), [1, 2])
  await assert.rejects(rotateKey(house, { ...caller(), verbs: new Set() }), { code: 'forbidden' })
})

async function saveMails(house: House): Promise<void> {
  for (const id of MAILS) {
    const text = Buffer.from(`mail to ${id}`)
    const sealed = await house.keys.seal(instance, sealedPlace('outgoingMail', id), text)
    await house.db.write({ scope: instance }, async (tx) => {
      const row = { id: id as string as MailId, kind: 'test', sealed, createdAt: house.clock.now() }
      await tx.insertInto('outgoingMail').values(row).execute()
    })
  }
}

async function cells(house: House): Promise<Map<string, Buffer>> {
  const rows = await house.db.read(instance).selectFrom('outgoingMail').selectAll().execute()
  return new Map(rows.map(({ id, sealed }) => [id, sealed]))
}

async function open(house: House, id: string): Promise<string> {
  const sealed = (await cells(house)).get(id)!
  return (await house.keys.unseal(instance, sealedPlace('outgoingMail', id), sealed)).toString()
}

interface Said {
  readonly workspaceId: string
  readonly action: string
  readonly target: string
  readonly data: string
}

// Behind the next write, so that what was recorded on the side is there.
async function entries(house: TestApp['house'], where: string): Promise<readonly Said[]> {
  await house.db.write({ scope: instance }, async () => {})
  return house.db.inspect(all<Said>(`select * from "auditEntry" where ${where} order by "seq"`))
}

const tamperings = (house: House) => entries(house, "action = 'secret.open'")

async function versions(house: House): Promise<readonly number[]> {
  const text = 'select "version" from "workspaceKey" where "workspaceId" = ? order by "version"'
  const rows = await house.db.inspect(all<{ version: number }>(text, INSTANCE_WORKSPACE))
  return rows.map(({ version }) => version)
}
