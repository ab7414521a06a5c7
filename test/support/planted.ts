// One row of each kind in workspace acme, for the test that tries to reach them from another.

import { all, change, type Steps } from '#platform/db/steps.ts'
import { plantObserved } from './adoption-walls.ts'
import { plantChange } from './change-walls.ts'
import { plantExclusion } from './exclusion-walls.ts'
import { plantList } from './list-walls.ts'
import { HEALTH_TABLES, plantHealth } from './health-walls.ts'
import { plantDeployment } from './deployment-walls.ts'
import { plantPlacement } from './placement-walls.ts'
import { plantUpstream } from './brought-walls.ts'
import { plantBacktest } from './backtest-walls.ts'
import { plantSearch } from './search-walls.ts'

// Those that refer before those they refer to.
export const TABLES = [
  'hotfix',
  'backtestItem',
  'backtest',
  ...HEALTH_TABLES,
  'changeEvent',
  'changeComment',
  'changeSignature',
  'changeItem',
  'change',
  'drift',
  'placementHistory',
  'placementBody',
  'targetLook',
  'placement',
  'deploymentItem',
  'deployment',
  'adoption',
  'observedDependency',
  'dependency',
  'observedRule',
  'targetPull',
  'exclusionRule',
  'referenceListVersion',
  'referenceList',
  'exclusionVersion',
  'exclusion',
  'jobStep',
  'job',
  'jobSchedule',
  'idempotencyKey',
  'ruleImportItem',
  'ruleImport',
  'ruleUpstream',
  'upstreamItem',
  'upstreamUpdate',
  'upstream',
  'ruleBulkItem',
  'ruleBulk',
  'ruleFile',
  'ruleTestRun',
  'ruleVersion',
  'ruleRender',
  'ruleReference',
  'rule',
  'ruleGroup',
  'savedView',
  'searchPin',
  'savedSearch',
  'searchSegment',
  'search',
  'mappingPreviewRule',
  'mappingPreview',
  'mappingSurvey',
  'mappingDraft',
  'mapping',
  'targetCredential',
  'targetHealthChange',
  'targetHealth',
  'target',
]

export function* everything(): Steps<readonly unknown[]> {
  const rows: unknown[] = []
  for (const table of TABLES) rows.push(...(yield* all(`select * from "${table}"`)))
  return rows
}

export function* clear(): Steps<void> {
  for (const table of TABLES) yield* change(`delete from "${table}"`)
  yield* change('delete from "ruleWords" where "rowid" = 1')
}

