// ES|QL and EQL on an Elastic stand-in, at once or kept under an id: read, checked and run by the house's
// own evaluators over the documents of the named indices.

import type { Json } from '#kernel/json.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { Answer, Value } from '#languages/evaluation.ts'
import { evaluateEql } from '#languages/eql/evaluate.ts'
import { checkColumns } from '#languages/esql/check.ts'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import type { EsqlQuery } from '#languages/esql/tree.ts'
import type { SearchDocument } from '#standins/opensearch/cluster.ts'
import { compileQuery, fieldsOf, type Members } from '#standins/opensearch/query.ts'
import { matchingDocuments } from '#standins/opensearch/search.ts'
import { ElasticError } from './errors.ts'
import { textOf } from './members.ts'
import type { AsyncSearch, Stack } from './stack.ts'

const LIMIT_DEFAULT = 1_000
const LIMIT_MAX = 10_000

export interface Prepared {
  readonly patterns: readonly string[]
  readonly warning: string | null
  readonly run: () => Json
}

/** Throws 400 for what cannot be read or names what is not there. */
export function prepareEsql(stack: Stack, body: Members): Prepared {
  const text = body['query'] as string
  const { value: query, problems } = parseEsql(text)
  if (query === undefined || hasErrors(problems)) throw refused('parsing_exception', problems)
  const patterns = query.commands.flatMap((command) =>
    command.kind === 'from' ? command.patterns.map(({ name }) => name) : [],
  )
  const found = filtered(stack, patterns.join(','), body['filter'])
  const isRow = query.commands[0]?.name === 'row'
  if (!isRow) refuseUnknown(stack, query, text, patterns)
  const isLimited = query.commands.some(({ name }) => name === 'limit')
  const limit = isLimited ? LIMIT_MAX : LIMIT_DEFAULT
  return {
    patterns,
    warning: isLimited
      ? null
      : `299 Elasticsearch-${stack.version} "No limit defined, adding default limit of [${LIMIT_DEFAULT}]"`,
    run: () => {
      const events = found.map(({ source, id, index }) => ({ ...source, _id: id, _index: index }))
      const answer = evaluateEsql(text, events, { now: stack.clock.now() })
      if (answer.value === undefined) throw refused('verification_exception', answer.problems)
      const hasMetadata = query.commands.some(
        (command) => command.kind === 'from' && command.metadata.length > 0,
      )
      const table = esqlTable(answer.value, hasMetadata, limit)
      return stack.tellsReads ? { ...table, ...readsOf(found) } : table
    },
  }
}

function filtered(
  stack: Stack,
  pattern: string,
  filter: Json | undefined,
): readonly SearchDocument[] {
  if (pattern === '') return []
  const check = compileQuery(filter)
  return matchingDocuments(stack, pattern).filter(({ source }) => check(fieldsOf(source)))
}

function refuseUnknown(
  stack: Stack,
  query: EsqlQuery,
  text: string,
  patterns: readonly string[],
): void {
  const columns: Record<string, string> = {}
  for (const { source } of matchingDocuments(stack, patterns.join(','))) {
    for (const name of fieldsOf(source).keys()) columns[name] = 'keyword'
  }
  if (Object.keys(columns).length === 0) {
    const reason = `Found 1 problem line 1:1: Unknown index [${patterns.join(',')}]`
    throw new ElasticError(400, 'verification_exception', reason)
  }
  const tables = Object.fromEntries(patterns.map((name) => [name, columns]))
  const problems = checkColumns(query, text, { tables })
  if (problems.length > 0) throw refused('verification_exception', problems)
}

function refused(type: string, problems: readonly Problem[]): ElasticError {
  const lines = problems.map(
    ({ line = 1, column = 1, message }) => `line ${line}:${column}: ${message}`,
  )
  const reason =
    type === 'parsing_exception' ? lines[0]! : `Found ${lines.length} problem\n${lines.join('\n')}`
  return new ElasticError(400, type, reason)
}

