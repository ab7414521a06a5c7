// The PostgreSQL engine keeps the promises of the embedded one: the same migrations, walls, write
// bodies and audit log, on a real server.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { appendEntry, erasePersonal } from '#platform/audit/log.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import { writeCheckpoint } from '#platform/audit/signing.ts'
import { verifyLog } from '#platform/audit/verify.ts'
import { PRODUCT_SCHEMA, type Database } from '#platform/db/database.ts'
import { connectWriter } from '#platform/db/engine/postgres/connect.ts'
import { openPostgres } from '#platform/db/engine/postgres/database.ts'
import { readSchema } from '#platform/db/engine/postgres/schema.ts'
import { describedSchema } from '#platform/db/schema.ts'
import { all } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import {
  acme,
  entry,
  globex,
  keys,
  samples,
  SAMPLE_SCHEMA,
  saveRule,
} from '#test/support/database.ts'
import { allowed, refused, type SampleDb } from '#test/support/guard-cases.ts'
import {
  makePostgresWorld,
  openSamplePostgres,
  startPostgres,
  type PostgresServer,
} from '#test/support/postgres.ts'

const caller = { scope: acme }
const by = { at: 1_790_000_000_001, actor: 'usr_ada', requestId: 'req_2' }
let server: PostgresServer | undefined

before(async () => {
  server = await startPostgres()
})
after(() => server?.stop())

function pgTest(
  name: string,
  body: (t: test.TestContext, server: PostgresServer) => Promise<void>,
): void {
  void test(name, async (t) => {
    if (server) await body(t, server)
    else t.skip('no PostgreSQL server can be started here')
  })
}

async function ruleIds(db: Database): Promise<string[]> {
  const rows = await db.inspect(all<{ id: string }>('select "id" from "sampleRule" order by "id"'))
  return rows.map(({ id }) => id)
}

pgTest('the product migrates to exactly what tables.ts describes', async (t, server) => {
  const address = server.newAddress()
  await (await openPostgres(address)).close()
  await (await openPostgres(address)).close()
  const client = await connectWriter(address)
  t.after(() => client.end())
  assert.deepEqual(await readSchema(client), describedSchema(PRODUCT_SCHEMA.tables))
})

pgTest(
  'a newer schema is refused, and a migration that fails leaves the one before',
  async (t, server) => {
    const address = server.newAddress()
    await (await openSamplePostgres(address)).close()
    await assert.rejects(openPostgres(address), { code: 'unsupported' })
    const broken = {
      ...SAMPLE_SCHEMA,
      migrations: [
        ...SAMPLE_SCHEMA.migrations,
        {
          number: 9_001,
          name: 'broken',
          up: async (db: Parameters<(typeof SAMPLE_SCHEMA.migrations)[0]['up']>[0]) => {
            await db.schema.createTable('half').addColumn('x', 'text').execute()
            throw new Error('power is gone')
          },
        },
      ],
    }
    await assert.rejects(openPostgres(address, { schema: broken }), /power is gone/)
    const client = await connectWriter(address)
    t.after(() => client.end())
    assert.deepEqual(await readSchema(client), describedSchema(SAMPLE_SCHEMA.tables))
  },
)

pgTest('a second server on the same schema is refused while the first lives', async (t, server) => {
  const { address, db } = await makePostgresWorld(t, server)
  await assert.rejects(openSamplePostgres(address), { code: 'busy' })
  await db.close()
  await (await openSamplePostgres(address)).close()
})

pgTest('the walls let through and refuse the same queries as on SQLite', async (t, server) => {
  const { db } = await makePostgresWorld(t, server)
  for (const [name, build] of Object.entries(allowed)) {
    if (name === 'insert or ignore') continue // SQLite's spelling; stores write on conflict do nothing
    await db
      .write(caller, async (tx) => {
        await build(tx as unknown as SampleDb).execute()
        throw new Undo()
      })
      .catch((error) => assert.ok(error instanceof Undo, `${name}: ${error}`))
  }
  for (const [name, build] of Object.entries(refused)) {
    await assert.rejects(
      db.write(caller, async (tx) => build(tx as unknown as SampleDb).execute()),
      { name: 'Bug' },
      name,
    )
  }
})

class Undo extends Error {}

pgTest('several statements in one text do not run', async (t, server) => {
  const { db } = await makePostgresWorld(t, server)
  const { sql } = await import('kysely')
  await assert.rejects(
    db.write(caller, (tx) => sql.raw('select 1; select 2').execute(tx)),
    /multiple commands/,
  )
})

