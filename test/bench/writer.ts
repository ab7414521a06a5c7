// Writes per second through the whole door (guard, kysely, audit entry, group commit) at 1, 8 and 64
// callers at once, as a share of a bare better-sqlite3 loop that runs the same statements, savepoints
// and hashing at the same number per commit, in turns in the same run.

import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { openWriter } from '#platform/db/engine/sqlite/open.ts'
import { commit as commitTo, leafHash, nextChain } from '#platform/audit/chain.ts'
import { keyAt } from '#platform/audit/keys.ts'
import { createLog } from '#platform/audit/log.ts'
import { appendLeaf, decodeFrontier, encodeFrontier } from '#platform/audit/merkle.ts'
import { verifyLog } from '#platform/audit/verify.ts'
import type { SqliteDatabase } from '#platform/db/database.ts'
import { acme, keys, openSampleDatabase, saveRule } from '#test/support/database.ts'
import type { Bench, Print } from './bench.ts'

// Short rounds in turns, so that other work on the machine slows both sides alike.
const ROUND_MS = 120
const ROUNDS = 25
const SYNCS = 300
const WIDTHS = [1, 8, 64] as const
/** What the share must pass: the first version of this writer reached that. */
const WANTED: Readonly<Record<number, string>> = { 8: '> 57 %', 64: '> 49 %' }

export const bench: Bench = {
  name: 'writer',
  async run(print) {
    const folders = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), 'rulewright-bench-')))
    const [db, made] = [await openLogged(folders[0]!), await openLogged(folders[1]!)]
    await made.close()
    const bare = openWriter(made.file)
    try {
      print('one synced write of 4 KiB (fdatasync), median', `${syncMs(folders[0]!).toFixed(2)} ms`)
      for (const width of WIDTHS) await compare(print, db, bare, width)
      await measureVerify(print, db)
    } finally {
      await db.close()
      bare.close()
      for (const folder of folders) rmSync(folder, { recursive: true })
    }
  },
}

async function openLogged(folder: string): Promise<SqliteDatabase> {
  const db = await openSampleDatabase(folder)
  await db.write({ scope: acme }, createLog)
  return db
}

async function compare(
  print: Print,
  db: SqliteDatabase,
  bare: Connection,
  width: number,
): Promise<void> {
  const rounds: { readonly ours: number; readonly loop: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await writesPerSecond(db, width)
    rounds.push({ ours, loop: bareWritesPerSecond(bare, width) })
  }
  const figure = (of: (round: (typeof rounds)[number]) => number) =>
    median(rounds.map(of)).toFixed(0)
  print(`writes with audit, ${width} at once`, `${figure((round) => round.ours)}/s`)
  print(`  the bare loop, ${width} per commit`, `${figure((round) => round.loop)}/s`)
  const share = figure(({ ours, loop }) => (100 * ours) / loop)
  print('  share, median of the rounds', `${share} %`, WANTED[width])
}

async function measureVerify(print: Print, db: SqliteDatabase): Promise<void> {
  const startedAt = performance.now()
  const verdict = await verifyLog(db, keys)
  const seconds = (performance.now() - startedAt) / 1_000
  if (!verdict.ok) throw new Error(`the log is broken: ${verdict.message}`)
  print(`verifying a log of ${verdict.size} entries`, `${(verdict.size / seconds).toFixed(0)}/s`)
}

let count = 0

async function writesPerSecond(db: SqliteDatabase, width: number): Promise<number> {
  const startedAt = performance.now()
  let done = 0
  const work = async () => {
    while (performance.now() - startedAt < ROUND_MS) {
      await db.write({ scope: acme }, (tx) => saveRule(tx, `rul_${count++}`))
      done += 1
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return (done * 1_000) / (performance.now() - startedAt)
}

function bareWritesPerSecond(bare: Connection, width: number): number {
  const write = prepareBareWrite(bare)
  const begin = bare.prepare('begin immediate')
  const commit = bare.prepare('commit')
  const startedAt = performance.now()
  let done = 0
  while (performance.now() - startedAt < ROUND_MS) {
    begin.run()
    for (let i = 0; i < width; i++) write(`rul_${count++}`)
    commit.run()
    done += width
  }
  return (done * 1_000) / (performance.now() - startedAt)
}

const AT = 1_790_000_000_000
const DATA = '{"version":2}'
const PERSONAL = '{"ip":"192.0.2.7","name":"Ada"}'

// The statements of saveRule and of the audit log's append, and the hashes no log can leave out.
function prepareBareWrite(bare: Connection): (id: string) => void {
  const savepoint = bare.prepare('savepoint body')
  const release = bare.prepare('release body')
  const rule = bare.prepare(
    'insert into "sampleRule" ("workspaceId", "id", "name", "updatedAt") values (?, ?, ?, ?)',
  )
  const head = bare.prepare('select "seq", "chain", "frontier" from "auditHead" where "id" = 1')
  const next = bare.prepare(
    `insert into "auditWorkspaceHead" ("workspaceId", "seq") values (?, 1)
     on conflict ("workspaceId") do update set "seq" = "seq" + 1 returning "seq"`,
  )
  const entry = bare.prepare(`insert into "auditEntry" values (${'?, '.repeat(14)}?)`)
  const move = bare.prepare(
    'update "auditHead" set "seq" = ?, "chain" = ?, "frontier" = ? where "id" = 1 and "seq" = ?',
  )
  const salt = Buffer.alloc(16)
  return (id) => {
    savepoint.run()
    rule.run('wsp_acme', id, id, 1)
    const { seq: last, chain, frontier } = head.get() as HeadRow
    const { seq: workspaceSeq } = next.get('wsp_acme') as { seq: number }
    const seq = last + 1
    const fixed = { at: AT, actor: 'usr_ada', action: 'rule.update', requestId: 'req_1' } as const
    const commitment = commitTo(salt, PERSONAL)
    const place = { seq, workspaceId: 'wsp_acme', workspaceSeq, target: id, data: DATA }
    const leaf = leafHash({ ...fixed, ...place, outcome: 'done', commitment })
    const grown = encodeFrontier(appendLeaf(decodeFrontier(last, frontier), leaf))
    const link = nextChain(keyAt(keys.macKeys, seq), chain, leaf)
    const { at, actor, action, requestId } = fixed
    const what = [at, actor, action, id, 'done', requestId, DATA]
    entry.run(seq, 'wsp_acme', workspaceSeq, ...what, commitment, salt, PERSONAL, leaf, link)
    move.run(seq, link, grown, last)
    release.run()
  }
}

interface HeadRow {
  readonly seq: number
  readonly chain: Buffer
  readonly frontier: Buffer
}

function syncMs(folder: string): number {
  const descriptor = openSync(path.join(folder, 'sync'), 'w')
  const page = Buffer.alloc(4_096, 1)
  const times = Array.from({ length: SYNCS }, (_, i) => {
    const startedAt = performance.now()
    writeSync(descriptor, page, 0, page.length, i * page.length)
    fdatasyncSync(descriptor)
    return performance.now() - startedAt
  })
  closeSync(descriptor)
  return median(times)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
