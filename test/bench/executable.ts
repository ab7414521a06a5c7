// The product as people start it: how large it is, how soon it answers, what it holds in memory. The
// executable when it was built, the source otherwise: slower, because types are stripped at each start.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Bench, Print } from './bench.ts'

const root = path.resolve(import.meta.dirname, '../..')
const executable = path.join(root, 'dist/rulewright')
const hook = path.join(root, 'src/packaging/tsx-hook.mjs')
const isBuilt = existsSync(executable)
const command: readonly string[] = isBuilt
  ? [executable]
  : [process.execPath, '--import', hook, path.join(root, 'src/main.ts')]
const ROUNDS = 7

export const bench: Bench = {
  name: 'executable',
  async run(print: Print) {
    if (isBuilt) print('size', `${(statSync(executable).size / 1e6).toFixed(1)} MB`, '≤ 125 MB')
    else print('not built, so from source', 'npm run build')
    const data = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    try {
      await measureStart(data) // the first makes the instance and warms the page cache
      const startsMs: number[] = []
      let rssMb = 0
      for (let round = 0; round < ROUNDS; round++) {
        const { ms, rss } = await measureStart(data)
        startsMs.push(ms)
        rssMb = rss
      }
      const sorted = startsMs.toSorted((a, b) => a - b)
      print(
        'start to first 200, warm, median',
        `${Math.round(sorted[ROUNDS >> 1]!)} ms`,
        '≤ 300 ms',
      )
      print(
        'start to first 200, warm, range',
        `${Math.round(sorted[0]!)}–${Math.round(sorted.at(-1)!)} ms`,
      )
      print('resident, idle after the first page', `${rssMb} MB`, '≤ 120 MB')
    } finally {
      rmSync(data, { recursive: true, force: true })
    }
  },
}

async function measureStart(data: string): Promise<{ readonly ms: number; readonly rss: number }> {
  const [first, ...rest] = command
  const startedAt = performance.now()
  const child = spawn(first!, [...rest, 'serve', '--data', data, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const url = line.replace('listening on ', '')
    const { status } = await fetch(`${url}/healthz`)
    if (status !== 200) throw new Error(`/healthz answered ${status}`)
    const ms = performance.now() - startedAt
    await (await fetch(url)).text()
    return { ms, rss: residentMb(child) }
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
}

function residentMb({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}
