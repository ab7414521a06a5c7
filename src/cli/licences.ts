// `rulewright licences`: the licence of the product and of every part inside.

import { inflateSync } from 'node:zlib'
import { AppError } from '#kernel/error.ts'
import { embedded } from '#platform/embedded.ts'
import type { ProcessCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const licences: ProcessCommand = {
  name: 'licences',
  about: 'print the licence of this program and of every part inside',
  runsIn: 'process',
  async run({ shell }) {
    if (embedded.container === 'source') {
      throw new AppError(
        'unsupported',
        'The licences are gathered by the build: see dist/licences.txt.',
      )
    }
    shell.out(inflateSync(embedded.read('licences.txt.z')).toString().trimEnd())
    return EXIT.fine
  },
}
