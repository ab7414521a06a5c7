// The audit log at a million entries: appending, walking it all, the start, a proof, a person erased.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemCaller } from '#domain/access/system.ts'
import { startApp } from '#src/app.ts'
import { readAuditEntry, verifyAuditLog } from '#domain/audit/actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import type { Bench, Print } from './bench.ts'

const ENTRIES = 1_000_000
/** Entries of one body: as many as a checkpoint has, so that checkpoints lie as close as they would. */
const BODY = 256

export const bench: Bench = {
  name: 'audit',
  async run(print) {
    const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    try {
      const configuration = testConfiguration(folder, { RULEWRIGHT_LOG_LEVEL: 'error' })
      const app = await startApp({ configuration })
      await fill(print, app.house)
      await measure(print, app.house)
      await app.stop()
      const startedAt = performance.now()
      const again = await startApp({ configuration })
      const answer = await fetch(`${again.url}/readyz`)
      if (!answer.ok) throw new Error(`not ready: ${answer.status}`)
      print(`start with ${ENTRIES} entries, to serving`, ms(startedAt), '< 3,000 ms')
      await again.stop()
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function fill(print: Print, house: House): Promise<void> {
  const startedAt = performance.now()
  for (let done = 0; done < ENTRIES; done += BODY) {
    const caller = callerOf(house, done % (BODY * 100) === 0 ? 'system:ada' : 'system:ravi')
    await house.db.write(caller, async (tx) => {
      for (let i = 0; i < BODY; i++) {
        const target = `rul_${(done + i) % 5_000}`
        await house.audit.record(tx, caller, {
          action: 'rule.update',
          target,
          data: { version: i },
        })
      }
    })
    await house.audit.checkpoint()
  }
  print('entries appended, 256 a commit, each commit signed', rate(ENTRIES, startedAt))
}

async function measure(print: Print, house: House): Promise<void> {
  const { signal } = new AbortController()
  let startedAt = performance.now()
  const size = await verifyAuditLog(house, callerOf(house, 'system:ada'), signal)
  print(`walking ${size} entries, in its thread`, rate(size, startedAt), '> 50,000/s')
  const seqs = [3, 77_777, size / 2, size - 10].map(Math.floor)
  startedAt = performance.now()
  for (const seq of seqs) await readAuditEntry(house, callerOf(house, 'system:ada'), seq)
  const each = (performance.now() - startedAt) / seqs.length
  print('one entry with its proof', `${each.toFixed(1)} ms`)
  const caller = callerOf(house, 'system:ada')
  startedAt = performance.now()
  const erased = await house.db.write(caller, (tx) =>
    house.audit.erasePersonal(tx, caller, 'system:ada'),
  )
  print(`erasing a person of ${erased} entries`, ms(startedAt))
}

function callerOf(house: House, actor: Caller['actor']): Caller {
  const personal = { name: 'Ada Lovelace', ip: '192.0.2.7' }
  return { ...systemCaller(house, 'bench'), actor, personal }
}

const rate = (count: number, startedAt: number): string =>
  `${((count * 1_000) / (performance.now() - startedAt)).toFixed(0)}/s`

const ms = (startedAt: number): string => `${(performance.now() - startedAt).toFixed(0)} ms`
