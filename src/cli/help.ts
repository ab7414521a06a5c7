// The texts of --help, made from what the commands declare.

import { flagsOf, type Command } from './command.ts'
import { usageLine } from './parse.ts'

export function overview(commands: readonly Command[]): string {
  const rows = commands.map((command): [string, string] => [
    [command.name, ...(command.operands ?? [])].join(' '),
    command.about,
  ])
  return [
    'Rulewright, a control plane for SIEM detection rules.',
    '',
    'usage: rulewright COMMAND [flags]',
    '',
    ...columns(rows),
    '',
    'rulewright COMMAND --help says more; rulewright --version names the version.',
  ].join('\n')
}

export function helpText(command: Command): string {
  const rows = Object.entries(flagsOf(command)).map(([name, flag]): [string, string] => [
    flag.value === undefined ? `--${name}` : `--${name} ${flag.value}`,
    flag.isRequired ? `${flag.about} (required)` : flag.about,
  ])
  const flags = rows.length === 0 ? [] : ['', ...columns(rows)]
  return [command.about, '', `usage: ${usageLine(command)}`, ...flags].join('\n')
}

export function columns(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`)
}
