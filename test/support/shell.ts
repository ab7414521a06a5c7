// A shell for commands run inside a test: what they write is kept, nothing of the machine is seen.

import { runCommand } from '#cli/run.ts'
import type { FrontDoor, Shell } from '#cli/shell.ts'
import { routeTable } from '#http/route-table.ts'
import { openHouse, startApp, startEstate } from '#src/app.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const listRoutes = async () => routeTable()
const FRONT_DOOR: FrontDoor = { startApp, openHouse, startEstate, listRoutes }

/** Runs a command in this process. */
export async function runHere(
  argv: readonly string[],
  { cwd, ...given }: Partial<Shell> & { readonly cwd: string },
  frontDoor: FrontDoor = FRONT_DOOR,
): Promise<Ran> {
  const mask = process.umask(0o077) // as the process of the command line does
  const out: string[] = []
  const err: string[] = []
  const shell = shellFor({
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    cwd,
    ...given,
  })
  const code = await runCommand(argv, shell, frontDoor).finally(() => process.umask(mask))
  return { code, out: out.join('\n'), err: err.join('\n') }
}

/** A shell that keeps nothing. */
export function shellFor(given: Partial<Shell> = {}): Shell {
  return {
    out: () => {},
    err: () => {},
    env: {},
    user: 'ada',
    stdin: async () => '',
    signal: new AbortController().signal,
    onHangUp: () => {},
    cwd: process.cwd(),
    ...given,
  }
}