/** As though a query took up every document of its time, and every field of each. */
function readsOf(found: readonly SearchDocument[]): Members {
  const values = found.reduce((sum, { source }) => sum + fieldsOf(source).size, 0)
  return { documents_found: found.length, values_loaded: values }
}

function esqlTable({ columns, rows }: Answer, hasMetadata: boolean, limit: number): Members {
  const shown = columns.filter((name) => hasMetadata || !/^_(?:id|index)$/.test(name))
  return {
    took: 3,
    is_partial: false,
    columns: shown.map((name) => ({
      name,
      type: typeOf(
        name,
        rows.map((row) => row[name]),
      ),
    })),
    values: rows.slice(0, limit).map((row) => shown.map((name) => (row[name] ?? null) as Json)),
  }
}

function typeOf(name: string, values: readonly (Value | undefined)[]): string {
  if (name === '@timestamp') return 'date'
  const first = values.flat().find((value) => value !== null && value !== undefined)
  if (typeof first === 'boolean') return 'boolean'
  if (typeof first === 'number') return Number.isInteger(first) ? 'long' : 'double'
  return first === undefined ? 'null' : 'keyword'
}

/** Throws 400 for what cannot be read. */
export function prepareEql(stack: Stack, pattern: string, body: Members): Prepared {
  const found = filtered(stack, pattern, body['filter'])
  const text = body['query'] as string
  const size = Number(body['size'] ?? 10)
  const probe = evaluateEql(text, [], { now: stack.clock.now() })
  if (probe.value === undefined) throw refused('parsing_exception', probe.problems)
  return { patterns: [pattern], warning: null, run: () => eqlHits(stack, text, found, size) }
}

function eqlHits(
  stack: Stack,
  text: string,
  documents: readonly SearchDocument[],
  size: number,
): Json {
  const places = new Map(documents.map((document) => [document.source, document]))
  const hitOf = (source: SearchDocument['source']) => {
    const { id, index } = places.get(source)!
    return { _index: index, _id: id, _source: source as Json }
  }
  const { value, problems } = evaluateEql(text, [...places.keys()], { now: stack.clock.now() })
  if (value === undefined) throw refused('verification_exception', problems)
  const isSequence = /^\s*sequence\b/.test(text)
  const hits: Members = isSequence
    ? {
        sequences: newest(value.sequences, size).map(({ joinKeys, events }) => ({
          ...(joinKeys.length > 0 && { join_keys: joinKeys }),
          events: events.map(hitOf),
        })),
      }
    : { events: newest(value.events, size).map(hitOf) }
  const count = isSequence ? value.sequences.length : value.events.length
  return {
    took: 3,
    timed_out: false,
    hits: {
      total: { value: Math.min(count, size), relation: count > size ? 'gte' : 'eq' },
      ...hits,
    },
  }
}

/** EQL gives the tail of what it found, in the order of time. */
function newest<T>(found: readonly T[], size: number): readonly T[] {
  return found.slice(Math.max(0, found.length - size))
}

// ── Kept searches ────────────────────────────────────────────────────────────────────────────────

export function submit(
  stack: Stack,
  kind: AsyncSearch['kind'],
  prepared: Prepared,
  { body, opaqueId }: { readonly body: Members; readonly opaqueId: string },
): Json {
  const now = stack.clock.now()
  const search: AsyncSearch = {
    id: `${Buffer.from(`search-${++stack.serial}`).toString('base64')}==`,
    kind,
    opaqueId,
    startedAt: now,
    run: prepared.run,
    polls: 0,
    answer: null,
    expiresAt: now + millisecondsOf(body['keep_alive']),
  }
  if (stack.pollsToDone === 0) finish(search)
  const isKept = body['keep_on_completion'] === true
  if (search.answer !== null && !isKept) return answerOf(stack, search, false)
  stack.searches.set(search.id, search)
  return answerOf(stack, search, true)
}

function millisecondsOf(text: Json | undefined): number {
  const [, count = '5', unit = 'd'] = /^(\d+)([smhd])$/.exec(textOf(text)) ?? []
  return Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 0)
}

