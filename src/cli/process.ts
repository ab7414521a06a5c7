// The command line's own process: streams, signals, umask and the last net under everything. The
// first SIGINT or SIGTERM asks the command to end; the second ends the process at once. SIGHUP does
// not end a server: it only makes it read its secret files again.

import { userInfo } from 'node:os'
import { AppError } from '#kernel/error.ts'
import { errnoOf } from '#platform/errno.ts'
import { runCommand } from './run.ts'
import { EXIT, type FrontDoor, type Shell } from './shell.ts'

export async function runProcess(frontDoor: FrontDoor): Promise<void> {
  process.umask(0o077)
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(EXIT.cancelled)
      ending.abort(new AppError('cancelled', 'cancelled'))
    })
  }
  const hangUps: (() => void)[] = []
  process.on('SIGHUP', () => {
    for (const listener of hangUps) listener()
  })
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => endWithBug(error))
  }
  // A reader that went away (`| head -1`) is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (errnoOf(error) !== 'EPIPE') endWithBug(error)
    })
  }
  process.exitCode = await runCommand(
    process.argv.slice(2),
    makeShell(ending.signal, hangUps),
    frontDoor,
  )
}

function makeShell(signal: AbortSignal, hangUps: (() => void)[]): Shell {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    ...(process.stderr.isTTY
      ? { overwrite: (line: string) => void process.stderr.write(`\r\u001b[K${line}`) }
      : {}),
    isTerminal: process.stdout.isTTY,
    cwd: process.cwd(),
    env: process.env,
    user: osUser(),
    stdin: readStdin,
    input: () => process.stdin,
    signal,
    onHangUp: (listener) => void hangUps.push(listener),
  }
}

async function readStdin(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  return text
}

// A uid without a name (a container's) makes userInfo throw.
function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

function endWithBug(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`rulewright: something went wrong; this is a bug.\n${text}\n`)
  process.exit(EXIT.bug)
}
