// Stand-ins in a process of their own, from the side of whoever asks them.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { commandOf } from './child.ts'

export interface Standins {
  readonly urls: Readonly<Record<'splunk' | 'opensearch', string>>
  readonly stop: () => void
}

export async function startStandins(...wishes: readonly 'large'[]): Promise<Standins> {
  const [command, ...args] = commandOf('test/support/standin-process.ts', ...wishes)
  const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const urls = await new Promise<Standins['urls']>((resolve) =>
    createInterface(child.stdout).once('line', (line) =>
      resolve(JSON.parse(line) as Standins['urls']),
    ),
  )
  return { urls, stop: () => void child.stdin.end() }
}
