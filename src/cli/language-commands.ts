// The commands that need no server: rules and queries on the caller's own files.

import type { Command } from './command.ts'
import { queryFormat, queryGuard, queryLint, queryReads } from './query.ts'
import { queryRun } from './query-run.ts'
import { ruleConvert } from './rule-convert.ts'
import { ruleExplain } from './rule-explain.ts'
import { ruleLint } from './rule-lint.ts'
import { ruleMatch } from './rule-match.ts'
import { ruleTest } from './rule-test.ts'

export const LANGUAGE_COMMANDS: readonly Command[] = [
  ruleLint,
  ruleConvert,
  ruleMatch,
  ruleExplain,
  ruleTest,
  queryLint,
  queryFormat,
  queryReads,
  queryGuard,
  queryRun,
]
