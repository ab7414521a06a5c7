// `rulewright instance release`: after a restore, once a person has looked at what the backup missed.
// `rulewright instance rotate-key`: for the secrets that belong to no workspace.

import { releaseInstance } from '#domain/instance/actions.ts'
import { rotateKey } from '#domain/workspaces/keys.ts'
import type { HouseCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const instanceRelease: HouseCommand = {
  name: 'instance release',
  about: 'let a restored instance run its schedules and write to targets again',
  runsIn: 'house',
  async run({ shell, house, caller }) {
    await releaseInstance(house, caller)
    shell.out('the instance is released')
    return EXIT.fine
  },
}

export const instanceRotateKey: HouseCommand = {
  name: 'instance rotate-key',
  about: 'make a new key for the secrets of the instance itself and seal them again under it',
  runsIn: 'house',
  async run({ shell, house, caller }) {
    shell.out(`key ${await rotateKey(house, caller)} of the instance is in force`)
    return EXIT.fine
  },
}
