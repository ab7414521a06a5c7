// What the API says of the log, judged by the second verifier alone: it knows the public keys and
// nothing of the product.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { isGrownFrom, openNote, rootByPath } from '#test/platform/audit/second-verifier.ts'
import { trustedOf } from '#test/platform/audit/trusted.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp } from '#test/support/start-app.ts'

interface Checkpoint {
  readonly size: number
  readonly note: string
}

interface Proof {
  readonly entry: { readonly seq: number; readonly action: string }
  readonly text: string
  readonly personalText: string | null
  readonly salt: string | null
  readonly proof: {
    readonly leaf: string
    readonly path: readonly string[]
    readonly checkpoint: Checkpoint
  } | null
}

const bytes = (path: readonly string[]) => path.map((hash) => Buffer.from(hash, 'hex'))
const sha256 = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

test('proofs from the API convince a verifier that shares no code with it', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['audit:read'] })
  const read = async <T>(path: string) => {
    const answer = await call(path)
    assert.equal(answer.status, 200, path)
    return (await answer.json()) as T
  }
  const caller = systemCaller(house, 'test', undefined, app.acme.id)
  const personal = { name: 'Ada', ip: '192.0.2.7' }
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 7; i++)
      await house.db.write(caller, (tx) =>
        house.audit.record(tx, caller, { action: 'test.act', target: 'x', data: {}, personal }),
      )
    await house.audit.checkpoint()
  }
  const trusted = trustedOf(house.keys.audit, false)
  const { items } = await read<{ items: { seq: number }[] }>('/audit?limit=10')
  assert.equal(items.length, 10)
  for (const { seq } of items) {
    const { text, personalText, salt, proof } = await read<Proof>(`/audit/proof?seq=${seq}`)
    const { leaf, path, checkpoint } = proof!
    const note = openNote(checkpoint.note, trusted)!
    assert.equal(sha256('\0', text).toString('hex'), leaf)
    const root = rootByPath(seq, note.size, Buffer.from(leaf, 'hex'), bytes(path))
    assert.ok(root.equals(note.root), `entry ${seq}`)
    const said = JSON.parse(text) as { seq: number; personal: string }
    const commitment = sha256(Buffer.from(salt!, 'hex'), personalText!).toString('hex')
    assert.deepEqual([said.seq, said.personal], [seq, commitment])
  }
  const { items: kept } = await read<{ items: Checkpoint[] }>('/audit/checkpoints')
  assert.ok(kept.length >= 3, 'the premise')
  for (const old of kept) {
    const told = await read<{ checkpoint: Checkpoint; path: string[] }>(
      `/audit/continuation?size=${old.size}`,
    )
    const [then, now] = [old.note, told.checkpoint.note].map((note) => openNote(note, trusted)!)
    assert.ok(isGrownFrom(then!, now!, bytes(told.path)), `from ${old.size}`)
  }
})
