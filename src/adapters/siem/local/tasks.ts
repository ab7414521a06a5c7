// What is asked of the threads that hold the sandbox's files open, and what they answer. Types only, so
// that the program which asks does not load what answers.

import type { EventFilter, EventTotals, ImportEnd, StoredEvent } from '#domain/events/port.ts'
import type { SchemaTable, TestAnswer } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import type { WorkerTask } from '#platform/worker.ts'
import type { ImportBegin, ImportStep } from './import.ts'
import type { ImportRow } from './import-store.ts'
import type { EventsToQuery, QueriedEvents } from './query-events.ts'
import type { AlertRow, RuleRow, RuleRunRow, RuleWrite } from './rule-store.ts'
import type { SigmaFound } from './sigma-search.ts'

const task = <Input, Output>(name: string, worker = 'events'): WorkerTask<Input, Output> => ({
  worker,
  name: `events.${name}`,
})

interface InFile {
  /** Absolute path of the sandbox. */
  readonly file: string
}

// Imports
export const beginImportTask = task<ImportBegin, ImportRow>('begin-import')
export const stepImportTask = task<ImportStep, ImportRow>('step-import')
export const endImportTask = task<ImportStep & ImportEnd, void>('end-import')
export const listImportsTask = task<InFile & { limit: number }, readonly ImportRow[]>(
  'list-imports',
)

// Events
export const totalsTask = task<InFile, EventTotals>('totals')
export const listEventsTask = task<InFile & EventFilter, readonly StoredEvent[]>('list-events')
export const keepWithinTask = task<InFile & { before: number; bytesMax: number }, number>(
  'keep-within',
)
/** Everything but the rules, which then have seen nothing. */
export const clearTask = task<InFile, void>('clear')
export const schemaTask = task<InFile, readonly SchemaTable[]>('schema')

// Searches
export interface SigmaToSearch extends InFile {
  readonly text: string
  readonly from: number
  readonly to: number
  readonly matchesMax: number
  readonly timeoutMs: number
}

export const searchSigmaTask = task<SigmaToSearch, SigmaFound>('search-sigma')
export const checkSigmaTask = task<{ text: string }, readonly Problem[]>('check-sigma')
export const testSigmaTask = task<{ text: string; events: readonly Json[] }, TestAnswer>(
  'test-sigma',
)
export const queryTask = task<EventsToQuery, QueriedEvents>('query', 'queries')
/** Kusto's parser is in a worker of its own. */
export const queryKustoTask = task<EventsToQuery, QueriedEvents>('query-kusto', 'kusto')

// Rules
export const listRulesTask = task<InFile, readonly RuleRow[]>('list-rules')
export const findRuleTask = task<InFile & { ref: string }, RuleRow | undefined>('find-rule')
/** Null: somebody else was there first. */
export const saveRuleTask = task<InFile & { rule: RuleWrite; etag: number }, RuleRow | null>(
  'save-rule',
)
export const removeRuleTask = task<InFile & { ref: string; etag: number }, boolean>('remove-rule')
export const runRulesTask = task<
  InFile & { now: number; timeoutMs: number },
  { ran: number; alerts: number }
>('run-rules')
export const listRunsTask = task<InFile & { from: number; to: number }, readonly RuleRunRow[]>(
  'list-runs',
)
export const listAlertsMadeTask = task<
  InFile & { from: number; to: number; limit: number },
  readonly Omit<AlertRow, 'body'>[]
>('list-alerts-made')
export const listAlertsTask = task<InFile & { limit: number }, readonly AlertRow[]>('list-alerts')
