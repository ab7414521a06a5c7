// Starts a TypeScript file of the tests in a process of its own, on the same Node.

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import path from 'node:path'
import type { Readable } from 'node:stream'

const root = path.resolve(import.meta.dirname, '../..')

/** The command line that runs `file` (a path from the repository's root) with its arguments. */
export function commandOf(file: string, ...args: readonly string[]): string[] {
  const hook = path.join(root, 'src/packaging/tsx-hook.mjs')
  const flags = ['--disable-warning=ExperimentalWarning', '--import', hook]
  return [process.execPath, ...flags, path.join(root, file), ...args]
}

export function spawnTest(
  file: string,
  ...args: readonly string[]
): ChildProcessByStdio<null, Readable, null> {
  const [command, ...rest] = commandOf(file, ...args)
  return spawn(command!, rest, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
}
