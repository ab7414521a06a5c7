// A change of the master secret, killed at any moment: the instance opens with the old secret or with
// the new one, whichever is in force, and everything that either protects is as it was.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { addUser } from '#domain/access/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { findUserByEmail } from '#domain/access/user-store.ts'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import { makeScope } from '#platform/db/scope.ts'
import { makeMasterSecret } from '#platform/keys/master.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { openHouse } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { start } from '#test/support/process.ts'

/** Behind the moment the new secret lies on the disk; before it nothing has happened yet. */
const KILLS_MS = [0, 5, 15, 40, 80, 120, 200, 400]
const instance = makeScope(INSTANCE_WORKSPACE)
const place = sealedPlace('outgoingMail', 'mai_1')
const email = 'ada@acme.example'

test('a new master secret killed at any moment is in force everywhere or nowhere', async (t) => {
  const data = makeFolder(t)
  const sealed = await makeInstance(data)
  let changed = 0
  for (const afterMs of KILLS_MS) {
    const copy = makeFolder(t)
    cpSync(data, copy, { recursive: true })
    await killRotation(t, copy, afterMs)
    const { house, close } = await openHouse({ configuration: testConfiguration(copy) })
    assert.equal(house.audit.broken, undefined)
    const verdict = await house.audit.verify()
    assert.ok(verdict.ok, JSON.stringify(verdict))
    assert.equal((await house.keys.unseal(instance, place, sealed)).toString(), 'hunter2')
    const user = await findUserByEmail(
      house.db.read(instance),
      house.keys.purpose('row-mac'),
      email,
    )
    assert.equal(user?.email, email, 'the digest of a person is genuine')
    if (isChanged(copy)) changed += 1
    await close()
  }
  t.diagnostic(`${changed} of ${KILLS_MS.length} were in force when the kill came`)
})

async function makeInstance(data: string): Promise<Buffer> {
  const { house, close } = await openHouse({ configuration: testConfiguration(data) })
  const input = { email, name: 'Ada', isOwner: true }
  await addUser(house, systemCaller(house, 'test'), input)
  const sealed = await house.keys.seal(instance, place, Buffer.from('hunter2'))
  // Enough keys that the transaction takes a while.
  for (let i = 0; i < 300; i++) {
    await house.keys.seal(makeScope(`wsp_${i}`), place, Buffer.from('hunter2'))
  }
  await close()
  return sealed
}

async function killRotation(t: TestContext, data: string, afterMs: number): Promise<void> {
  const fresh = path.join(data, 'new.secret')
  writeFileSync(fresh, makeMasterSecret(randomBytes), { mode: 0o600 })
  const argv = ['secret', 'rotate', '--new-file', fresh, '--data', data]
  const { child, ended } = start(t, argv, { cwd: data })
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  while (!isOver() && !existsSync(path.join(data, 'master.secret.next'))) await sleep(1)
  await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
}

/** The start finishes an exchange that the kill cut short: the old secret then lies beside. */
function isChanged(data: string): boolean {
  return readdirSync(data).some((name) => name.startsWith('master.secret.old-'))
}
