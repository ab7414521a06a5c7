// `rulewright doctor [--json]`: everything that can be seen to be wrong from here, and what to do.

import { VERDICTS, type Finding } from '#platform/doctor/finding.ts'
import { DATA_FLAGS, type ProcessCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const doctor: ProcessCommand = {
  name: 'doctor',
  about: 'check this installation; exit 1 when something is bad',
  runsIn: 'process',
  flags: { ...DATA_FLAGS, json: { about: 'print one JSON document' } },
  async run({ shell }, args) {
    const { examine } = await import('./examine.ts')
    const findings = await examine(shell, args)
    if (args.flags['json']) shell.out(JSON.stringify({ findings }, null, 2))
    else for (const line of findings.flatMap(lines)) shell.out(line)
    return findings.some(({ verdict }) => verdict === 'bad') ? EXIT.problems : EXIT.fine
  },
}

const WIDTH = Math.max(...VERDICTS.map((verdict) => verdict.length))

function lines({ check, verdict, message, advice }: Finding): string[] {
  const first = `${verdict.padEnd(WIDTH)}  ${check}: ${message}`
  return advice === undefined ? [first] : [first, `${' '.repeat(WIDTH)}  → ${advice}`]
}
