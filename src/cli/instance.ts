// `rulewright instance release`: after a restore, once a person has looked at what the backup missed.

import { releaseInstance } from '#domain/instance/actions.ts'
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
