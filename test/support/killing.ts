// Kills at the edges of requests: a process of a test lives until one of what it asks of stand-ins, and is
// gone before the target acts on it, or after.

import { randomInt } from 'node:crypto'
import type { Fault } from '#standins/faults.ts'
import type { Standin } from '#standins/server.ts'
import { spawnTest } from './child.ts'

export interface Life {
  /** The file it runs, and its arguments. */
  readonly run: readonly [file: string, ...args: string[]]
  readonly standins: readonly Standin[]
  /** Which requests count. */
  readonly path: RegExp
  /** It dies at one of so many of them. */
  readonly requests: number
  /** From its first word: whoever asks too little is killed then. */
  readonly leftMs: number
}

export async function liveAndDie({ run, standins, path, requests, leftMs }: Life): Promise<void> {
  const child = spawnTest(...run)
  const exited = new Promise((resolve) => child.on('close', resolve))
  const kill = () => void child.kill('SIGKILL')
  let left = randomInt(1, requests)
  const isBefore = randomInt(2) === 0
  const fatal: Fault = {
    name: 'kills',
    async apply(answer) {
      left -= 1
      if (left !== 0) return answer()
      if (isBefore) kill()
      const reply = await answer()
      // Sometimes the answer is read, and what follows it is written or not.
      if (!isBefore) setTimeout(kill, randomInt(25))
      return reply
    },
  }
  const switches = standins.map(({ faults }) => faults.on({ path }, fatal))
  let tooLong: NodeJS.Timeout | undefined
  child.stdout.once('data', () => (tooLong = setTimeout(kill, leftMs)))
  await exited
  clearTimeout(tooLong)
  for (const one of switches) one.off()
}
