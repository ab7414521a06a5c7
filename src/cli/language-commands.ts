// The commands on the caller's own files: rules and queries, and folders of rules beside a server.

import type { Command } from './command.ts'
import { queryFormat, queryGuard, queryLint, queryReads } from './query.ts'
import { queryRun } from './query-run.ts'
import { ruleConvert } from './rule-convert.ts'
import { ruleExplain } from './rule-explain.ts'
import { ruleGenerate } from './rule-generate.ts'
import { ruleImport } from './rule-import.ts'
import { ruleLint } from './rule-lint.ts'
import { ruleMatch } from './rule-match.ts'
import { ruleStarter } from './rule-starter.ts'
import { ruleTest } from './rule-test.ts'
import { search } from './search.ts'
import { searchSaved } from './search-saved.ts'
import { SYNC_COMMANDS } from './sync.ts'

export const LANGUAGE_COMMANDS: readonly Command[] = [
  ruleLint,
  ruleConvert,
  ruleMatch,
  ruleExplain,
  ruleTest,
  ruleGenerate,
  ruleImport,
  ruleStarter,
  queryLint,
  queryFormat,
  queryReads,
  queryGuard,
  queryRun,
  ...SYNC_COMMANDS,
  search,
  searchSaved,
]
