// `rulewright status|diff|push|pull|sync [DIR]`: rules as files of a folder, in step with a workspace.
// Both sides may have changed: what does not meet is merged, what meets is a conflict. Then the file
// keeps this side, the other side lies beside it, and nothing is sent until somebody took it away.

import path from 'node:path'
import type { Arguments, Flag, ProcessCommand } from './command.ts'
import { openServer, SERVER_FLAG } from './server.ts'
import { EXIT, type ExitCode, type Shell } from './shell.ts'
import { SyncRun, type Mode } from './sync-run.ts'

const WRITE_IDS = {
  'write-ids': { about: 'give each rule without an id one, in its file, before it is sent' },
} as const

function command(
  name: Mode,
  about: string,
  flags: Readonly<Record<string, Flag>> = {},
): ProcessCommand {
  return {
    name,
    about,
    runsIn: 'process',
    operands: ['[DIR]'],
    flags: { ...SERVER_FLAG, ...flags },
    run: ({ shell }, args) => run(name, shell, args),
  }
}

async function run(mode: Mode, shell: Shell, args: Arguments): Promise<ExitCode> {
  const server = await openServer(shell, args)
  const root = path.resolve(shell.cwd, args.operands[0] ?? '.')
  const sync = new SyncRun({
    mode,
    shell,
    server,
    root,
    writesIds: args.flags['write-ids'] === true,
  })
  return (await sync.run()) ? EXIT.fine : EXIT.problems
}

export const SYNC_COMMANDS: readonly ProcessCommand[] = [
  command('status', 'say how a folder of rule files and a workspace differ'),
  command('diff', 'say in words what changed on either side'),
  command('push', 'send what changed in a folder to a workspace', WRITE_IDS),
  command('pull', 'take what changed in a workspace into a folder'),
  command('sync', 'do both: what changed there comes in, what changed here goes out', WRITE_IDS),
]
