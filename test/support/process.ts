// The product as people start it: a process of its own, from source. Nothing of the test's own
// environment reaches it but PATH.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

const root = path.resolve(import.meta.dirname, '../..')
const HOOK = path.join(root, 'src/packaging/tsx-hook.mjs')
const MAIN = path.join(root, 'src/main.ts')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly child: ChildProcess
  /** Everything it has written so far. */
  readonly written: { out: string; err: string }
  /** Resolves when it is over. */
  readonly ended: Promise<Ended>
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Start this file instead of the source, with `env` and nothing else. */
  readonly executable?: string
  readonly uid?: number
}

/** Killed at the end of the test if it still runs. */
export function start(t: TestContext, argv: readonly string[], options: RunOptions): Started {
  const flags = ['--disable-warning=ExperimentalWarning', '--import', HOOK, MAIN]
  const { cwd, uid, executable } = options
  const [file, args, env] =
    executable === undefined
      ? [process.execPath, [...flags, ...argv], { PATH: process.env['PATH'] ?? '', ...options.env }]
      : [executable, argv, { ...options.env }]
  const child = spawn(file, args, {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  t.after(() => child.kill('SIGKILL'))
  child.stdin.end(options.input ?? '')
  const written = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text))
  const ended = once(child, 'close').then(([code, signal]: unknown[]): Ended => ({
    code: typeof code === 'number' ? code : null,
    signal: (signal as NodeJS.Signals | null) ?? null,
    ...written,
  }))
  return { child, written, ended }
}

export function run(t: TestContext, argv: readonly string[], options: RunOptions): Promise<Ended> {
  return start(t, argv, options).ended
}

/** Starts `serve` and resolves when it listens. Rejects with what it said when it does not. */
export async function serve(
  t: TestContext,
  argv: readonly string[],
  options: RunOptions,
): Promise<Started & { readonly url: string }> {
  const started = start(t, ['serve', '--listen', '127.0.0.1:0', ...argv], options)
  const lines = createInterface({ input: started.child.stdout! })
  const first = await Promise.race([once(lines, 'line'), started.ended])
  const line = Array.isArray(first) ? String(first[0]) : ''
  const url = /^listening on (http\S+)$/.exec(line)?.[1]
  if (url === undefined) throw new Error(`it did not start: ${started.written.err}`)
  return { ...started, url }
}