/** Throws 404. */
export function findSearch(stack: Stack, id: string): AsyncSearch {
  const search = stack.searches.get(id)
  if (search !== undefined && search.expiresAt > stack.clock.now()) return search
  stack.searches.delete(id)
  throw new ElasticError(404, 'resource_not_found_exception', id)
}

export function poll(stack: Stack, search: AsyncSearch): Json {
  if (search.answer === null && ++search.polls >= stack.pollsToDone) finish(search)
  return answerOf(stack, search, true)
}

function finish(search: AsyncSearch): void {
  try {
    search.answer = search.run()
  } catch (error) {
    if (!(error instanceof ElasticError)) throw error
    search.answer = error
  }
}

/** Throws what it ended with. */
function answerOf(stack: Stack, search: AsyncSearch, hasId: boolean): Json {
  const { answer, kind, id, startedAt, expiresAt } = search
  if (answer instanceof ElasticError) throw answer
  const isRunning = answer === null
  const times = {
    start_time_in_millis: startedAt,
    expiration_time_in_millis: expiresAt,
  }
  const empty =
    kind === 'esql'
      ? { columns: [], values: [] }
      : { timed_out: false, took: 0, hits: { total: { value: 0, relation: 'eq' }, events: [] } }
  const body: Members = { ...((answer ?? empty) as Members) }
  if (JSON.stringify(body).length > stack.storedBytesMax) {
    const reason = `Can't store an async search response larger than [${stack.storedBytesMax}] bytes. This limit can be set by changing the [search.max_async_search_response_size] setting.`
    throw new ElasticError(400, 'illegal_argument_exception', reason)
  }
  return {
    ...(hasId && { id }),
    is_running: isRunning,
    is_partial: isRunning || body['is_partial'] === true,
    ...(hasId && kind === 'esql' && times),
    ...Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'is_partial')),
  }
}

export function statusOf(stack: Stack, search: AsyncSearch): Json {
  if (search.answer === null && ++search.polls >= stack.pollsToDone) finish(search)
  const { id, answer, startedAt, expiresAt } = search
  const isRunning = answer === null
  return {
    id,
    is_running: isRunning,
    is_partial: isRunning,
    start_time_in_millis: startedAt,
    expiration_time_in_millis: expiresAt,
    ...(!isRunning && { completion_status: answer instanceof ElasticError ? answer.status : 200 }),
  }
}

/** Throws 404. What has not ended may run on. */
export function drop(stack: Stack, id: string): Json {
  const search = findSearch(stack, id)
  stack.searches.delete(id)
  if (search.answer === null && stack.looksToCancel > 0) {
    stack.lingering.set(search.opaqueId, stack.looksToCancel)
  }
  return { acknowledged: true }
}

/** Ends it with what there is. */
export function stop(search: AsyncSearch, stack: Stack): Json {
  finish(search)
  if (!(search.answer instanceof ElasticError)) {
    search.answer = { ...(search.answer as { [key: string]: Json }), is_partial: true }
  }
  return answerOf(stack, search, true)
}

/** What runs, with the id that its sender gave it. */
export function tasksOf(stack: Stack): Json {
  const tasks: Record<string, Json> = {}
  const add = (opaqueId: string, at: number) => {
    tasks[`node-1:${at}`] = {
      node: 'node-1',
      id: at,
      action: 'indices:data/read/esql',
      cancellable: true,
      headers: { 'X-Opaque-Id': opaqueId },
    }
  }
  let at = 0
  for (const search of stack.searches.values())
    if (search.answer === null) add(search.opaqueId, ++at)
  for (const [opaqueId, looks] of stack.lingering) {
    add(opaqueId, ++at)
    if (looks <= 1) stack.lingering.delete(opaqueId)
    else stack.lingering.set(opaqueId, looks - 1)
  }
  return { nodes: { 'node-1': { name: 'node-1', tasks } } }
}
