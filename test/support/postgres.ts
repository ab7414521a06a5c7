// Debian's PostgreSQL in a temporary directory for the tests: a server of our own that listens on a
// Unix socket only and is gone with the process. Each database is a schema of its own.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '#platform/audit/log.ts'
import type { Database } from '#platform/db/database.ts'
import type { PostgresAddress } from '#platform/db/engine/postgres/connect.ts'
import { openPostgres, type PostgresOptions } from '#platform/db/engine/postgres/database.ts'
import { acme, SAMPLE_SCHEMA } from './database.ts'

const START_MS = 30_000

export interface PostgresServer {
  /** A schema nobody else uses. */
  newAddress(): PostgresAddress
  /** Ends the server as a power switch would, and starts it again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Undefined, and a reason on stderr, where no server can be started. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const bin = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1)
  if (bin === undefined) return unavailable('no /usr/lib/postgresql/*/bin')
  const user = userOf()
  if (user === undefined) return unavailable('root, and no user "postgres" to run it as')
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-pg-'))
  chownSync(folder, user.uid, user.gid)
  const data = path.join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, user.uid, user.gid)
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N']
  const made = spawnSync(path.join(bin, 'initdb'), options, {
    ...user,
    encoding: 'utf8',
    cwd: folder,
  })
  if (made.status !== 0) return unavailable(`initdb: ${made.stderr || String(made.error)}`)
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`
  const start = async () => {
    const flags = [
      '-D',
      data,
      '-k',
      folder,
      '-c',
      'listen_addresses=',
      '-c',
      'logging_collector=off',
    ]
    const child = spawn(path.join(bin, 'postgres'), flags, {
      ...user,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await ready(child)
    return child
  }
  let server = await start()
  let count = 0
  return {
    newAddress: () => ({ url, schema: `test_${++count}` }),
    async restart() {
      await end(server, 'SIGQUIT')
      server = await start()
    },
    async stop() {
      await end(server, 'SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function openSamplePostgres(
  address: PostgresAddress,
  options: PostgresOptions = {},
): Promise<Database> {
  return openPostgres(address, { schema: SAMPLE_SCHEMA, ...options })
}

export async function makePostgresWorld(
  t: TestContext,
  server: PostgresServer,
  options: PostgresOptions = {},
): Promise<{ db: Database; address: PostgresAddress }> {
  const address = server.newAddress()
  const db = await openSamplePostgres(address, options)
  t.after(() => db.close())
  await db.write({ scope: acme }, createLog)
  return { db, address }
}

// PostgreSQL refuses to run as root.
function userOf(): { uid: number; gid: number } | undefined {
  if (process.getuid!() !== 0) return { uid: process.getuid!(), gid: process.getgid!() }
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout || Number.NaN),
  )
  return Number.isInteger(uid) ? { uid: uid!, gid: gid! } : undefined
}

async function ready(child: ChildProcess): Promise<void> {
  let log = ''
  child.stderr!.on('data', (chunk) => (log += chunk))
  for (let waited = 0; !log.includes('ready to accept connections'); waited += 20) {
    if (waited > START_MS || child.exitCode !== null) throw new Error(`postgres: ${log}`)
    await sleep(20)
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill(signal)
  await ended
}

function unavailable(reason: string): undefined {
  console.error(`PostgreSQL cannot be started here, its tests are skipped: ${reason}`)
}
