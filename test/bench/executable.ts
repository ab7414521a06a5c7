// The executable: how large it is, how soon it answers, what it holds in memory. Needs a build.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Bench, Print } from './bench.ts'

const executable = path.resolve(import.meta.dirname, '../../dist/rulewright')
const ROUNDS = 7

export const bench: Bench = {
  name: 'executable',
  async run(print: Print) {
    if (!existsSync(executable)) return print('not built', 'npm run build')
    print('size', `${(statSync(executable).size / 1e6).toFixed(1)} MB`, '≤ 125 MB')
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
  const startedAt = performance.now()
  const child = spawn(executable, ['serve', '--data', data, '--listen', '127.0.0.1:0'], {
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
