// What of each row is kept while two answers are compared, so that alerts can be counted of it: when it
// was, and the values that alerts are held back by.

import { timeColumnOf } from '#domain/searches/search.ts'
import type { FoundRow } from '#domain/searches/reading.ts'
import type { Json } from '#kernel/json.ts'
import { instant, type Instant } from '#kernel/time.ts'
import {
  countAlerts,
  type Alerting,
  type Alerts,
  type AlertWindow,
  type Match,
} from './alerting.ts'
import { byDay, type Days, type Measured } from './backtest.ts'
import type { Question } from './backtest-query.ts'

export class Tally {
  readonly #alerting: Alerting | null
  readonly #fields: readonly string[]
  readonly #matches: Match[] = []
  #hasUntimed = false

  /** Null for a side that runs nothing: it makes no alerts. */
  constructor(question: Question | null) {
    this.#alerting = question === null || 'why' in question ? null : (question.alerting ?? NOT_SAID)
    this.#fields = this.#alerting?.kind === 'runs' ? (this.#alerting.throttle?.fields ?? []) : []
  }

  add({ columns, values }: Pick<FoundRow, 'columns' | 'values'>): void {
    const time = timeColumnOf(columns)
    const at = timeOf(time < 0 ? null : values[time])
    if (at === undefined) {
      this.#hasUntimed = true
      return
    }
    if (this.#fields.length === 0) {
      this.#matches.push({ at, valueOf: () => null })
      return
    }
    const held = new Map<string, Json>()
    for (const name of this.#fields) {
      const index = columns.findIndex((one) => one.name === name)
      held.set(name, values[index] ?? null)
      if (index < 0) this.#missing.add(name)
    }
    this.#matches.push({ at, valueOf: (name) => held.get(name) ?? null })
  }

  readonly #missing = new Set<string>()

  /** Null where not every row says when it was. */
  get times(): readonly Instant[] | null {
    return this.#hasUntimed ? null : this.#matches.map(({ at }) => at)
  }

  alerts(window: AlertWindow): Alerts {
    if (this.#alerting === null) return { at: [] }
    if (this.#hasUntimed) return { why: 'not every row says when it was' }
    const [missing] = this.#missing
    if (missing !== undefined) return { why: `its rows do not show ${missing}` }
    return countAlerts(this.#alerting, this.#matches, window)
  }
}

const NOT_SAID: Alerting = { kind: 'untold', why: 'it was not kept what the rule makes of them' }

/** What both sides make of their matches, and why a side is not counted. */
export function countedOf(
  { before, after }: { readonly before: Tally; readonly after: Tally },
  window: AlertWindow,
): Pick<Measured, 'alerts' | 'days' | 'notes'> {
  const made = { before: before.alerts(window), after: after.alerts(window) }
  const alerts = { before: timesOf(made.before), after: timesOf(made.after) }
  return {
    alerts: { before: alerts.before?.length ?? null, after: alerts.after?.length ?? null },
    days: {
      matches: daysOf({ before: before.times, after: after.times }, window),
      alerts: daysOf(alerts, window),
    },
    notes: notesOf(made),
  }
}

function daysOf(
  { before, after }: Readonly<Record<'before' | 'after', readonly Instant[] | null>>,
  window: AlertWindow,
): Days | null {
  if (before === null || after === null) return null
  return { before: byDay(before, window), after: byDay(after, window) }
}

function notesOf({ before, after }: Readonly<Record<'before' | 'after', Alerts>>) {
  const [now, then] = [whyOf(before), whyOf(after)]
  if (now !== null && now === then) return [`Alerts are not counted: ${now}.`]
  return [
    ...(now === null ? [] : [`Alerts of now are not counted: ${now}.`]),
    ...(then === null ? [] : [`Alerts of then are not counted: ${then}.`]),
  ]
}

const timesOf = (made: Alerts) => ('at' in made ? made.at : null)
const whyOf = (made: Alerts) => ('why' in made ? made.why : null)

/** As targets write them: milliseconds, or a text with its zone. */
function timeOf(value: Json | undefined): Instant | undefined {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isFinite(ms) && ms >= 0 ? instant(Math.floor(ms)) : undefined
}
