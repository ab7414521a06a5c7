// A backup of a database of 1 GB: the copy, the encryption and the trial restore, and how the event
// loop of the server fares meanwhile.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Sqlite from 'better-sqlite3'
import { systemCaller } from '#domain/access/system.ts'
import { createBackup } from '#domain/backups/actions.ts'
import { openBackup, verifyBackup } from '#platform/backup/verify.ts'
import { readMasterSecret } from '#platform/keys/master.ts'
import { openHouse } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import type { Bench } from './bench.ts'

const GB = 1_000_000_000
const PADDING_BYTES = 10_000_000

export const bench: Bench = {
  name: 'backup of 1 GB',
  async run(print) {
    const data = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    try {
      await measure(data, print)
    } finally {
      rmSync(data, { recursive: true, force: true })
    }
  },
}

async function measure(data: string, print: Parameters<Bench['run']>[0]): Promise<void> {
  const configuration = testConfiguration(data)
  await (await openHouse({ configuration })).close()
  fill(path.join(data, 'rulewright.db'))
  const { house, close } = await openHouse({ configuration })
  const file = path.join(data, 'one.backup')
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  const began = performance.now()
  const { sizeBytes } = await createBackup(house, systemCaller(house, 'bench'), file)
  const createMs = performance.now() - began
  lag.disable()
  await close()
  print('size of the backup', `${(sizeBytes / 1e6).toFixed(0)} MB`)
  print('create: copy, encrypt, restore on trial', seconds(createMs))
  print('  per second', `${(sizeBytes / 1e3 / createMs).toFixed(0)} MB/s`)
  print('event loop lag p99 meanwhile', `${(lag.percentile(99) / 1e6).toFixed(1)} ms`, '≤ 20 ms')
  const secret = readMasterSecret(path.join(data, 'master.secret'))
  const derived = await openBackup(file, [secret])
  const verifyBegan = performance.now()
  await verifyBackup(file, path.join(data, 'copy.tmp'), derived)
  print('verify', seconds(performance.now() - verifyBegan))
}

// Incompressible, and outside the tables the product reads.
function fill(database: string): void {
  const file = new Sqlite(database)
  file.exec('create table padding (id integer primary key, bytes blob)')
  const insert = file.prepare('insert into padding (bytes) values (?)')
  while (statSync(database).size < GB) {
    insert.run(randomBytes(PADDING_BYTES))
    file.pragma('wal_checkpoint(TRUNCATE)')
  }
  file.close()
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
