// Arguments into a command and its flags. Strict: what is unknown, missing or too much is one line
// that names the nearest thing that exists. Throws `invalid`; does nothing else.

import { parseArgs } from 'node:util'
import { AppError } from '#kernel/error.ts'
import { nearest } from '#kernel/problem.ts'
import { flagsOf, type Arguments, type Command, type Flag } from './command.ts'

/** The command whose words lead `argv`, the longest first, and what follows them. */
export function findCommand(
  commands: readonly Command[],
  argv: readonly string[],
): { command: Command; rest: readonly string[] } {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0)
  for (let count = words.length; count > 0; count--) {
    const name = words.slice(0, count).join(' ')
    const command = commands.find((one) => one.name === name)
    if (command) return { command, rest: argv.slice(count) }
  }
  throw unknownCommand(commands, words)
}

/** Throws `invalid` at the first word the command cannot take. */
export function parseArguments(command: Command, rest: readonly string[]): Arguments {
  const known: Readonly<Record<string, Flag>> = flagsOf(command)
  const options = Object.fromEntries(
    Object.entries(known).map(([name, flag]) => [
      name,
      { type: flag.value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...rest],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const flags: Record<string, string | true> = {}
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const flag = Object.hasOwn(known, token.name) ? known[token.name] : undefined
    if (!flag) throw usage(command, unknownFlag(token.rawName, Object.keys(known)))
    const value = valueOf(command, token.rawName, flag, token.value)
    const before = flags[token.name]
    if (before !== undefined && !flag.isRepeatable) {
      throw usage(command, `${token.rawName} is given twice`)
    }
    flags[token.name] = before === undefined ? value : `${before},${value}`
  }
  checkOperands(command, operands)
  for (const [name, flag] of Object.entries(known)) {
    if (flag.isRequired && !(name in flags))
      throw usage(command, `--${name} ${flag.value} is missing`)
  }
  return { operands, flags }
}

/** `rulewright workspace add SLUG --name NAME [--data DIR]` */
export function usageLine(command: Command): string {
  const flags = Object.entries(flagsOf(command)).map(([name, flag]) => {
    const text = flag.value === undefined ? `--${name}` : `--${name} ${flag.value}`
    return flag.isRequired ? text : `[${text}]`
  })
  return ['rulewright', command.name, ...(command.operands ?? []), ...flags].join(' ')
}

function valueOf(command: Command, rawName: string, flag: Flag, value: string | undefined) {
  if (flag.value === undefined) {
    if (value !== undefined) throw usage(command, `${rawName} takes no value`)
    return true
  }
  if (value === undefined || value === '') throw usage(command, `${rawName} needs ${flag.value}`)
  return value
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const wanted = command.operands ?? []
  const required = wanted.filter((name) => !name.startsWith('['))
  if (operands.length < required.length) {
    throw usage(command, `${wanted[operands.length]!.replace('…', '')} is missing`)
  }
  const repeats = wanted.at(-1)?.endsWith('…') ?? false
  if (operands.length > wanted.length && !repeats) {
    throw usage(command, `${JSON.stringify(operands[wanted.length])} is one word too many`)
  }
}

function unknownCommand(commands: readonly Command[], words: readonly string[]): AppError {
  const given = words.slice(0, 2).join(' ')
  const [first = ''] = words
  const siblings = commands.filter((command) => command.name.startsWith(`${first} `))
  if (siblings.length > 0) {
    const names = siblings.map((command) => command.name).join(', ')
    const what = words.length === 1 ? `${first} needs a second word` : `no command ${given}`
    return new AppError('invalid', `${what}: there are ${names}`)
  }
  const names = commands.flatMap((command) => [command.name, command.name.split(' ')[0]!])
  const near = nearest(given, names) ?? nearest(first, names)
  const hint = near === undefined ? 'see rulewright --help' : `did you mean ${near}?`
  return new AppError('invalid', `no command ${given}; ${hint}`)
}

function unknownFlag(rawName: string, known: readonly string[]): string {
  const near = nearest(rawName.replace(/^-+/, ''), known)
  return near === undefined ? `no flag ${rawName}` : `no flag ${rawName}; did you mean --${near}?`
}

function usage(command: Command, problem: string): AppError {
  return new AppError('invalid', `${problem} (usage: ${usageLine(command)})`)
}
