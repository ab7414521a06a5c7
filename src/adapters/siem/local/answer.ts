// The thread's side: each task opens the sandbox's file, does its work and closes it, so that a file
// can be deleted between any two.

import type { SchemaTable, TestAnswer } from '#domain/targets/port.ts'
import type { EventFilter, StoredEvent } from '#domain/events/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { instant } from '#kernel/time.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { handle, type TaskHandler } from '#platform/worker-thread.ts'
import { removeFile, withReader, withWriter } from './file.ts'
import { beginImport, endImport, stepImport } from './import.ts'
import { listFields, listImports, type FieldRow } from './import-store.ts'
import { listNewest } from './newest.ts'
import {
  countAlerts,
  findRule,
  listAlerts,
  listAlertsMade,
  listRules,
  listRuns,
  removeRule,
  restoreRules,
  saveRule,
} from './rule-store.ts'
import { runDueRules } from './run-rules.ts'
import { readRules, searchSigma, type SigmaFound } from './sigma-search.ts'
import { readTotals, removeOld } from './store.ts'
import * as tasks from './tasks.ts'

export const EVENT_TASKS: readonly TaskHandler[] = [
  handle(tasks.beginImportTask, beginImport),
  handle(tasks.stepImportTask, stepImport),
  handle(tasks.endImportTask, ({ state, reason, ...step }) => endImport(step, state, reason)),
  handle(
    tasks.listImportsTask,
    ({ file, limit }) => withReader(file, (db) => listImports(db, limit)) ?? [],
  ),
  handle(tasks.totalsTask, totals),
  handle(tasks.listEventsTask, listEvents),
  handle(tasks.keepWithinTask, ({ file, before, bytesMax }) =>
    withWriter(file, (db) => removeOld(db, before, bytesMax)),
  ),
  handle(tasks.clearTask, ({ file }) => clear(file)),
  handle(tasks.schemaTask, ({ file }) => tablesOf(withReader(file, listFields) ?? [])),
  handle(tasks.searchSigmaTask, searchHere),
  handle(tasks.checkSigmaTask, ({ text }) => {
    const read = readRules(text)
    return 'problems' in read ? read.problems : []
  }),
  handle(tasks.testSigmaTask, ({ text, events }) => testHere(text, events)),
  handle(tasks.listRulesTask, ({ file }) => withReader(file, listRules) ?? []),
  handle(tasks.findRuleTask, ({ file, ref }) => withReader(file, (db) => findRule(db, ref))),
  handle(tasks.saveRuleTask, ({ file, rule, etag }) =>
    withWriter(file, (db) => (saveRule(db, rule, etag) ? findRule(db, rule.ref)! : null)),
  ),
  handle(tasks.removeRuleTask, ({ file, ref, etag }) =>
    withWriter(file, (db) => removeRule(db, ref, etag)),
  ),
  handle(tasks.runRulesTask, ({ file, now, timeoutMs }) => {
    const monotonicMs = () => performance.now()
    const due = { now, monotonicMs, isExpired: expiry(timeoutMs) }
    return withWriter(file, (db) => runDueRules(db, due))
  }),
  handle(
    tasks.listRunsTask,
    ({ file, from, to }) => withReader(file, (db) => listRuns(db, from, to)) ?? [],
  ),
  handle(
    tasks.listAlertsMadeTask,
    ({ file, ...wanted }) => withReader(file, (db) => listAlertsMade(db, wanted)) ?? [],
  ),
  handle(
    tasks.listAlertsTask,
    ({ file, limit }) => withReader(file, (db) => listAlerts(db, limit)) ?? [],
  ),
]

/** A new file, so that nothing is left in pages that were freed. */
function clear(file: string): void {
  const rules = withReader(file, listRules) ?? []
  removeFile(file)
  if (rules.length > 0) withWriter(file, (db) => restoreRules(db, rules))
}

function expiry(timeoutMs: number): () => boolean {
  const end = performance.now() + timeoutMs
  return () => performance.now() > end
}

const EMPTY: SigmaFound = {
  matches: [],
  scanned: 0,
  parsed: 0,
  isCut: false,
  isExpired: false,
  problems: [],
}

function searchHere({ file, timeoutMs, ...search }: tasks.SigmaToSearch): SigmaFound {
  const isExpired = expiry(timeoutMs)
  return withReader(file, (db) => searchSigma(db, { ...search, isExpired })) ?? EMPTY
}

function totals({ file }: { readonly file: string }) {
  const found = withReader(file, (db) => ({ ...readTotals(db), alertCount: countAlerts(db) }))
  const { eventCount, oldestAt, newestAt, fileBytes, alertCount } = found ?? NO_TOTALS
  const at = (ms: number | null) => (ms === null ? null : instant(Math.max(0, ms)))
  return { eventCount, oldestAt: at(oldestAt), newestAt: at(newestAt), fileBytes, alertCount }
}

const NO_TOTALS = { eventCount: 0, oldestAt: null, newestAt: null, fileBytes: 0, alertCount: 0 }

function listEvents({ file, ...filter }: EventFilter & { readonly file: string }) {
  const found = withReader(file, (db) => listNewest(db, filter)) ?? []
  return found.map((one): StoredEvent => ({ ...one, at: instant(Math.max(0, one.at)) }))
}

function tablesOf(fields: readonly FieldRow[]): readonly SchemaTable[] {
  const tables = Map.groupBy(fields, ({ sourceText }) => sourceText || 'no log source')
  return [...tables].map(([name, own]) => ({
    name,
    columns: own.map(({ name: column, type }) => ({ name: column, type })),
    lastSeenAt: instant(Math.max(0, ...own.map(({ lastSeenAt }) => lastSeenAt))),
  }))
}

/** Correlations see all events; each event behind something that fired counts as matched. */
function testHere(text: string, events: readonly Json[]): TestAnswer {
  const read = readRules(text)
  if ('problems' in read) throw new AppError('invalid', read.problems[0]!.message)
  const run = new MatchRun(read.collection)
  const answers = events.flatMap((event, index) => {
    const one = typeof event === 'object' && event !== null ? event : {}
    return run.next(one, sourceOf(one), index)
  })
  const matched = [...answers, ...run.finish()].flatMap((answer) =>
    answer.kind === 'match' ? [answer.event] : answer.events,
  )
  const unique = [...new Set(matched)].toSorted((a, b) => a - b)
  return { matched: unique, rows: unique.length, completeness: { kind: 'complete' } }
}
