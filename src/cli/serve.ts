// `rulewright serve`: the product itself, until a signal ends it. Standard output carries exactly
// one line, so that a script can wait for it and read the address from it.

import { aborted } from './aborted.ts'
import { DATA_FLAGS, type Flag, type ProcessCommand } from './command.ts'
import { configure } from './configure.ts'
import { EXIT } from './shell.ts'
import { adoptConsole } from '#platform/log.ts'

/** False in a release, which has no such flag and nothing behind it; from source nothing defines it. */
declare const RULEWRIGHT_DEV: boolean
const DEV_FLAGS: Readonly<Record<string, Flag>> =
  typeof RULEWRIGHT_DEV === 'undefined'
    ? { dev: { about: 'sign in at /dev/sign-in without a password (only from source)' } }
    : {}

export const serve: ProcessCommand = {
  name: 'serve',
  about: 'start the server',
  runsIn: 'process',
  flags: {
    ...DATA_FLAGS,
    listen: { value: 'HOST:PORT', about: 'where to listen (default 127.0.0.1:8420, port 0 picks)' },
    'accept-audit-fork': {
      about: 'go on with an audit log that contradicts its checkpoints; this is recorded',
    },
    ...DEV_FLAGS,
  },
  async run({ shell, frontDoor }, args) {
    const configuration = configure(shell, args)
    const acceptAuditFork = args.flags['accept-audit-fork'] === true
    const app = await frontDoor.startApp({
      configuration,
      acceptAuditFork,
      isDevelopment: args.flags['dev'] === true,
    })
    adoptConsole(app.house.log)
    shell.out(`listening on ${app.url}`)
    const claim = await app.claimLink()
    if (claim !== undefined) {
      shell.err(`nobody owns this install yet; whoever opens this link first does: ${claim}`)
    }
    shell.onHangUp(() => app.secrets.reload())
    await aborted(shell.signal)
    await app.stop()
    return EXIT.fine
  },
}
