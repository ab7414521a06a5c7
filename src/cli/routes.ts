// `rulewright routes [--json]`: every door of the product and who may pass it.

import type { ProcessCommand } from './command.ts'
import { columns } from './help.ts'
import { EXIT } from './shell.ts'

export const routes: ProcessCommand = {
  name: 'routes',
  about: 'list every route and the permission it asks for',
  runsIn: 'process',
  flags: { json: { about: 'print one JSON array' } },
  async run({ shell, frontDoor }, args) {
    const rows = await frontDoor.listRoutes()
    if (args.flags['json']) shell.out(JSON.stringify(rows, null, 2))
    else {
      const lines = rows.map(({ method, path, door, permission }): [string, string] => [
        `${method.padEnd(6)} ${path}`,
        `${door}, ${permission}`,
      ])
      for (const line of columns(lines)) shell.out(line)
    }
    return EXIT.fine
  },
}
