// The migrations of the product, oldest first. Forward only: a migration that has shipped is never
// edited; what it got wrong, the next one mends.

import * as audit from './0001-audit.ts'
import * as instance from './0002-instance.ts'
import * as jobs from './0003-jobs.ts'
import * as workspaces from './0004-workspaces.ts'
import * as backups from './0005-backups.ts'
import * as clock from './0006-clock.ts'
import * as access from './0007-access.ts'
import * as auditPlaces from './0008-audit-places.ts'
import * as suspendedWorkspaces from './0009-suspended-workspaces.ts'
import * as rules from './0020-rules.ts'
import * as factors from './0030-factors.ts'
import * as digests from './0031-digests.ts'
import * as attack from './0032-attack.ts'
import * as emailChange from './0033-email-change.ts'
import * as ruleFiles from './0035-rule-files.ts'
import * as imports from './0040-imports.ts'
import * as ruleTests from './0041-rule-tests.ts'
import * as exclusions from './0050-exclusions.ts'
import * as upstreams from './0052-upstreams.ts'
import * as importPlaces from './0054-import-places.ts'
import * as ruleBulk from './0056-rule-bulk.ts'
import * as ruleBodies from './0058-rule-bodies.ts'
import * as targets from './0062-targets.ts'
import * as searches from './0064-searches.ts'
import * as mappings from './0066-mappings.ts'
import * as targetIdentities from './0072-target-identities.ts'
import * as adoption from './0074-adoption.ts'
import * as savedSearches from './0076-saved-searches.ts'
import * as dependencies from './0077-dependencies.ts'
import * as placements from './0078-placements.ts'
import * as changes from './0080-changes.ts'
import * as backtests from './0082-backtests.ts'
import * as hotfixes from './0083-hotfixes.ts'
import * as deployments from './0084-deployments.ts'
import * as drift from './0086-drift.ts'
import * as health from './0088-health.ts'
import * as coverage from './0090-coverage.ts'
import * as lists from './0092-lists.ts'
import * as builtOn from './0093-built-on.ts'
import * as delays from './0095-delays.ts'
import * as identity from './0096-identity.ts'
import * as tokenUse from './0097-token-use.ts'
import * as scim from './0098-scim.ts'
import * as hidden from './0099-hidden.ts'
import * as ruleCounts from './0100-rule-counts.ts'
import * as largeLists from './0101-large-lists.ts'
import * as providerKeys from './0103-provider-keys.ts'
import * as providedSessions from './0104-provided-sessions.ts'
import * as scimMoving from './0105-scim-moving.ts'
import * as switches from './0108-switches.ts'
import * as serviceTokens from './0109-service-tokens.ts'
import * as agentBudgets from './0110-agent-budgets.ts'
import type { Migration } from '#platform/db/migrate.ts'

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'audit', up: audit.up },
  { number: 2, name: 'instance', up: instance.up },
  { number: 3, name: 'jobs', up: jobs.up },
  { number: 4, name: 'workspaces', up: workspaces.up },
  { number: 5, name: 'backups', up: backups.up },
  { number: 6, name: 'clock', up: clock.up },
  { number: 7, name: 'access', up: access.up },
  { number: 8, name: 'audit-places', up: auditPlaces.up },
  { number: 9, name: 'suspended-workspaces', up: suspendedWorkspaces.up },
  { number: 20, name: 'rules', up: rules.up },
  { number: 30, name: 'factors', up: factors.up },
  { number: 31, name: 'digests', up: digests.up },
  { number: 32, name: 'attack', up: attack.up },
  { number: 33, name: 'email-change', up: emailChange.up },
  { number: 35, name: 'rule-files', up: ruleFiles.up },
  { number: 40, name: 'imports', up: imports.up },
  { number: 41, name: 'rule-tests', up: ruleTests.up },
  { number: 50, name: 'exclusions', up: exclusions.up },
  { number: 52, name: 'upstreams', up: upstreams.up },
  { number: 54, name: 'import-places', up: importPlaces.up },
  { number: 56, name: 'rule-bulk', up: ruleBulk.up },
  { number: 58, name: 'rule-bodies', up: ruleBodies.up },
  { number: 62, name: 'targets', up: targets.up },
  { number: 64, name: 'searches', up: searches.up },
  { number: 66, name: 'mappings', up: mappings.up },
  { number: 72, name: 'target-identities', up: targetIdentities.up },
  { number: 74, name: 'adoption', up: adoption.up },
  { number: 76, name: 'saved-searches', up: savedSearches.up },
  { number: 77, name: 'dependencies', up: dependencies.up },
  { number: 78, name: 'placements', up: placements.up },
  { number: 80, name: 'changes', up: changes.up },
  { number: 82, name: 'backtests', up: backtests.up },
  { number: 83, name: 'hotfixes', up: hotfixes.up },
  { number: 84, name: 'deployments', up: deployments.up },
  { number: 86, name: 'drift', up: drift.up },
  { number: 88, name: 'health', up: health.up },
  { number: 90, name: 'coverage', up: coverage.up },
  { number: 92, name: 'lists', up: lists.up },
  { number: 93, name: 'built-on', up: builtOn.up },
  { number: 95, name: 'delays', up: delays.up },
  { number: 96, name: 'identity', up: identity.up },
  { number: 97, name: 'token-use', up: tokenUse.up },
  { number: 98, name: 'scim', up: scim.up },
  { number: 99, name: 'hidden', up: hidden.up },
  { number: 100, name: 'rule-counts', up: ruleCounts.up },
  { number: 101, name: 'large-lists', up: largeLists.up },
  { number: 103, name: 'provider-keys', up: providerKeys.up },
  { number: 104, name: 'provided-sessions', up: providedSessions.up },
  { number: 105, name: 'scim-moving', up: scimMoving.up },
  { number: 108, name: 'switches', up: switches.up },
  { number: 109, name: 'service-tokens', up: serviceTokens.up },
  { number: 110, name: 'agent-budgets', up: agentBudgets.up },
]
