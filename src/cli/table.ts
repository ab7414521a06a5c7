// Every command of the product, in the order of the help text.

import type { Command } from './command.ts'
import { auditExport, auditVerify } from './audit.ts'
import { backupCreate, backupRestore, backupVerify } from './backup.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { init } from './init.ts'
import { instanceRelease, instanceRotateKey } from './instance.ts'
import { queryFormat, queryGuard, queryLint, queryReads } from './query.ts'
import { routes } from './routes.ts'
import { ruleConvert } from './rule-convert.ts'
import { ruleExplain } from './rule-explain.ts'
import { ruleLint } from './rule-lint.ts'
import { ruleMatch } from './rule-match.ts'
import { ruleTest } from './rule-test.ts'
import { secretRotate } from './secret.ts'
import { serve } from './serve.ts'
import { tokenAdd } from './token.ts'
import { userAdd } from './user.ts'
import { workspaceAdd, workspaceRotateKey } from './workspace.ts'

export const COMMANDS: readonly Command[] = [
  serve,
  demo,
  init,
  doctor,
  routes,
  workspaceAdd,
  userAdd,
  workspaceRotateKey,
  tokenAdd,
  backupCreate,
  backupVerify,
  backupRestore,
  secretRotate,
  auditVerify,
  auditExport,
  instanceRelease,
  instanceRotateKey,
  ruleLint,
  ruleConvert,
  ruleMatch,
  ruleExplain,
  ruleTest,
  queryLint,
  queryFormat,
  queryReads,
  queryGuard,
]
