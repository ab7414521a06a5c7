// From arguments to an exit code: finds the command, answers --help and --version, runs it where it
// belongs (here, or in the server that holds the data directory), and turns whatever flies into one
// line on standard error.

import { systemCaller } from '#domain/access/system.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import { callServer } from '#platform/control.ts'
import { describeDataDirectory, hasInstance } from '#platform/data-directory.ts'
import type { House } from '#platform/house.ts'
import { VERSION } from '#platform/version.ts'
import { configure } from './configure.ts'
import { helpText, overview } from './help.ts'
import { findCommand, parseArguments } from './parse.ts'
import { EXIT, type ExitCode, type FrontDoor, type Shell } from './shell.ts'
import { allCommands, commandsFor } from './table.ts'

const EXIT_OF: Readonly<Record<ErrorCode, ExitCode>> = {
  invalid: EXIT.usage,
  not_found: EXIT.usage,
  unsupported: EXIT.usage,
  too_large: EXIT.usage,
  conflict: EXIT.problems,
  stale: EXIT.problems,
  unauthenticated: EXIT.unreachable,
  forbidden: EXIT.unreachable,
  rate_limited: EXIT.unreachable,
  busy: EXIT.unreachable,
  storage_full: EXIT.unreachable,
  upstream: EXIT.unreachable,
  timeout: EXIT.unreachable,
  cancelled: EXIT.cancelled,
}

/** Never throws: what a command throws becomes a line and an exit code. */
export async function runCommand(
  argv: readonly string[],
  shell: Shell,
  frontDoor: FrontDoor,
): Promise<ExitCode> {
  try {
    return await dispatch(argv, shell, frontDoor)
  } catch (error) {
    return explain(error, shell)
  }
}

/** One line for a refusal; the whole stack for a bug, because only a developer can act on it. */
export function explain(error: unknown, shell: Pick<Shell, 'err'>): ExitCode {
  if (error instanceof AppError) {
    for (const line of error.message.split('\n')) shell.err(`rulewright: ${line}`)
    return EXIT_OF[error.code]
  }
  shell.err('rulewright: something went wrong; this is a bug. Please report what follows.')
  shell.err(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT.bug
}

async function dispatch(argv: readonly string[], shell: Shell, frontDoor: FrontDoor) {
  const [first] = argv
  if (first === '--version') return say(shell, VERSION)
  if (first === undefined || first === '--help' || first === 'help') {
    return say(shell, overview(await allCommands()), first === undefined ? EXIT.usage : EXIT.fine)
  }
  const { command, rest } = findCommand(await commandsFor(first), argv)
  if (rest.includes('--help')) return say(shell, helpText(command))
  const args = parseArguments(command, rest)
  if (command.runsIn === 'process') return command.run({ shell, frontDoor }, args)
  const isThere = command.runThere !== undefined && args.flags['server'] !== undefined
  if (isThere) return command.runThere!({ shell, frontDoor }, args)
  const configuration = configure(shell, args)
  const directory = describeDataDirectory(configuration.dataDir)
  if (!hasInstance(directory)) {
    const { path } = directory
    throw new AppError(
      'invalid',
      `there is no instance in ${path}; make one with rulewright init --data ${path}`,
    )
  }
  const { cwd, user } = shell
  const code = await callServer(directory.socket, { argv, cwd, user }, shell)
  if (code !== undefined) return exitCode(code)
  const { house, close } = await frontDoor.openHouse({ configuration, isQuiet: true })
  try {
    const caller = systemCaller(house, 'cli', user)
    return await command.run({ shell, house, caller, hasRunner: false }, args)
  } finally {
    await close()
  }
}

/**
 * Runs a command that came over the control socket, in the server's own house. Never throws. The
 * caller's settings flags have done their work by finding this server.
 */
export async function runInHouse(
  argv: readonly string[],
  shell: Shell,
  house: House,
): Promise<ExitCode> {
  try {
    const { command, rest } = findCommand(await commandsFor(argv[0]), argv)
    if (command.runsIn !== 'house') {
      throw new AppError('invalid', `${command.name} does not run inside a server`)
    }
    const caller = systemCaller(house, 'cli', shell.user)
    return await command.run(
      { shell, house, caller, hasRunner: true },
      parseArguments(command, rest),
    )
  } catch (error) {
    return explain(error, shell)
  }
}

function exitCode(code: number): ExitCode {
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.bug
}

function say(shell: Shell, text: string, code: ExitCode = EXIT.fine): ExitCode {
  if (code === EXIT.fine) shell.out(text)
  else shell.err(text)
  return code
}
