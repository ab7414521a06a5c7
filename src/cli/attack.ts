// `rulewright attack import FILE`: a newer version of MITRE ATT&CK for all workspaces.

import path from 'node:path'
import { importAttack } from '#domain/instance/attack-actions.ts'
import type { HouseCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const attackImport: HouseCommand = {
  name: 'attack import',
  about: 'compare rules with a newer version of MITRE ATT&CK: a STIX bundle of enterprise-attack',
  runsIn: 'house',
  operands: ['FILE'],
  async run({ shell, house, caller }, args) {
    const file = path.resolve(shell.cwd, args.operands[0] ?? '')
    const status = await importAttack(house, caller, file, shell.signal)
    const { version, tacticCount, techniqueCount } = status
    shell.out(`ATT&CK ${version} is in force: ${tacticCount} tactics, ${techniqueCount} techniques`)
    return EXIT.fine
  },
}
