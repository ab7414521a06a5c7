// A query over events that Splunk never keeps: `makeresults` makes rows of them, and the query runs on
// those. What reads from somewhere else (a data model, a lookup) cannot be run this way and is refused.

import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { hasErrors } from '#kernel/problem.ts'
import { parseSpl } from '#languages/spl/parse.ts'
import type { SplCommand, SplTerm } from '#languages/spl/tree.ts'
import { walk } from '#languages/spl/walk.ts'
import type { TargetQuery, TestAnswer } from '#domain/targets/port.ts'
import type { SplunkClient } from './client.ts'
import { runOneshot } from './oneshot.ts'
import { quoted } from './query-text.ts'
import type { SplunkSettings } from './settings.ts'

const EVENTS_MAX = 200
const ROWS_MAX = 10_000
const BYTES_MAX = 512 * 1024
/** Follows an event through a query that keeps events. */
const MARK = 'rulewright_event'
/** Where events came from: said by the index, not by the event. */
const PLACES = new Set(['index', 'sourcetype', 'source', 'host'])

export async function runDry(
  client: SplunkClient,
  settings: SplunkSettings,
  { query, events }: { readonly query: TargetQuery; readonly events: readonly Json[] },
  signal: AbortSignal,
): Promise<TestAnswer> {
  if (events.length > EVENTS_MAX) {
    throw new AppError('too_large', `Splunk tests a query with at most ${EVENTS_MAX} events.`)
  }
  const marked = events.map((event, at) => ({ ...membersOf(event), [MARK]: at }))
  const data = JSON.stringify(marked)
  if (data.length > BYTES_MAX)
    throw new AppError('too_large', 'These events are too large for a test on Splunk.')
  const rest = restOf(query.text, events)
  const { rows, warnings } = await runOneshot(
    client,
    settings,
    {
      search: `| makeresults format=json data=${quoted(data)} | ${rest}`,
      rowsMax: ROWS_MAX,
      secondsMax: 60,
      what: 'the test',
    },
    signal,
  )
  const marks = rows.map((row) => row[MARK])
  const isTraced = marks.every((mark) => mark !== null && mark !== undefined && mark !== '')
  const [missing] = warnings
  return {
    matched: isTraced ? [...new Set(marks.map(Number))].toSorted((a, b) => a - b) : null,
    rows: rows.length,
    completeness:
      missing === undefined ? { kind: 'complete' } : { kind: 'partial', reason: missing },
  }
}

function membersOf(event: Json): { readonly [key: string]: Json } {
  const isPlain = typeof event === 'object' && event !== null && !Array.isArray(event)
  return isPlain ? (event as { readonly [key: string]: Json }) : { _raw: event }
}

/** The query with its first search made explicit and freed from places that the events do not name. */
function restOf(text: string, events: readonly Json[]): string {
  const { value, problems } = parseSpl(text)
  const [first] = value?.commands ?? []
  if (value === undefined || first === undefined || hasErrors(problems)) {
    throw new AppError('invalid', 'This query cannot be read.', { details: { problems } })
  }
  refuseOtherSources(first)
  if (first.kind !== 'search' || first.condition === null)
    return `search * ${text.slice(first.end)}`
  const cuts = cutsIn(first.condition as SplTerm, events)
  let condition = ''
  let at = first.condition.start
  for (const { start, end } of cuts) {
    // A place holds for every event of the test.
    condition += `${text.slice(at, start)}*`
    at = end
  }
  condition += text.slice(at, first.condition.end)
  return `search ${condition} ${text.slice(first.end)}`
}

function refuseOtherSources({ kind, name }: SplCommand): void {
  if (kind === 'search') return
  const message = `A query that begins with ${name} reads what a test cannot bring.`
  throw new AppError('unsupported', message)
}

interface Cut {
  readonly start: number
  readonly end: number
}

function cutsIn(condition: SplTerm, events: readonly Json[]): readonly Cut[] {
  const isNamed = (field: string) =>
    events.every((event) => typeof event === 'object' && event !== null && field in event)
  const cuts: Cut[] = []
  for (const node of walk(condition)) {
    if (node.kind === 'not' && walk(node.item).some((inner) => isPlace(inner, isNamed))) {
      throw new AppError(
        'unsupported',
        'A query that leaves out an index or source type cannot be tested.',
      )
    }
    if (!isPlace(node, isNamed)) continue
    if (node.kind === 'comparison' && node.operator !== '=') {
      throw new AppError(
        'unsupported',
        'A query that leaves out an index or source type cannot be tested.',
      )
    }
    cuts.push({ start: node.start, end: node.end })
  }
  return cuts.toSorted((a, b) => a.start - b.start)
}

function isPlace(
  node: ReturnType<typeof walk>[number],
  isNamed: (field: string) => boolean,
): boolean {
  if (node.kind !== 'comparison' && node.kind !== 'in') return false
  return PLACES.has(node.field.name) && !isNamed(node.field.name)
}
