// What silences a rule, read from what stands at a target, so that nothing is silent without being listed.
// Pure.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import { LEVELS, type Level } from '#domain/rules/product-key.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'
import { readObserved } from '#languages/rule-formats/observed/observed.ts'
import { memberOf } from '#languages/rule-formats/observed/spelling.ts'
import type { Json } from '#kernel/json.ts'
import { DAY, formatDuration, parseDuration, type Instant } from '#kernel/time.ts'
import type { Silenced } from './silenced.ts'

/** A soak that lasts longer keeps a rule from alerting for good. */
const SOAK_LONG_DAYS = 7

export function silencedByExclusion(one: Exclusion): Silenced {
  return {
    kind: 'exclusion',
    what: one.title,
    rules: one.rules,
    targetName: null,
    by: one.owner,
    why: one.reason,
    since: one.createdAt,
    endsAt: one.endsAt,
    isOverdue: one.state === 'overdue',
    hidden: one.hidden,
    exclusionId: one.id,
  }
}

/** What stands at one target of one rule, which says that it is of this level. */
export function silencedByPlacement(
  placement: NamedPlacement,
  level: Level | null,
  now: Instant,
): readonly Silenced[] {
  const { ruleId, ruleTitle, targetName, state, since, soakUntil } = placement
  const base = {
    rules: [{ id: ruleId, title: ruleTitle }],
    targetName,
    by: null,
    why: null,
    since,
    endsAt: null,
    isOverdue: false,
    hidden: null,
    exclusionId: null,
  }
  const found: Silenced[] = []
  if (state === 'paused') found.push({ ...base, kind: 'pause', what: 'It is paused there.' })
  const isLong =
    (soakUntil ?? now) - since > SOAK_LONG_DAYS * DAY || now - since > SOAK_LONG_DAYS * DAY
  if (state === 'soaking' && isLong) {
    const isOverdue = soakUntil !== null && soakUntil < now
    const what = 'It soaks: it runs and raises no alert.'
    found.push({ ...base, kind: 'soak', what, endsAt: soakUntil, isOverdue })
  }
  const throttle = throttleOf(placement)
  if (throttle !== null) found.push({ ...base, kind: 'throttle', what: throttle })
  const lower = downgradeOf(placement, level)
  if (lower !== null) found.push({ ...base, kind: 'downgrade', what: lower })
  return found
}

function throttleOf({ kind, body }: NamedPlacement): string | null {
  const at = (...path: readonly string[]) => memberOf(body, path)
  switch (kind) {
    case 'splunk': {
      if (at('alert.suppress') !== '1') return null
      const fields = textOr(at('alert.suppress.fields'), '')
      return sentence(textOr(at('alert.suppress.period'), null), fields)
    }
    case 'sentinel': {
      if (at('properties', 'suppressionEnabled') !== true) return null
      return sentence(textOr(at('properties', 'suppressionDuration'), null), '')
    }
    case 'elastic': {
      const suppression = at('alert_suppression')
      if (suppression === undefined || suppression === null) return null
      const by = at('alert_suppression', 'group_by')
      const value = at('alert_suppression', 'duration', 'value')
      const unit = textOr(at('alert_suppression', 'duration', 'unit'), '')
      const period = typeof value === 'number' ? `${value}${unit}` : null
      return sentence(period, Array.isArray(by) ? by.join(', ') : '')
    }
    case 'local': {
      const throttle = at('throttle')
      if (throttle === undefined || throttle === null) return null
      return 'It says a throttle, which the sandbox does not apply.'
    }
    default:
      return null
  }
}

function sentence(period: string | null, fields: string): string {
  const of = fields === '' ? 'After an alert' : `After an alert, for the same ${fields},`
  return period === null
    ? `${of} it is held back.`
    : `${of} it is held back for ${lasting(period)}.`
}

/** As vendors spell it, `86400s` or `PT5H`; in the shortest spelling where it is known. */
function lasting(period: string): string {
  const ms = parseDuration(period) ?? isoDurationMs(period)
  return ms === undefined ? period : formatDuration(ms)
}

/** The highest that a vendor has a word for. */
const HIGHEST: Readonly<Record<string, Level>> = { sentinel: 'high', defender: 'high' }

function downgradeOf(placement: NamedPlacement, level: Level | null): string | null {
  const there = levelThere(placement)
  if (level === null || there === null) return null
  const highest = HIGHEST[placement.kind] ?? 'critical'
  const rank = (one: Level) => LEVELS.indexOf(one)
  const expected = Math.min(rank(level), rank(highest))
  return rank(there) < expected ? `It is ${there} there; the rule says ${level}.` : null
}

function levelThere({ kind, ref, ruleTitle: name, raw, body }: NamedPlacement): Level | null {
  const told =
    kind === 'local'
      ? memberOf(body, ['level'])
      : readObserved(kind, { ref, name, raw, body }).level
  return LEVELS.find((one) => one === told) ?? null
}

function textOr<Other>(value: Json | undefined, otherwise: Other): string | Other {
  return typeof value === 'string' && value !== '' ? value : otherwise
}
