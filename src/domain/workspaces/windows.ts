// When changes may be deployed: hours of the week that are open and days that are frozen, each in a time
// zone of its own, for all targets or those of a stage. Written as lines, so that a policy stays one text
// that people read and compare. Pure; what a wall clock shows comes from the zone's own rules, so an
// hour that is skipped or told twice is open or closed as that clock says.

import { DAY, MINUTE, addMs, type Instant } from '#kernel/time.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const STAGES = ['dev', 'test', 'production'] as const
/** Openings are looked for in steps of this, so none is shorter. */
const STEP_MS = 15 * MINUTE
const AHEAD_MS = 60 * DAY
export const WINDOW_LINES_MAX = 50

interface Line {
  readonly zone: string
  /** Null for all targets. */
  readonly stage: (typeof STAGES)[number] | null
}

/** Minutes of the day; `until` before `from` goes on past midnight. */
export interface OpenHours extends Line {
  readonly kind: 'open'
  readonly days: readonly number[]
  readonly from: number
  readonly until: number
}

/** Days as `YYYY-MM-DD`, both whole. */
export interface Freeze extends Line {
  readonly kind: 'freeze'
  readonly first: string
  readonly last: string
}

export type WindowRule = OpenHours | Freeze

const OPEN =
  /^open\s+([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d):(\d\d)-(\d\d):(\d\d)\s+(\S+)(?:\s+([a-z]+))?$/
const FREEZE = /^freeze\s+(\d{4}-\d\d-\d\d)(?:\s+(\d{4}-\d\d-\d\d))?\s+(\S+)(?:\s+([a-z]+))?$/

/** Undefined where a line cannot be read. */
export function readWindows(text: string): readonly WindowRule[] | undefined {
  const lines = linesOf(text)
  const rules = lines.map(readLine)
  if (lines.length > WINDOW_LINES_MAX || rules.includes(undefined)) return undefined
  return rules.filter((rule) => rule !== undefined)
}

export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '')
}

function readLine(line: string): WindowRule | undefined {
  const open = OPEN.exec(line)
  if (open) return readOpen(open)
  const freeze = FREEZE.exec(line)
  if (!freeze) return undefined
  const [, first = '', last = first, zone = '', stage] = freeze
  const end = last || first
  const place = placeOf(zone, stage)
  const isSound = isDay(first) && isDay(end) && first <= end
  return place && isSound ? { kind: 'freeze', ...place, first, last: end } : undefined
}

function readOpen([, begin, end, ...rest]: readonly (string | undefined)[]): OpenHours | undefined {
  const [h1, m1, h2, m2, zone = '', stage] = rest
  const [at, to] = [dayNumber(begin), dayNumber(end ?? begin)]
  const [from, until] = [minutesOf(h1, m1), minutesOf(h2, m2)]
  const place = placeOf(zone, stage)
  if (!place || at < 0 || to < 0 || from === undefined || until === undefined) return undefined
  const length = (until - from + 1_440) % 1_440 || 1_440
  if (length * MINUTE < STEP_MS) return undefined
  const days = DAYS.map((_, number) => number).filter((number) =>
    at <= to ? number >= at && number <= to : number >= at || number <= to,
  )
  return { kind: 'open', ...place, days, from, until }
}

const dayNumber = (name: string | undefined) => DAYS.indexOf(name as (typeof DAYS)[number])

function minutesOf(hours: string | undefined, minutes: string | undefined): number | undefined {
  const [h, m] = [Number(hours), Number(minutes)]
  return h * 60 + m <= 1_440 && m < 60 ? h * 60 + m : undefined
}

function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text)
}

function placeOf(zone: string, stage: string | undefined): Line | undefined {
  const known = STAGES.find((one) => one === stage)
  if (stage !== undefined && known === undefined) return undefined
  try {
    clockOf(zone)
  } catch {
    return undefined // no such zone
  }
  return { zone, stage: known ?? null }
}

/** Without hours that are named for a target, every hour is open; a freeze closes what is open. */
export function isOpenAt(rules: readonly WindowRule[], stage: string, at: Instant): boolean {
  const own = rules.filter((rule) => rule.stage === null || rule.stage === stage)
  if (own.some((rule) => rule.kind === 'freeze' && isFrozen(rule, at))) return false
  const hours = own.filter((rule) => rule.kind === 'open')
  return hours.length === 0 || hours.some((rule) => isWithin(rule, at))
}

/** Null when it is not within the next 60 days. */
export function nextOpening(
  rules: readonly WindowRule[],
  stage: string,
  after: Instant,
): Instant | null {
  const begin = addMs(after, STEP_MS - (after % STEP_MS))
  for (let at = begin; at < after + AHEAD_MS; at = addMs(at, STEP_MS)) {
    if (!isOpenAt(rules, stage, at)) continue
    // It may have opened between two steps.
    let first = at
    while (first - MINUTE > after && isOpenAt(rules, stage, addMs(first, -MINUTE))) {
      first = addMs(first, -MINUTE)
    }
    return first
  }
  return null
}

function isFrozen({ zone, first, last }: Freeze, at: Instant): boolean {
  const { date } = wallClock(zone, at)
  return date >= first && date <= last
}

function isWithin({ zone, days, from, until }: OpenHours, at: Instant): boolean {
  const { day, minute } = wallClock(zone, at)
  if (from < until) return days.includes(day) && minute >= from && minute < until
  const dayBefore = (day + 6) % 7
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < until)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  clocks.set(zone, made)
  return made
}

function wallClock(zone: string, at: Instant) {
  const parts = Object.fromEntries(
    clockOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    day: dayNumber(parts['weekday']!.slice(0, 3).toLowerCase()),
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  }
}

/** Whether nothing that was closed opens: lines only came, and those that came only close. */
export function onlyCloses(before: string, after: string): boolean {
  const [old, now] = [linesOf(before), linesOf(after)]
  if (!old.every((line) => now.includes(line))) return false
  const came = now.filter((line) => !old.includes(line))
  const hadHours = old.some((line) => line.startsWith('open'))
  return came.every((line) => line.startsWith('freeze') || !hadHours)
}
