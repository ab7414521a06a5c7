import assert from 'node:assert/strict'
import test from 'node:test'
import { WorkspaceScope } from '#platform/db/scope.ts'
import { acme, globex, makeWorld } from '#test/support/database.ts'
import { allowed, refused, type SampleDb } from '#test/support/guard-cases.ts'

test('the guard lets through what is proven to stay in the workspace, and SQLite runs it', async (t) => {
  const { db } = await makeWorld(t)
  for (const [name, build] of Object.entries(allowed)) {
    await db
      .write({ scope: acme }, (tx) => build(tx as unknown as SampleDb).execute())
      .catch((error) => assert.fail(`${name}: ${error}`))
  }
})

test('the guard refuses everything else', async (t) => {
  const { db } = await makeWorld(t)
  for (const [name, build] of Object.entries(refused)) {
    await assert.rejects(
      db.write({ scope: acme }, async (tx) => build(tx as unknown as SampleDb).execute()),
      { name: 'Bug' },
      name,
    )
  }
})

test('a query built or compiled on another workspace does not run', async (t) => {
  const { db } = await makeWorld(t)
  const compiled = (db.read(globex) as unknown as SampleDb)
    .selectFrom('sampleRule')
    .selectAll()
    .where('workspaceId', '=', 'wsp_globex')
    .compile()
  await assert.rejects(
    (db.read(acme) as unknown as SampleDb).executeQuery(compiled),
    /not built on this handle/,
  )
})

test('a scope cannot be made by hand', async (t) => {
  const { db } = await makeWorld(t)
  assert.throws(() => new WorkspaceScope(Symbol('made by platform/db'), 'wsp_acme'))
  const forged = { workspaceId: 'wsp_acme' } as WorkspaceScope
  assert.throws(() => db.read(forged), /not a WorkspaceScope/)
  assert.throws(
    () => db.read(Object.create(WorkspaceScope.prototype, { workspaceId: { value: 'wsp_acme' } })),
    /not a WorkspaceScope/,
  )
  await assert.rejects(
    db.write({ scope: forged }, async () => {}),
    /not a WorkspaceScope/,
  )
})
