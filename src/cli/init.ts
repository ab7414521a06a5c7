// `rulewright init`: makes the instance that `serve` would make, without serving it.

import { describeDataDirectory, hasInstance } from '#platform/data-directory.ts'
import { DATA_FLAGS, type ProcessCommand } from './command.ts'
import { configure } from './configure.ts'
import { EXIT } from './shell.ts'

export const init: ProcessCommand = {
  name: 'init',
  about: 'make an instance in the data directory',
  runsIn: 'process',
  flags: DATA_FLAGS,
  async run({ shell, frontDoor }, args) {
    const configuration = configure(shell, args)
    const directory = describeDataDirectory(configuration.dataDir)
    const isNew = !hasInstance(directory)
    const { close } = await frontDoor.openHouse({ configuration, isQuiet: true })
    await close()
    shell.out(
      isNew
        ? `made an instance in ${directory.path}`
        : `there is an instance in ${directory.path} already; nothing was changed`,
    )
    return EXIT.fine
  },
}
