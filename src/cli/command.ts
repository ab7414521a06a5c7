// What a command declares: its words, flags and operands, and where it runs. Help, usage errors and
// dispatch are made from this, so that a command file holds only what the command does.

import type { ExitCode, HouseCall, ProcessCall } from './shell.ts'

export interface Flag {
  /** The placeholder of its value in the usage line; absent for a switch. */
  readonly value?: string
  readonly about: string
  readonly isRequired?: boolean
  /** May be given several times; the values are joined with commas. */
  readonly isRepeatable?: boolean
}

export interface Arguments {
  /** Operands in order; as many as the command declares, or more if its last one repeats. */
  readonly operands: readonly string[]
  /** Values of the flags that were given; a switch is `true`. */
  readonly flags: Readonly<Record<string, string | true>>
}

interface Declaration {
  /** The words after `rulewright`, as in `workspace add`. */
  readonly name: string
  /** One line for the list of commands. */
  readonly about: string
  /** Upper-case placeholders; `PATH…` for one or more, `[FILE]` for one that may be left out. */
  readonly operands?: readonly string[]
  readonly flags?: Readonly<Record<string, Flag>>
}

export interface ProcessCommand extends Declaration {
  readonly runsIn: 'process'
  run(call: ProcessCall, args: Arguments): Promise<ExitCode>
}

export interface HouseCommand extends Declaration {
  readonly runsIn: 'house'
  run(call: HouseCall, args: Arguments): Promise<ExitCode>
  /** With `--server` it speaks to another one instead, and no data directory is needed. */
  runThere?(call: ProcessCall, args: Arguments): Promise<ExitCode>
}

export type Command = ProcessCommand | HouseCommand

export const DATA_FLAGS = {
  data: { value: 'DIR', about: 'the data directory (default ./rulewright-data)' },
  config: { value: 'FILE', about: 'the settings file instead of rulewright.toml' },
} as const satisfies Record<string, Flag>

/** The flags a command accepts; those on a data directory all take `--data` and `--config`. */
export function flagsOf(command: Command): Readonly<Record<string, Flag>> {
  return command.runsIn === 'house' ? { ...command.flags, ...DATA_FLAGS } : (command.flags ?? {})
}

/** The text value of a flag, or undefined when it was not given. */
export function textFlag(args: Arguments, name: string): string | undefined {
  const value = args.flags[name]
  return value === true ? undefined : value
}
