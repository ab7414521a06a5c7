// `rulewright secret rotate --new-file FILE`

import path from 'node:path'
import { readBackups } from '#domain/backups/actions.ts'
import { rotateSecret } from '#domain/instance/actions.ts'
import { readMasterSecret } from '#platform/keys/master.ts'
import { textFlag, type HouseCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const secretRotate: HouseCommand = {
  name: 'secret rotate',
  about: 'put a new master secret in force and wrap every key under it',
  runsIn: 'house',
  flags: {
    'new-file': { value: 'FILE', about: 'a new secret: openssl rand -base64 48', isRequired: true },
  },
  async run({ shell, house, caller }, args) {
    const file = path.resolve(shell.cwd, textFlag(args, 'new-file') ?? '')
    const { from, to, kept } = await rotateSecret(house, caller, readMasterSecret(file))
    shell.out(`the master secret with key id ${to} is in force`)
    if (kept === undefined) {
      shell.out(`put it where the server reads its secret from before the next start: ${file}`)
    } else shell.out(`the old one (key id ${from}) is kept in ${kept}`)
    const backups = await readBackups(house, caller)
    const older = backups.filter(({ mkId }) => mkId !== to)
    if (older.length > 0) {
      shell.out(`${older.length} backups need the secret they were made under:`)
      for (const backup of older) shell.out(`  ${backup.mkId}  ${backup.file}`)
    }
    return EXIT.fine
  },
}