export function* plant(state: 'queued' | 'leased' | 'succeeded'): Steps<void> {
  const owner = state === 'leased' ? 'acme' : null
  yield* change(
    `insert into "job" ("workspaceId", "id", "kind", "title", "input", "state", "priority", "attempt",
       "attemptsMax", "runAt", "leaseOwner", "leaseUntil", "fence", "isCancelRequested", "createdBy",
       "createdAt", "endedAt", "scheduleId")
     values ('wsp_acme', 'job_01', 'x', 'x', '{}', ?, 1, 1, 3, 1, ?, ?, 1, 0, 'usr_ada', 1, ?, 'sch_01')`,
    state,
    owner,
    owner && 1,
    state === 'succeeded' ? 1 : null,
  )
  yield* change(
    `insert into "jobSchedule" ("workspaceId", "id", "name", "title", "kind", "input", "cron",
       "timeZone", "nextAt", "plannedAt", "forgottenUntil", "createdBy", "createdAt")
     values ('wsp_acme', 'sch_01', 'nightly', 'x', 'x', '{}', '0 3 * * *', 'UTC', 1, 1, 0, 'usr_ada', 1)`,
  )
  yield* change(
    `insert into "idempotencyKey" ("workspaceId", "actor", "key", "requestDigest", "createdAt")
     values ('wsp_acme', 'tok_ada', 'key', 'digest', 1)`,
  )
  yield* change(
    `insert into "jobStep" ("workspaceId", "jobId", "stepId", "idempotencyKey", "desiredHash", "intentAt")
     values ('wsp_acme', 'job_01', 'send', 'key', 'hash', 1)`,
  )
  yield* change(
    `insert into "rule" ("workspaceId", "id", "number", "state", "origin", "version", "contentHash",
       "kind", "format", "title", "sortTitle", "sigmaId", "levelRank", "tags", "errorCount",
       "warningCount", "positiveTests", "negativeTests", "createdAt", "createdBy", "updatedAt", "updatedBy")
     values ('wsp_acme', 'rul_01', 1, 'draft', 'written', 1, 'x', 'rule', 'sigma', 'stolen', 'stolen',
       'sigma_01', 0, '[]', 0, 0, 1, 0, 1, 'usr_ada', 1, 'usr_ada')`,
  )
  yield* change(`insert into "ruleWords" ("rowid", "words") values (1, 'stolen')`)
  yield* change(
    `insert into "ruleVersion" ("workspaceId", "ruleId", "number", "text", "contentHash", "reason",
       "createdAt", "createdBy")
     values ('wsp_acme', 'rul_01', 1, 'x', 'x', 'x', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "ruleFile" ("workspaceId", "ruleId", "path", "document", "version", "contentHash")
     values ('wsp_acme', 'rul_01', 'x', 0, 1, 'x')`,
  )
  yield* change(
    `insert into "ruleImport" ("workspaceId", "id", "state", "source", "fileCount", "createdAt", "createdBy")
     values ('wsp_acme', 'imp_01', 'preview', 'x', 1, 1, 'usr_ada')`,
  )
  for (const result of [null, 'saved']) {
    yield* change(
      `insert into "ruleImportItem" ("workspaceId", "importId", "position", "path", "finding",
         "problems", "text", "contentHash", "ruleId", "result")
       values ('wsp_acme', 'imp_01', ?, 'x', 'new', '[]', 'x', 'x', 'rul_01', ?)`,
      result === null ? 1 : 2,
      result,
    )
  }
  yield* plantUpstream()
  yield* plantSearch()
  yield* plantBacktest()
  yield* plantExclusion()
  yield* plantList()
  yield* change(
    `insert into "ruleBulk" ("workspaceId", "jobId", "title", "undoes", "createdAt", "createdBy")
     values ('wsp_acme', 'job_01', 'x', 'job_01', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "ruleBulkItem" ("workspaceId", "jobId", "ruleId", "title", "result")
     values ('wsp_acme', 'job_01', 'rul_01', 'x', 'changed')`,
  )
  yield* change(
    `insert into "ruleTestRun" ("workspaceId", "id", "ruleId", "version", "verdict", "passed", "failed",
       "untold", "engine", "durationMs", "results", "at", "by")
     values ('wsp_acme', 'trn_01', 'rul_01', 1, 'passed', 1, 0, 0, 'x', 1, '[]', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "ruleReference" ("workspaceId", "reference", "ruleId") values ('wsp_acme', 'other', 'rul_01')`,
  )
  yield* change(
    `insert into "ruleRender" ("workspaceId", "ruleId", "kind", "target", "state", "isPending", "renderer",
       "inputHash", "queries", "problems", "version", "renderedAt")
     values ('wsp_acme', 'rul_01', 'local', '', 'ok', 0, 'x', 'x', '[]', '[]', 1, 1)`,
  )
  yield* change(
    `insert into "ruleGroup" ("workspaceId", "id", "slug", "name", "createdAt", "createdBy")
     values ('wsp_acme', 'grp_01', 'windows', 'x', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "target" ("workspaceId", "id", "name", "kind", "stage", "mode", "deploy", "settings",
       "pins", "parameters", "concurrency", "checkMinutes", "version", "createdAt", "createdBy",
       "changedAt", "changedBy")
     values ('wsp_acme', 'tgt_01', 'london', 'local', 'test', 'read_only', 'api', '{}', '[]', '{}', 4, 5,
       1, 1, 'usr_ada', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "targetCredential" ("workspaceId", "id", "targetId", "purpose", "slot", "kind", "label",
       "sealed", "endsAt", "createdAt", "createdBy")
     values ('wsp_acme', 'crd_01', 'tgt_01', 'read', 'current', 'token', '', x'00', 1, 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "targetHealth" ("workspaceId", "targetId", "state", "reason", "since", "facts", "schema",
       "schemaAt")
     values ('wsp_acme', 'tgt_01', 'unknown', '', 1, '{}', '{}', 1)`,
  )
  yield* plantObserved()
  yield* plantPlacement()
  yield* plantHealth()
  yield* plantChange()
  yield* plantDeployment()
  yield* change(
    `insert into "targetHealthChange" ("workspaceId", "targetId", "number", "at", "state", "reason")
     values ('wsp_acme', 'tgt_01', 1, 1, 'unknown', 'tgt_01')`,
  )
  yield* change(
    `insert into "mapping" ("workspaceId", "targetId", "number", "pipelines", "document", "contentHash",
       "reason", "createdAt", "createdBy")
     values ('wsp_acme', 'tgt_01', 1, '[]', '{}', 'x', 'x', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "mappingDraft" ("workspaceId", "targetId", "basedOn", "revision", "pipelines", "document",
       "changedAt", "changedBy")
     values ('wsp_acme', 'tgt_01', 1, 1, '[]', '{}', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "mappingPreview" ("workspaceId", "targetId", "contentHash", "jobId", "ruleCount", "startedAt")
     values ('wsp_acme', 'tgt_01', 'x', 'job_01', 1, 1)`,
  )
  yield* change(
    `insert into "mappingPreviewRule" ("workspaceId", "targetId", "ruleId", "effect", "before", "after")
     values ('wsp_acme', 'tgt_01', 'rul_01', 'changed', 'x', 'y')`,
  )
  yield* change(
    `insert into "mappingSurvey" ("workspaceId", "targetId", "ruleCount", "found", "madeAt")
     values ('wsp_acme', 'tgt_01', 1, '{}', 1)`,
  )
  yield* change(
    `insert into "savedView" ("workspaceId", "id", "userId", "list", "name", "query", "createdAt")
     values ('wsp_acme', 'vew_01', 'usr_ada', 'rules', 'x', 'x', 1)`,
  )
}
