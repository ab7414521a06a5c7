// How many alerts a target would make of the matches of a query: by the runs of its schedule, its
// threshold and what holds alerts back, as the body of the rule says them. Counted only where the matches
// and their times alone decide it; else it says what else would have to be known. Pure.

import type { RuleBody } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { addMs, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'
import { memberOf } from '#languages/rule-formats/observed/spelling.ts'
import { kibanaBackMs } from '#languages/rule-formats/write/kibana.ts'
import { splunkBackMs } from '#languages/rule-formats/write/splunk.ts'

/** What a rule makes of what its query finds. */
export type Alerting =
  /** Each match is an alert, as long as no run finds more than it may make. */
  | { readonly kind: 'each'; readonly most?: { readonly count: number; readonly withinMs: number } }
  | RunsAlerting
  | { readonly kind: 'untold'; readonly why: string }

interface RunsAlerting {
  readonly kind: 'runs'
  /** Of each hour, ascending. */
  readonly minutes: readonly number[]
  readonly lookbackMs: number
  readonly comparator: 'always' | 'greater than' | 'less than' | 'equal to' | 'not equal to'
  readonly threshold: number
  /** Each match is an alert of its own, or each run. */
  readonly perMatch: boolean
  readonly throttle: { readonly ms: number; readonly fields: readonly string[] } | null
}

export interface Match {
  readonly at: Instant
  /** Of a column by its name. */
  readonly valueOf: (name: string) => Json
}

export type Alerts = { readonly at: readonly Instant[] } | { readonly why: string }

export function alertingOf(kind: SiemKind, body: RuleBody, query: string): Alerting {
  switch (kind) {
    case 'local':
    case 'opensearch':
      return { kind: 'each' }
    case 'defender':
      return untold('Defender joins alerts about the same assets by itself')
    case 'elastic':
      return ofElastic(body, query)
    case 'sentinel':
      return ofSentinel(body, query)
    case 'splunk':
      return ofSplunk(body, query)
  }
}

const untold = (why: string): Alerting => ({ kind: 'untold', why })
const BY_RUN = 'its query makes something of all rows of a run'

/** Each run then finds a part of what one search over the whole time finds. */
function isRowByRow(query: string, commands: ReadonlySet<string>): boolean {
  const rest = query.split('|').slice(1)
  return rest.every((part) => commands.has(/^\s*([a-z_-]+)/i.exec(part)?.[1]?.toLowerCase() ?? ''))
}

const ESQL_ROWS = new Set(['where', 'eval', 'keep', 'drop', 'rename', 'dissect', 'grok', 'enrich'])
const KUSTO_ROWS = new Set(
  ['where', 'extend', 'project', 'project-away', 'project-keep', 'project-rename'].concat(
    'project-reorder',
    'parse',
    'filter',
  ),
)
const SPL_ROWS = new Set(
  [
    'search',
    'where',
    'eval',
    'fields',
    'table',
    'rename',
    'regex',
    'rex',
    'lookup',
    'fillnull',
  ].concat('spath', 'makemv'),
)

/** An event is one alert however many runs see it. */
function ofElastic(body: RuleBody, query: string): Alerting {
  if (at(body, 'alert_suppression') !== undefined) {
    return untold('what holds alerts back there begins with a run, and when runs begin is not told')
  }
  const lists = at(body, 'exceptions_list')
  if (Array.isArray(lists) && lists.length > 0) {
    return untold('its exception lists are not applied to a search')
  }
  const language = at(body, 'language')
  if (language === 'eql' && (query.includes('|') || /^\s*(?:sequence|sample)\b/i.test(query))) {
    return untold('a sequence is one alert of several events')
  }
  if (language === 'esql' && !isRowByRow(query, ESQL_ROWS)) return untold(BY_RUN)
  const count = Number(at(body, 'max_signals') ?? 100)
  const withinMs = kibanaBackMs(at(body, 'from'))
  if (withinMs === undefined) return untold('how far a run looks back is not plain to see')
  return { kind: 'each', most: { count, withinMs } }
}

const SENTINEL_ALERTS_MAX = 150

function ofSentinel(body: RuleBody, query: string): Alerting {
  const of = (name: string) => at(body, `properties/${name}`)
  if (!isRowByRow(query, KUSTO_ROWS)) return untold(BY_RUN)
  if (of('eventGroupingSettings/aggregationKind') !== 'AlertPerResult') {
    return untold('a run makes one alert of all it finds, and when runs begin is not told')
  }
  if (of('suppressionEnabled') === true) {
    return untold('what holds it back begins with a run, and when runs begin is not told')
  }
  const isAny = (of('triggerOperator') ?? 'GreaterThan') === 'GreaterThan'
  if (!isAny || Number(of('triggerThreshold') ?? 0) > 0) {
    return untold('it counts the rows of a run, and when runs begin is not told')
  }
  const [period, every] = [of('queryPeriod'), of('queryFrequency')].map((one) => isoDurationMs(one))
  if (period === undefined || period !== every) {
    return untold('a run looks back further than to the one before, and sees matches again')
  }
  return { kind: 'each', most: { count: SENTINEL_ALERTS_MAX, withinMs: period } }
}

const COMPARATORS = ['greater than', 'less than', 'equal to', 'not equal to'] as const

function ofSplunk(body: RuleBody, query: string): Alerting {
  const of = (name: string) => {
    const value = body[name]
    return typeof value === 'string' ? value.trim() : ''
  }
  if (query.includes('`') || query.includes('[') || !isRowByRow(query, SPL_ROWS)) {
    return untold(BY_RUN)
  }
  const minutes = minutesOf(of('cron_schedule'))
  if (minutes === undefined) {
    return untold('its schedule names hours or days, which are those of its Splunk')
  }
  const lookbackMs = splunkBackMs(of('dispatch.earliest_time'))
  const isToNow = ['@m', 'now', '-0m@m', ''].includes(of('dispatch.latest_time'))
  if (lookbackMs === undefined || lookbackMs % MINUTE !== 0 || !isToNow) {
    return untold('which time a run looks at is not plain to see')
  }
  const type = of('alert_type')
  const comparator =
    type === 'always' ? type : COMPARATORS.find((one) => one === of('alert_comparator'))
  if (comparator === undefined || (type !== 'always' && type !== 'number of events')) {
    return untold('its condition is one of its own')
  }
  const isNotable = of('action.notable') === '1' || of('action.risk') === '1'
  const perMatch = isNotable || of('alert.digest_mode') === '0'
  const fields = of('alert.suppress.fields')
    .split(/[\s,]+/)
    .filter(Boolean)
  const isHeldBack = of('alert.suppress') === '1'
  const ms = splunkBackMs(`-${of('alert.suppress.period')}`)
  if (isHeldBack && (ms === undefined || (fields.length > 0 && !perMatch))) {
    return untold('what holds it back is not plain to see')
  }
  return {
    kind: 'runs',
    minutes,
    lookbackMs,
    comparator,
    threshold: Number(of('alert_threshold') || '0'),
    perMatch,
    throttle: isHeldBack ? { ms: ms!, fields } : null,
  }
}

/** Of a cron of minutes alone, which are the same in each whole zone; undefined for any other. */
function minutesOf(cron: string): readonly number[] | undefined {
  const [minute = '', ...others] = cron.split(/\s+/)
  if (others.length !== 4 || others.some((one) => one !== '*')) return undefined
  const found = new Set<number>()
  for (const part of minute.split(',')) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part)
    if (!match) return undefined
    const [, first, last, step] = match
    const from = Number(first ?? 0)
    const to = first === undefined ? 59 : Number(last ?? (step === undefined ? first : 59))
    const by = Number(step ?? 1)
    if (to > 59 || by === 0) return undefined
    for (let one = from; one <= to; one += by) found.add(one)
  }
  return [...found].toSorted((a, b) => a - b)
}

