import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { verifyLog } from '#platform/audit/verify.ts'
import type { Tx } from '#platform/db/tx.ts'
import {
  acme,
  globex,
  keys,
  makeWorld,
  ruleIds,
  samples,
  saveRule,
} from '#test/support/database.ts'

const caller = { scope: acme }
/** A busy machine must not end a group early. */
const ONE_GROUP = { groupMsMax: Infinity }

test('a thousand writes that wait and throw at random: acknowledged ones are there, others not', async (t) => {
  const { db } = await makeWorld(t)
  const done: string[] = []
  const failed: string[] = []
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, i) => {
      const id = `rul_${i}`
      const fate = randomInt(6)
      await sleep(randomInt(20))
      try {
        await db.write({ scope: i % 3 ? acme : globex }, async (tx) => {
          for (let ticks = randomInt(5); ticks > 0; ticks--) await Promise.resolve()
          if (fate === 0) throw new Error('before')
          await saveRule(tx, id)
          if (fate === 1) throw new Error('after')
          if (fate === 2) await Promise.all([saveRule(tx, `${id}a`), saveRule(tx, `${id}b`)])
          if (fate === 3) await sleep(1)
          if (fate === 4) await saveRule(tx, id) // breaks the primary key
        })
        done.push(id, ...(fate === 2 ? [`${id}a`, `${id}b`] : []))
      } catch {
        failed.push(id)
      }
    }),
  )
  assert.deepEqual(ruleIds(db).sort(), done.sort())
  assert.ok(failed.length > 300 && done.length > 300, 'the premise: both happened')
  const verdict = await verifyLog(db, keys)
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.equal(verdict.rows, done.length)
})

test('writes that arrive together share a commit; a body that throws leaves the others alone', async (t) => {
  const { db } = await makeWorld(t, ONE_GROUP)
  const order: string[] = []
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((id) =>
      db
        .write(caller, async (tx) => {
          tx.afterCommit(() => order.push(`hook ${id}`))
          await saveRule(tx, id)
          order.push(`body ${id}`)
          if (id === 'b') throw new Error('no')
          return id
        })
        .then(
          (value) => order.push(`answer ${value}`),
          () => order.push(`refusal ${id}`),
        ),
    ),
  )
  assert.equal(results.length, 3)
  assert.deepEqual(
    order,
    [
      'body a',
      'body b',
      'body c',
      'hook a',
      'hook b',
      'hook c',
      'answer a',
      'refusal b',
      'answer c',
    ].filter((step) => step !== 'hook b'),
  )
  assert.deepEqual(ruleIds(db), ['a', 'c'])
})

test('heavy bodies are spread over turns of the event loop, so that others get theirs', async (t) => {
  const { db } = await makeWorld(t)
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const heavy = Array.from({ length: 40 }, (_, index) =>
    db.write(caller, async (tx) => {
      for (const begun = performance.now(); performance.now() - begun < 2;);
      await saveRule(tx, `rul_${index}`)
    }),
  )
  await Promise.all(heavy)
  isOver = true
  // 40 bodies of 2 ms in groups of about 8 ms; in one group there would be two turns or three.
  assert.ok(turns >= 6, `${turns} turns`)
})

test('a body that awaits a timer, a file, a tick or another write is stopped and rolled back', async (t) => {
  const { db } = await makeWorld(t)
  const waits: Record<string, () => Promise<unknown>> = {
    timer: () => sleep(0),
    file: () => import('node:fs/promises').then((fs) => fs.stat('.')),
    tick: () => new Promise<void>((resolve) => process.nextTick(resolve)),
    immediate: () => new Promise((resolve) => setImmediate(resolve)),
    never: () => new Promise(() => {}),
  }
  for (const [name, wait] of Object.entries(waits)) {
    const slow = db.write(caller, async (tx) => {
      await saveRule(tx, name)
      await wait()
    })
    const beside = db.write(caller, (tx) => saveRule(tx, `beside ${name}`))
    await assert.rejects(slow, /may await only its own queries/, name)
    await beside
  }
  assert.deepEqual(
    ruleIds(db).sort(),
    Object.keys(waits)
      .map((name) => `beside ${name}`)
      .sort(),
  )
  assert.ok((await verifyLog(db, keys)).ok)
})

test('inside a body no outer handle works, and none can wait for ever', async (t) => {
  const { db } = await makeWorld(t)
  const nested = db.write(caller, async () => db.write(caller, async () => 1))
  await assert.rejects(nested, /would wait for itself/)
  const outerRead = db.write(caller, () =>
    samples(db.read(acme))
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', 'wsp_acme')
      .execute(),
  )
  await assert.rejects(outerRead, /use its tx/)
  // The same by type: a store that writes takes a Tx, and the reader is none.
  // @ts-expect-error
  const asTx: Tx = db.read(acme)
  await assert.rejects(
    () =>
      samples(asTx)
        .insertInto('sampleRule')
        .values({ workspaceId: 'wsp_acme', id: 'x', name: 'x', updatedAt: 1 })
        .execute(),
    /readonly/,
  )
})

test('a tx is dead after its body, and a query the body forgot shares its fate', async (t) => {
  const { db } = await makeWorld(t)
  let kept: Tx | undefined
  let forgotten: Promise<unknown> | undefined
  const failed = db.write(caller, async (tx) => {
    kept = tx
    forgotten = saveRule(tx, 'forgotten').catch(() => {})
    throw new Error('no')
  })
  const next = db.write(caller, () => assert.rejects(saveRule(kept!, 'late'), /this tx is over/))
  await assert.rejects(failed, /no/)
  await next
  await forgotten
  assert.deepEqual(ruleIds(db), [])
})

test('a body can neither end the transaction nor run on after SQLite ended it', async (t) => {
  const { db } = await makeWorld(t)
  for (const text of [
    'commit',
    '/**/ commit',
    'rollback',
    'release body',
    'savepoint x',
    'pragma synchronous = 0',
    'vacuum',
  ]) {
    await assert.rejects(
      db.write(caller, (tx) => sql.raw(text).execute(tx)),
      /only select, insert/,
      text,
    )
  }
  await assert.rejects(
    db.write(caller, async (tx) =>
      (tx as never as { transaction(): { execute(body: unknown): Promise<void> } })
        .transaction()
        .execute(async () => {}),
    ),
    /the writer owns transactions/,
  )
})

test('a commit that fails fails every write of its group, and nobody is answered before', async (t) => {
  const { db, folder } = await makeWorld(t, ONE_GROUP)
  const outside = new Sqlite(join(folder, 'rulewright.db'))
  // A deferred key is checked by COMMIT. (The schema has none: one body would fail its neighbours.)
  outside.exec('create table parent (id integer primary key) strict; drop table sampleSetting')
  outside.exec(
    'create table sampleSetting (name text primary key, value integer references parent deferrable initially deferred)',
  )
  outside.close()
  let hooks = 0
  const writes = ['a', 'b', 'c'].map((id) =>
    db.write(caller, async (tx) => {
      tx.afterCommit(() => hooks++)
      await saveRule(tx, id)
      if (id === 'b')
        await samples(tx).insertInto('sampleSetting').values({ name: 'x', value: '1' }).execute()
    }),
  )
  for (const result of await Promise.allSettled(writes)) {
    assert.equal(result.status, 'rejected')
    assert.match(String(result.reason), /group of this write was rolled back/)
  }
  await db.write(caller, (tx) => saveRule(tx, 'after'))
  assert.deepEqual(ruleIds(db), ['after'])
  assert.equal(hooks, 0)
})