pgTest(
  'a hundred writes that throw at random: acknowledged ones are there, others not',
  async (t, server) => {
    const { db } = await makePostgresWorld(t, server)
    const done: string[] = []
    let failed = 0
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const id = `rul_${String(i).padStart(3, '0')}`
        try {
          await db.write({ scope: i % 3 ? acme : globex }, async (tx) => {
            await saveRule(tx, id)
            if (i % 5 === 1) throw new Error('after')
            if (i % 5 === 2) await Promise.all([saveRule(tx, `${id}a`), saveRule(tx, `${id}b`)])
            if (i % 5 === 3) await saveRule(tx, id).catch(() => {}) // breaks the key and swallows it
          })
          done.push(id, ...(i % 5 === 2 ? [`${id}a`, `${id}b`] : []))
        } catch {
          failed += 1
        }
      }),
    )
    assert.deepEqual(await ruleIds(db), done.toSorted())
    assert.equal(failed, 40, 'the premise')
    const verdict = await verifyLog(db, keys)
    assert.ok(verdict.ok, JSON.stringify(verdict))
    assert.equal(verdict.rows, done.length)
  },
)

pgTest(
  'a tx dies with its body; outer handles and foreign waits are refused inside one',
  async (t, server) => {
    const { db } = await makePostgresWorld(t, server, { bodyTimeoutMs: 200 })
    let kept: Tx | undefined
    await db.write(caller, async (tx) => {
      kept = tx
    })
    await assert.rejects(saveRule(kept!, 'late'), /this tx is over/)
    await assert.rejects(
      db.write(caller, () => db.write(caller, async () => 1)),
      /would wait for itself/,
    )
    const outer = () =>
      samples(db.read(acme))
        .selectFrom('sampleRule')
        .selectAll()
        .where('workspaceId', '=', 'wsp_acme')
    await assert.rejects(
      db.write(caller, () => outer().execute()),
      /use its tx/,
    )
    await assert.rejects(
      db.write(caller, async (tx) => {
        await saveRule(tx, 'slow')
        await sleep(1_000)
      }),
      /may await only its own queries/,
    )
    assert.deepEqual(await outer().execute(), [])
    await assert.rejects(
      samples(db.read(acme) as Tx)
        .insertInto('sampleRule')
        .values({ workspaceId: 'wsp_acme', id: 'x', name: 'x', updatedAt: 1 })
        .execute(),
      /read-only/,
    )
  },
)

pgTest(
  'the audit log appends, erases, signs, prunes and verifies as on SQLite',
  async (t, server) => {
    const { db, address } = await makePostgresWorld(t, server)
    const notes: string[] = []
    for (let i = 0; i < 2; i++) {
      await db.write(caller, (tx) =>
        Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            appendEntry(tx, keys, entry({ target: `rul_${n}` })),
          ),
        ),
      )
      notes.push((await db.write(caller, (tx) => writeCheckpoint(tx, keys, 1)))!.note)
    }
    await db.write(caller, (tx) => erasePersonal(tx, keys, 'usr_ada', by))
    await db.write(caller, (tx) => pruneLog(tx, keys, 20, by))
    const verdict = await verifyLog(db, keys, { notes })
    assert.ok(verdict.ok, JSON.stringify(verdict))
    assert.equal(verdict.rows, 22)

    const client = new pg.Client({
      connectionString: address.url,
      options: `-c search_path=${address.schema}`,
    })
    await client.connect()
    t.after(() => client.end())
    for (const text of [
      `update "auditEntry" set "actor" = 'x'`,
      `update "auditEntry" set "personal" = '1'`,
      'delete from "auditEntry"',
    ]) {
      await assert.rejects(client.query(text), /append-only/, text)
    }
    await client.query('alter table "auditEntry" disable trigger user')
    await client.query(`update "auditEntry" set "actor" = 'usr_eve' where "seq" = 25`)
    const broken = await verifyLog(db, keys, { notes })
    assert.ok(!broken.ok && broken.seq === 25 && broken.code === 'leaf', JSON.stringify(broken))
  },
)

pgTest(
  'when the server goes away writes are refused, and come back by themselves',
  async (t, server) => {
    const events: string[] = []
    const { db } = await makePostgresWorld(t, server, {
      probeEveryMs: 50,
      report: (event) => events.push(event),
    })
    await db.write(caller, (tx) => saveRule(tx, 'before'))
    await server.restart()
    await assert.rejects(
      db.write(caller, (tx) => saveRule(tx, 'lost')),
      { code: 'busy' },
    )
    for (let waited = 0; db.isReadOnly; waited += 20) {
      assert.ok(waited < 20_000, 'it did not recover')
      await sleep(20)
    }
    await db.write(caller, (tx) => saveRule(tx, 'after'))
    assert.deepEqual(await ruleIds(db), ['after', 'before'])
    assert.deepEqual(events, ['read_only', 'recovered'])
    assert.ok((await verifyLog(db, keys)).ok)
  },
)