/** Null is what says nothing. */
function at(body: RuleBody, path: string): Json | undefined {
  return memberOf(body, path.split('/')) ?? undefined
}

export interface AlertWindow {
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
}

/** When each alert would have come. `matches` in any order. Runs that look at a part of the window alone count nothing. */
export function countAlerts(
  alerting: Alerting,
  matches: readonly Match[],
  window: AlertWindow,
): Alerts {
  if (alerting.kind === 'untold') return { why: alerting.why }
  const sorted = matches.toSorted((a, b) => a.at - b.at)
  if (alerting.kind === 'each') return eachOf(sorted, alerting.most)
  return { at: runsOf(alerting, sorted, window) }
}

function eachOf(
  sorted: readonly Match[],
  most: { readonly count: number; readonly withinMs: number } | undefined,
): Alerts {
  const isTooMany =
    most !== undefined &&
    sorted.some(({ at: first }, index) => {
      const beyond = sorted[index + most.count]
      return beyond !== undefined && beyond.at - first < most.withinMs
    })
  return isTooMany
    ? { why: `a run makes at most ${most.count} alerts, and more matches may fall into one` }
    : { at: sorted.map((match) => match.at) }
}

function runsOf(
  { minutes, lookbackMs, comparator, threshold, perMatch, throttle }: RunsAlerting,
  sorted: readonly Match[],
  { from, to }: AlertWindow,
): readonly Instant[] {
  const alerts: Instant[] = []
  const heldUntil = new Map<string, number>()
  const isFree = (run: Instant, match: Match | undefined) => {
    if (throttle === null) return true
    const key = JSON.stringify(match ? throttle.fields.map(match.valueOf) : [])
    if (run < (heldUntil.get(key) ?? -Infinity)) return false
    heldUntil.set(key, run + throttle.ms)
    return true
  }
  let [first, beyond] = [0, 0]
  for (const run of runsIn(minutes, from + lookbackMs, to)) {
    while (first < sorted.length && sorted[first]!.at < run - lookbackMs) first++
    while (beyond < sorted.length && sorted[beyond]!.at < run) beyond++
    if (!FIRES[comparator](beyond - first, threshold)) continue
    if (!perMatch) {
      if (isFree(run, undefined)) alerts.push(run)
      continue
    }
    for (let one = first; one < beyond; one++) {
      if (isFree(run, sorted[one])) alerts.push(run)
    }
  }
  return alerts
}

const FIRES: Readonly<
  Record<RunsAlerting['comparator'], (found: number, threshold: number) => boolean>
> = {
  always: () => true,
  'greater than': (found, threshold) => found > threshold,
  'less than': (found, threshold) => found < threshold,
  'equal to': (found, threshold) => found === threshold,
  'not equal to': (found, threshold) => found !== threshold,
}

function* runsIn(minutes: readonly number[], from: number, to: number): Generator<Instant> {
  const hourMs = 60 * 60 * SECOND
  for (let hour = Math.floor(from / hourMs) * hourMs; hour <= to; hour += hourMs) {
    for (const minute of minutes) {
      const run = addMs(hour as Instant, minute * MINUTE)
      if (run >= from && run <= to) yield run
    }
  }
}
