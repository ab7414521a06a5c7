import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { EXPORT_ACTION, exportCsv, exportLines } from '#platform/audit/export.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import { verifyExport } from '#platform/audit/verify-export.ts'
import { acme, globex, makeFolder } from '#test/support/database.ts'
import { openInstance, type TestInstance } from '#test/support/trust.ts'

test('an export of one workspace verifies alone and holds nothing of another', async (t) => {
  const one = await grown(t)
  const lines = await exported(one)
  const verdict = await verify(lines, one)
  assert.ok(verdict.ok, JSON.stringify(verdict))
  const { first, last, workspaceId, size } = verdict
  assert.deepEqual([first, last, workspaceId, size], [1, 61, 'wsp_acme', 122])
  assert.ok(!lines.some((line) => line.includes('wsp_globex')))
})

test('whatever is changed in an export is seen', async (t) => {
  const one = await grown(t)
  const lines = await exported(one)
  const edits: Record<string, (lines: string[]) => string[]> = {
    'another actor': (all) => all.with(5, all[5]!.replace('system:test', 'system:eve')),
    'another time': (all) => all.with(5, all[5]!.replace('10:00:00.000Z', '11:00:00.000Z')),
    'an entry left out': (all) => all.toSpliced(7, 1),
    'two entries swapped': (all) => all.with(7, all[8]!).with(8, all[7]!),
    'an entry twice': (all) => all.toSpliced(7, 0, all[7]!),
    'cut off': (all) => all.slice(0, 30),
    'cut off and closed again': (all) => [
      all[0]!.replace('"count":61', '"count":20').replace('"last":61', '"last":20'),
      ...all.slice(1, 21),
      '{"kind":"end","count":20}',
    ],
    'a hash of its own': (all) => all.with(5, all[5]!.replace(/"leaf":"../, '"leaf":"00')),
    'no checkpoint': (all) =>
      all.with(0, all[0]!.replace(/"checkpoint":"[^"]*"/, '"checkpoint":null')),
    'more behind the end': (all) => [...all, all[5]!],
    'no end': (all) => all.slice(0, -1),
    'not JSON': (all) => all.with(3, 'x'),
  }
  for (const [name, edit] of Object.entries(edits)) {
    const edited = edit([...lines])
    assert.notDeepEqual(edited, lines, `the premise of ${name}`)
    assert.ok(!(await verify(edited, one)).ok, name)
  }
  const stranger = generateKeyPairSync('ed25519').publicKey
  const { origin } = one.keys.audit
  const others = { origin, verifyKeys: [{ fromSeq: 1, key: stranger }] }
  assert.ok(!(await verifyExport(linesOf(lines), { keys: others })).ok, 'keys of somebody else')
})

test('after retention and an erasure the rest still verifies', async (t) => {
  const one = await grown(t)
  const actor = 'system:ada' as const
  const personal = { name: 'Ada', ip: '192.0.2.7' }
  const caller = { ...one.caller, actor, personal, scope: acme }
  await one.record('with a name', caller)
  const by = { at: 1, actor: 'usr_ada', requestId: 'req_1' }
  const [size] = one.db.reader
    .prepare('select min(size) from auditCheckpoint where size > 50')
    .pluck()
    .all() as number[]
  await one.db.write(one.caller, (tx) => pruneLog(tx, one.keys.audit, size!, by))
  const before = await exported(one)
  assert.ok((await verify(before, one)).ok)
  assert.ok(
    before.some((line) => line.includes('192.0.2.7')),
    'the premise',
  )
  await one.db.write(caller, (tx) => one.audit.erasePersonal(tx, one.caller, actor))
  const after = await exported(one)
  assert.ok((await verify(after, one)).ok)
  assert.ok(!after.some((line) => line.includes('192.0.2.7')))
})

test('a spreadsheet gets text, never a formula', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  const caller = { ...one.caller, scope: acme }
  for (const target of ['=1+1', '@SUM(A1)', 'with "quotes", and\nlines']) {
    await one.record(target, caller)
  }
  const lines: string[] = []
  for await (const line of exportCsv(one.db, acme.workspaceId)) lines.push(line)
  assert.equal(lines.length, 4)
  assert.match(lines[1]!, /,'=1\+1,/)
  assert.match(lines[2]!, /,'@SUM\(A1\),/)
  assert.match(lines[3]!, /,"with ""quotes"", and\nlines",/)
})

// 120 entries of two workspaces in turn, signed on the way and at the end.
async function grown(t: Parameters<typeof openInstance>[0]): Promise<TestInstance> {
  const one = await openInstance(t, makeFolder(t))
  for (let i = 0; i < 120; i++) {
    await one.record(`rul_${i}`, { ...one.caller, scope: i % 2 === 0 ? acme : globex })
    if (i % 30 === 29) await one.audit.checkpoint()
  }
  return one
}

async function exported(one: TestInstance): Promise<string[]> {
  const caller = { ...one.caller, scope: acme }
  await one.db.write(caller, (tx) =>
    one.audit.record(tx, caller, { action: EXPORT_ACTION, target: 'wsp_acme', data: {} }),
  )
  await one.audit.checkpoint()
  const lines: string[] = []
  const options = {
    workspaceId: acme.workspaceId,
    keys: one.keys.audit,
    exportedAt: one.clock.now(),
  }
  for await (const line of exportLines(one.db, options)) lines.push(line)
  return lines
}

function verify(lines: readonly string[], one: TestInstance) {
  return verifyExport(linesOf(lines), { keys: one.keys.audit })
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}
