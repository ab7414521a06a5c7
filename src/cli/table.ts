// Every command of the product, in the order of the help text. The ones about languages bring the
// compilers along: they are loaded when one of them is called, or when all are listed, so that a server
// starts without them.

import type { Command } from './command.ts'
import { attackImport } from './attack.ts'
import { auditExport, auditVerify } from './audit.ts'
import { backupCreate, backupRestore, backupVerify } from './backup.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { init } from './init.ts'
import { instanceRelease, instanceRotateKey } from './instance.ts'
import { licences } from './licences.ts'
import { routes } from './routes.ts'
import { secretRotate } from './secret.ts'
import { serve } from './serve.ts'
import { eventsImport } from './events.ts'
import { exportAll } from './export.ts'
import { tokenAdd } from './token.ts'
import { tokenCheck } from './token-check.ts'
import { tokenList, tokenRevoke, tokenRotate } from './token-kept.ts'
import { userAdd, userReset } from './user.ts'
import { workspaceAdd, workspaceRotateKey } from './workspace.ts'

/** Without the languages' ones. */
export const COMMANDS: readonly Command[] = [
  serve,
  demo,
  init,
  doctor,
  routes,
  licences,
  workspaceAdd,
  userAdd,
  userReset,
  workspaceRotateKey,
  tokenAdd,
  tokenList,
  tokenRotate,
  tokenRevoke,
  tokenCheck,
  eventsImport,
  exportAll,
  backupCreate,
  backupVerify,
  backupRestore,
  secretRotate,
  auditVerify,
  auditExport,
  instanceRelease,
  instanceRotateKey,
  attackImport,
]

export async function allCommands(): Promise<readonly Command[]> {
  const { LANGUAGE_COMMANDS } = await import('./language-commands.ts')
  return [...COMMANDS, ...LANGUAGE_COMMANDS]
}

/** Enough of them to find a command that begins with this word. */
export async function commandsFor(first: string | undefined): Promise<readonly Command[]> {
  const isKnown = COMMANDS.some(({ name }) => name.split(' ')[0] === first)
  return isKnown ? COMMANDS : allCommands()
}
