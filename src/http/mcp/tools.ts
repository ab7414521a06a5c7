// Every tool there is: what reads, under the verbs of READING, and the few acts that propose or ask. This
// is the whole reach of an MCP client: what is no tool cannot be called, and a call holds no verb that no
// tool is for. A test says of every verb and write of the pages that has no tool why.

import type { Verb } from '#domain/access/permission.ts'
import { assert } from '#kernel/error.ts'
import { OPERATIONS } from '#http/api/operations.ts'
import { isWrite, type Operation } from '#http/api/operation.ts'
import { addRuleTest, explainEvent } from './own-operations.ts'
import { makeTool, type Tool, type ToolRow } from './tool.ts'

/** What an agent may look at; whatever reads under one of them is a tool. */
const READING: ReadonlySet<Verb> = new Set<Verb>([
  'workspace.read',
  'rule.read',
  'rule.check',
  'exclusion.read',
  'target.read',
  'health.read',
  'change.read',
  'deployment.read',
  'drift.read',
  'search.run',
  'job.read',
  'audit.read',
])

/** Reads, and is no tool: a proof or a bulk of files for programs, or a person's own arrangement. */
export const NOT_FOR_AGENTS: readonly string[] = [
  'listAuditCheckpoints',
  'proveAuditEntry',
  'proveAuditContinuation',
  'listRuleFiles',
  'readRuleFiles',
  'getRuleBulk',
  'listRuleBulkItems',
  'getMappingDraft',
  'getMappingPreview',
  'listMappingSuggestions',
  'listViews',
  'getView',
]

/** Reads, by another name than that of its operation. */
const RENAMED: Readonly<Record<string, string>> = {
  getMe: 'who_am_i',
  matchRules: 'match_events',
  listGroups: 'list_rule_groups',
  getWrittenLayer: 'get_navigator_layer',
}

/** What a target is, never how one gets in. */
const OF_TARGETS = ['settings', 'ca', 'pins', 'parameters', 'credentials', 'concurrency']
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  listTargets: OF_TARGETS,
  getTarget: OF_TARGETS,
}

type Rest = Omit<ToolRow, 'operation'>

/** Acts: what they leave is a draft, a comment, or a question to a target. */
const ACTS: readonly (readonly [tool: string, operation: string, rest: Rest])[] = [
  ['run_rule_tests', 'runRuleTests', { effect: 'asks' }],
  ['start_search', 'startSearch', { effect: 'asks', asksTargets: true }],
  ['cancel_search', 'cancelSearch', { effect: 'asks', asksTargets: true, isIdempotent: true }],
  ['draft_rule', 'addRule', { effect: 'proposes' }],
  ['edit_rule', 'saveRule', { effect: 'proposes' }],
  ['generate_rule_tests', 'generateRuleTests', { effect: 'proposes' }],
  ['open_change', 'openChange', { effect: 'proposes' }],
  ['comment_change', 'commentChange', { effect: 'proposes' }],
]

export const TOOLS: readonly Tool[] = [
  ...OPERATIONS.filter(isReading).map((one) =>
    makeTool(RENAMED[one.name] ?? snakeCase(one.name), {
      operation: one,
      effect: 'reads',
      ...(HIDDEN[one.name] && { hides: HIDDEN[one.name] }),
      ...(one.name === 'planChange' && { asksTargets: true as const }),
    }),
  ),
  makeTool('explain_event', { operation: explainEvent, effect: 'reads' }),
  ...ACTS.map(([name, of, rest]) => makeTool(name, { operation: operationOf(of), ...rest })),
  makeTool('add_test', { operation: addRuleTest, effect: 'proposes' }),
]

/** The verbs that a call may hold at most, whatever its token does. */
export const TOOL_VERBS: ReadonlySet<Verb> = new Set(TOOLS.map(({ verb }) => verb))

function isReading(one: Operation): boolean {
  if (isWrite(one) || one.streams.length > 0 || !READING.has(one.permission)) return false
  return !NOT_FOR_AGENTS.includes(one.name)
}

function operationOf(name: string): Operation {
  const operation = OPERATIONS.find((one) => one.name === name)
  assert(operation, `there is an operation ${name}`)
  return operation
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
