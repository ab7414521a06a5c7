// `rulewright serve`: the product itself, until a signal ends it. Standard output carries exactly
// one line, so that a script can wait for it and read the address from it.

import path from 'node:path'
import { DATA_FLAGS, textFlag, type ProcessCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const serve: ProcessCommand = {
  name: 'serve',
  about: 'start the server',
  runsIn: 'process',
  flags: {
    ...DATA_FLAGS,
    listen: { value: 'HOST:PORT', about: 'where to listen (default 127.0.0.1:8420, port 0 picks)' },
  },
  async run({ shell, frontDoor }, args) {
    const data = textFlag(args, 'data') ?? shell.env['RULEWRIGHT_DATA'] ?? 'rulewright-data'
    const app = await frontDoor.startApp({
      data: path.resolve(shell.cwd, data),
      listen: textFlag(args, 'listen') ?? '127.0.0.1:8420',
    })
    shell.out(`listening on ${app.url}`)
    await aborted(shell.signal)
    await app.stop()
    return EXIT.fine
  },
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
