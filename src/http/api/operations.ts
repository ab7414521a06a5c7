// Every operation of the REST API, in the order of the document, and the document itself.

import { publicRoute, type Route } from '#http/routes.ts'
import { ADOPTION_OPERATIONS } from './adoption.ts'
import { ALERT_OPERATIONS } from './alerts.ts'
import { AS_OF_OPERATIONS } from './as-of.ts'
import { AUDIT_OPERATIONS } from './audit.ts'
import { CHANGE_OPERATIONS } from './changes.ts'
import { getCoverage, getWrittenLayer } from './coverage.ts'
import { describeApi, type OpenApiDocument } from './document.ts'
import { DEPLOYMENT_OPERATIONS } from './deployments.ts'
import { DIRECTORY_OPERATIONS } from './directories.ts'
import { DRIFT_OPERATIONS } from './drift.ts'
import { EXCLUSION_OPERATIONS } from './exclusions.ts'
import { BUDGET_OPERATIONS } from './budgets.ts'
import { HEALTH_OPERATIONS } from './health.ts'
import { JOB_OPERATIONS } from './jobs.ts'
import { FORECAST_OPERATIONS } from './forecasts.ts'
import { HOTFIX_OPERATIONS } from './hotfixes.ts'
import { IMPACT_OPERATIONS } from './impact.ts'
import { INVITATION_OPERATIONS } from './invitations.ts'
import { getMe } from './me.ts'
import { MAPPING_DRAFT_OPERATIONS } from './mapping-drafts.ts'
import { LIST_OPERATIONS } from './lists.ts'
import { MAPPING_OPERATIONS } from './mappings.ts'
import { MEMBER_OPERATIONS } from './members.ts'
import { API_BASE, type Operation } from './operation.ts'
import { PROVIDER_KEY_OPERATIONS } from './provider-keys.ts'
import { PROVIDER_OPERATIONS } from './providers.ts'
import { QUERY_OPERATIONS } from './queries.ts'
import { RULE_OPERATIONS } from './rules.ts'
import { RULE_FILE_OPERATIONS } from './rules-push.ts'
import { GROUP_OPERATIONS } from './rule-groups.ts'
import { RULE_BULK_OPERATIONS } from './rules-bulk.ts'
import { exportRules } from './rules-export.ts'
import { RULE_IMPORT_OPERATIONS } from './rules-import.ts'
import { KEPT_RULE_OPERATIONS } from './rules-kept.ts'
import { VIEW_OPERATIONS } from './rule-views.ts'
import { RULE_TEST_OPERATIONS } from './rule-tests.ts'
import { SAVED_SEARCH_OPERATIONS } from './saved-searches.ts'
import { SEARCH_OPERATIONS } from './searches.ts'
import { listSilenced } from './silenced.ts'
import { SANDBOX_OPERATIONS } from './sandbox.ts'
import { operationRoutes } from './serve.ts'
import { getTargetSchema } from './target-schema.ts'
import { TARGET_OPERATIONS } from './targets.ts'
import { TOKEN_BUDGET_OPERATIONS } from './token-budgets.ts'
import { TOKEN_OPERATIONS } from './tokens.ts'
import { UPSTREAM_OPERATIONS } from './upstreams.ts'
import { WORKSPACE_OPERATIONS } from './workspace.ts'

export const OPERATIONS: readonly Operation[] = [
  getMe,
  ...TOKEN_OPERATIONS,
  ...TOKEN_BUDGET_OPERATIONS,
  ...MEMBER_OPERATIONS,
  ...INVITATION_OPERATIONS,
  ...WORKSPACE_OPERATIONS,
  ...PROVIDER_OPERATIONS,
  ...PROVIDER_KEY_OPERATIONS,
  ...DIRECTORY_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...JOB_OPERATIONS,
  ...ADOPTION_OPERATIONS, // one of them before the rule of that id
  ...RULE_OPERATIONS,
  // Before `/rules/{id}`, which would take "files" for an id.
  ...RULE_FILE_OPERATIONS,
  ...RULE_BULK_OPERATIONS,
  exportRules, // before the rule of that id
  ...RULE_IMPORT_OPERATIONS,
  ...KEPT_RULE_OPERATIONS,
  ...GROUP_OPERATIONS,
  ...EXCLUSION_OPERATIONS,
  ...LIST_OPERATIONS,
  ...CHANGE_OPERATIONS,
  ...VIEW_OPERATIONS,
  ...RULE_TEST_OPERATIONS,
  ...UPSTREAM_OPERATIONS,
  ...TARGET_OPERATIONS,
  getTargetSchema,
  ...MAPPING_OPERATIONS,
  ...MAPPING_DRAFT_OPERATIONS,
  ...HEALTH_OPERATIONS,
  listSilenced,
  ...DRIFT_OPERATIONS,
  ...ALERT_OPERATIONS,
  ...BUDGET_OPERATIONS,
  ...AS_OF_OPERATIONS, // before the deployment of that id
  ...DEPLOYMENT_OPERATIONS,
  getCoverage,
  getWrittenLayer,
  ...QUERY_OPERATIONS,
  ...SEARCH_OPERATIONS,
  ...SAVED_SEARCH_OPERATIONS,
  ...SANDBOX_OPERATIONS,
  ...FORECAST_OPERATIONS,
  ...IMPACT_OPERATIONS,
  ...HOTFIX_OPERATIONS,
]

export function apiRoutes(): readonly Route[] {
  return [...operationRoutes(OPERATIONS), documentRoute()]
}

let described: OpenApiDocument | undefined

/** Made for its first reader and kept: the same for everybody, and megabytes to make. */
export function apiDocument(): OpenApiDocument {
  return (described ??= describeApi(OPERATIONS))
}

/** Open to all: it says what there is, nothing of what is in it. */
function documentRoute(): Route {
  let text: string | undefined
  return publicRoute('GET', `${API_BASE}/openapi.json`, (c) => {
    text ??= JSON.stringify(apiDocument())
    return c.body(text, 200, { 'Content-Type': 'application/json' })
  })
}
