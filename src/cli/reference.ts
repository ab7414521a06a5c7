// docs/cli.md, made from what the commands declare. A test keeps the file equal to this.

import { flagsOf, type Command } from './command.ts'
import { usageLine } from './parse.ts'

export function cliReference(commands: readonly Command[]): string {
  const groups = Map.groupBy(commands, ({ name }) => name.split(' ')[0]!)
  return [
    '# Command line',
    '',
    'Made from the commands themselves; `rulewright COMMAND --help` says the same.',
    '',
    'Commands on a data directory take `--data` and `--config`. Where a server holds the directory,',
    'the command is sent to it over a socket that only its user can open, and runs there. Results go',
    'to standard output, everything else to standard error; an error is one line that says what to do.',
    '',
    '| exit code | means |',
    '| --- | --- |',
    '| 0 | fine |',
    '| 1 | what was asked about has problems: errors of lint, failed tests, conflicts, drift, a broken chain |',
    '| 2 | wrong usage, settings or input |',
    '| 3 | the server, target or store could not be reached, or did not let the caller in |',
    '| 130 | cancelled |',
    '| 70 | a bug |',
    '',
    ...[...groups.values()].flat().flatMap(entry),
  ].join('\n')
}

function entry(declared: Command): string[] {
  const command = released(declared)
  const flags = Object.entries(flagsOf(command))
  const rows = flags.map(([name, { value, about, isRequired }]) => {
    const shown = value === undefined ? `--${name}` : `--${name} ${value}`
    return `| \`${cell(shown)}\` | ${cell(about)}${isRequired ? ' (required)' : ''} |`
  })
  return [
    `## ${command.name}`,
    '',
    command.about,
    '',
    '```',
    usageLine(command),
    '```',
    '',
    ...(rows.length === 0 ? [] : ['| flag | what it does |', '| --- | --- |', ...rows, '']),
  ]
}

/** Without what only a checkout has. */
function released(command: Command): Command {
  const { dev: _, ...flags } = command.flags ?? {}
  return { ...command, flags }
}

const cell = (text: string) => text.replaceAll('|', String.raw`\|`)
