// Every tool there is. The table is the whole reach of an MCP client: what is not in it cannot be
// called, and a call holds no verb that no row of it names. A test compares it with the pages and says
// of each operation that has no tool why.

import type { Verb } from '#domain/access/permission.ts'
import { assert } from '#kernel/error.ts'
import { OPERATIONS } from '#http/api/operations.ts'
import type { Operation } from '#http/api/operation.ts'
import { addRuleTest, explainEvent } from './own-operations.ts'
import { makeTool, type Tool, type ToolRow } from './tool.ts'

const BY_NAME: ReadonlyMap<string, Operation> = new Map(OPERATIONS.map((one) => [one.name, one]))

function row(name: string, rest: Omit<ToolRow, 'operation'>): ToolRow {
  const operation = BY_NAME.get(name)
  assert(operation, `there is an operation ${name}`)
  return { operation, ...rest }
}

const reads = (name: string, rest: Partial<ToolRow> = {}) => row(name, { effect: 'reads', ...rest })
const asks = (name: string, rest: Partial<ToolRow> = {}) => row(name, { effect: 'asks', ...rest })
const proposes = (name: string, rest: Partial<ToolRow> = {}) =>
  row(name, { effect: 'proposes', ...rest })

/** What a target is, never how one gets in. */
const OF_TARGETS = ['settings', 'ca', 'pins', 'parameters', 'credentials', 'concurrency'] as const

const ROWS: Readonly<Record<string, ToolRow>> = {
  who_am_i: reads('getMe'),

  list_rules: reads('listRules'),
  get_rule: reads('getRule'),
  list_rule_versions: reads('listRuleVersions'),
  get_rule_version: reads('getRuleVersion'),
  list_rule_renders: reads('listRuleRenders'),
  list_rule_test_runs: reads('listRuleTestRuns'),
  list_rule_groups: reads('listGroups'),
  find_rule_by_ref: reads('findRuleByRef'),
  lint_rules: reads('lintRules'),
  convert_rules: reads('convertRules'),
  match_events: reads('matchRules'),
  explain_event: { operation: explainEvent, effect: 'reads' },
  lint_query: reads('lintQuery'),
  run_query: reads('runQuery'),
  run_rule_tests: asks('runRuleTests'),

  list_exclusions: reads('listExclusions'),
  get_exclusion: reads('getExclusion'),
  list_exclusion_versions: reads('listExclusionVersions'),
  list_upstreams: reads('listUpstreams'),
  get_upstream: reads('getUpstream'),
  list_upstream_plan: reads('listUpstreamPlan'),

  list_targets: reads('listTargets', { hides: OF_TARGETS }),
  get_target: reads('getTarget', { hides: OF_TARGETS }),
  list_observed_rules: reads('listObservedRules'),
  list_dependencies: reads('listDependencies'),
  get_mapping: reads('getMapping'),

  list_rule_health: reads('listRuleHealth'),
  get_rule_health: reads('getRuleHealth'),
  list_silenced: reads('listSilenced'),
  list_alerts: reads('listAlerts'),
  list_budgets: reads('listBudgets'),
  get_coverage: reads('getCoverage'),
  get_navigator_layer: reads('getWrittenLayer'),

  list_changes: reads('listChanges'),
  get_change: reads('getChange'),
  list_change_signatures: reads('listChangeSignatures'),
  get_change_impact: reads('getChangeImpact'),
  list_deployments: reads('listDeployments'),
  get_deployment: reads('getDeployment'),
  plan_change: reads('planChange'),
  list_as_of: reads('listAsOf'),
  list_drift: reads('listDrift'),
  get_drift: reads('getDrift'),
  list_hotfixes: reads('listHotfixes'),
  get_hotfix: reads('getHotfix'),

  start_search: asks('startSearch', {
    about:
      'Ask targets with a query or a rule. It must do no more than read, and rows, bytes and seconds of each target are capped. The answer has the id of the search: poll get_search until its outcome is not running, then read list_search_rows.',
  }),
  get_search: reads('getSearch'),
  list_searches: reads('listSearches'),
  list_search_rows: reads('listSearchRows'),
  cancel_search: asks('cancelSearch'),
  list_saved_searches: reads('listSavedSearches'),
  get_saved_search: reads('getSavedSearch'),
  list_pinned_rows: reads('listPinnedRows'),
  list_forecasts: reads('listForecasts'),
  get_forecast: reads('getForecast'),
  list_forecast_rules: reads('listForecastRules'),

  list_jobs: reads('listJobs'),
  get_job: reads('getJob'),
  list_audit_entries: reads('listAuditEntries'),

  draft_rule: proposes('addRule', {
    about:
      'Keep a new rule as a draft, from a Sigma document as YAML. It stands on no target: people put it into a change, sign and deploy it.',
  }),
  edit_rule: proposes('saveRule', {
    about:
      'Write a new version of a rule, whole text. What is deployed stays as it is: a change brings the version there, and people sign it.',
  }),
  add_test: { operation: addRuleTest, effect: 'proposes' },
  generate_rule_tests: proposes('generateRuleTests'),
  open_change: proposes('openChange', {
    about:
      'Open a change as a draft: which versions of which rules shall stand on which targets. People submit, sign and deploy it.',
  }),
  comment_change: proposes('commentChange'),
}

export const TOOLS: readonly Tool[] = Object.entries(ROWS).map(([name, one]) => makeTool(name, one))

/** The verbs that a call may hold at most, whatever its token does. */
export const TOOL_VERBS: ReadonlySet<Verb> = new Set(TOOLS.map(({ verb }) => verb))
