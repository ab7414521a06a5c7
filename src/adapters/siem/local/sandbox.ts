// The sandbox of events: one file for each workspace, reached through threads only. It is seen from two
// sides: as the place that people fill and empty, and as a SIEM like any other.

import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { EventImport, EventStore, LocalAlert } from '#domain/events/port.ts'
import type { Connection, Privileges, SiemPort, TargetQuery } from '#domain/targets/port.ts'
import { EVENT_FILE_BYTES_MAX } from '#kernel/limits.ts'
import { instant, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import type { Problem } from '#kernel/problem.ts'
import { AppError } from '#kernel/error.ts'
import { VERSION } from '#platform/version.ts'
import type { TaskLimits, Workers } from '#platform/worker.ts'
import { localFile } from './file.ts'
import type { ImportRow } from './import-store.ts'
import { localAlerts, localHealth, localRules } from './rules.ts'
import { receive, receivedPath, removePartials } from './receive.ts'
import type { AlertRow } from './rule-store.ts'
import { LocalSearches } from './search.ts'
import type { SigmaMatch } from './sigma-search.ts'
import * as tasks from './tasks.ts'

export interface SandboxParts {
  readonly workers: Workers
  /** Absolute path of the data directory. */
  readonly dataDir: string
  readonly now: () => Instant
}

export interface Sandbox {
  readonly events: EventStore
  readonly open: (connection: Connection) => SiemPort
}

export function openSandbox(parts: SandboxParts): Sandbox {
  const searches = new LocalSearches(parts.workers)
  return { events: eventStore(parts), open: (connection) => openLocal(parts, searches, connection) }
}

const STEP: Omit<TaskLimits, 'signal'> = { timeoutMs: 10 * MINUTE }
const QUICK: TaskLimits = { timeoutMs: 30 * SECOND }

function eventStore({ workers, dataDir, now }: SandboxParts): EventStore {
  const fileOf = (workspaceId: string) => localFile(dataDir, workspaceId)
  removePartials(path.dirname(fileOf('wsp')))
  return {
    receive: (workspaceId, id, chunks) => receive(fileOf(workspaceId), id, chunks),
    receivedPath: (workspaceId, id) => receivedPath(fileOf(workspaceId), id),
    async beginImport(workspaceId, { logSource, ...given }, signal) {
      const file = fileOf(workspaceId)
      const begin = { ...given, file, sourceText: logSource, bytesMax: EVENT_FILE_BYTES_MAX }
      return importOf(await workers.run(tasks.beginImportTask, begin, { ...STEP, signal }))
    },
    async stepImport(workspaceId, step, signal) {
      const file = fileOf(workspaceId)
      return importOf(
        await workers.run(tasks.stepImportTask, { ...step, file }, { ...STEP, signal }),
      )
    },
    endImport: (workspaceId, step, end) =>
      workers.run(tasks.endImportTask, { ...step, ...end, file: fileOf(workspaceId) }, QUICK),
    async listImports(workspaceId, limit) {
      const asked = { file: fileOf(workspaceId), limit }
      return (await workers.run(tasks.listImportsTask, asked, QUICK)).map(importOf)
    },
    totals: (workspaceId) => workers.run(tasks.totalsTask, { file: fileOf(workspaceId) }, QUICK),
    listEvents: (workspaceId, filter) =>
      workers.run(tasks.listEventsTask, { file: fileOf(workspaceId), ...filter }, QUICK),
    async listAlerts(workspaceId, limit) {
      const asked = { file: fileOf(workspaceId), limit }
      return (await workers.run(tasks.listAlertsTask, asked, QUICK)).map(alertOf)
    },
    clear: (workspaceId) => workers.run(tasks.clearTask, { file: fileOf(workspaceId) }, QUICK),
    runRules(workspaceId, signal) {
      const asked = { file: fileOf(workspaceId), now: now(), timeoutMs: MINUTE }
      return workers.run(tasks.runRulesTask, asked, { ...STEP, signal })
    },
    keepWithin: (workspaceId, limits) =>
      workers.run(tasks.keepWithinTask, { file: fileOf(workspaceId), ...limits }, STEP),
    list: () => workspacesOf(path.dirname(fileOf('wsp'))),
  }
}

function workspacesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.db'))
    .map((name) => path.basename(name, '.db'))
    .toSorted()
}

function importOf({
  sourceText,
  format,
  badLines,
  startedAt,
  endedAt,
  ...row
}: ImportRow): EventImport {
  return {
    ...row,
    format: format ?? '',
    logSource: sourceText,
    badLines: JSON.parse(badLines) as EventImport['badLines'],
    startedAt: instant(startedAt),
    endedAt: endedAt === null ? null : instant(endedAt),
  }
}

function alertOf({ ref, recordedAt, body }: AlertRow): LocalAlert {
  const { title, at, fields, event } = JSON.parse(body) as SigmaMatch
  return {
    ref,
    title,
    at: instant(Math.max(0, at)),
    recordedAt: instant(recordedAt),
    fields,
    event,
  }
}

const COMPLETE = { kind: 'complete' } as const
/** Nobody signs in to it: who may do what is the product's own business. */
const NO_PRIVILEGES: Privileges = { needed: [], excess: [], completeness: COMPLETE }

function openLocal(
  { workers, dataDir }: SandboxParts,
  searches: LocalSearches,
  { workspaceId, now }: Connection,
): SiemPort {
  const file = localFile(dataDir, workspaceId)
  const place = { workers, file, now }
  return {
    kind: 'local',
    async check(signal) {
      await workers.run(tasks.totalsTask, { file }, { ...QUICK, signal })
      const product = 'Sandbox of Rulewright'
      return { product, version: VERSION, identity: null, clockSkewMs: 0, expiresAt: null }
    },
    privileges: async () => NO_PRIVILEGES,
    async schema(signal) {
      const tables = await workers.run(tasks.schemaTask, { file }, { ...QUICK, signal })
      return { tables, completeness: COMPLETE }
    },
    validate: (query, signal) => validate(workers, query, now(), { ...QUICK, signal }),
    search: searches.open(file, now),
    rules: localRules(place),
    health: localHealth(place),
    alerts: localAlerts(place),
    async test({ language, text }, events, signal) {
      if (language === 'sigma') {
        return workers.run(tasks.testSigmaTask, { text, events }, { ...QUICK, signal })
      }
      throw new AppError('unsupported', `The sandbox tests Sigma, not ${language}.`)
    },
  }
}

/** Runs it over no events: whatever is wrong with the text comes out, and what is not known exactly. */
async function validate(
  workers: Workers,
  { language, text }: TargetQuery,
  now: Instant,
  limits: TaskLimits,
): Promise<readonly Problem[]> {
  if (language === 'sigma') return workers.run(tasks.checkSigmaTask, { text }, limits)
  if (language === 'lucene' || language === 'kuery') {
    const message = `The sandbox does not run ${language}.`
    return [{ code: 'query/not-run', severity: 'error', message }]
  }
  const task = language === 'kusto' ? tasks.queryKustoTask : tasks.queryTask
  const asked = { file: '', language, text, from: 0, to: 0, now, rowsMax: 0, timeoutMs: 10_000 }
  const { problems } = await workers.run(task, asked, limits)
  return problems
}
