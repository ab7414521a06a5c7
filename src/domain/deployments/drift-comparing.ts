// Whether what stands on a target is what is to stand there: decided field by field over what a write names,
// in the one spelling of the adapter, so that defaults, order and our own mark never cry wolf. Pure. Apart
// from drift.ts, which doors load at the start, because this needs what reads every vendor's rules.

import type { Json } from '#kernel/json.ts'
import { fieldsThatDiffer } from '#languages/rule-formats/observed/observed.ts'
import { withoutMarker } from '#languages/rule-formats/write/marker.ts'
import type { Placement, PlacementState } from '#domain/placements/placement.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { DriftField, Seen, StandingBefore } from './drift.ts'

/** What each kind calls the switch that turns a rule on or off. */
const SWITCHES = new Set(['enabled', 'isEnabled', 'disabled', 'properties.enabled'])
const SWITCHED_ON: DriftField = { name: 'enabled', ours: false, theirs: true }

/** What differs; none where it is as it should be. */
export function judgeBody(
  kind: string,
  placement: Pick<Placement, 'hash' | 'body'>,
  before: StandingBefore,
  seen: Seen,
): readonly DriftField[] {
  const fields = seen.hash === placement.hash ? [] : fieldsOf(kind, placement.body, seen.body)
  // Switched off from here, only the switch itself says so: the body is what was signed.
  if (before !== 'paused' || seen.isEnabled === null) return fields
  const others = fields.filter(({ name }) => !SWITCHES.has(name))
  if (!seen.isEnabled) return others
  return fields.length > others.length ? fields : [...fields, SWITCHED_ON]
}

function fieldsOf(kind: string, body: RuleBody, standing: RuleBody): readonly DriftField[] {
  // Our own mark is about the body and not a part of it.
  const [ours, theirs] = [withoutMarker(body), withoutMarker(standing)]
  return fieldsThatDiffer(kind, ours, theirs).map((name) => ({
    name,
    ours: ours[name] ?? null,
    theirs: theirs[name] ?? null,
  }))
}

/** How it stood before anything was found, or was not known: `known` is what is on record of that. */
export function standingBefore(
  state: PlacementState,
  known: StandingBefore | undefined,
  body: RuleBody,
): StandingBefore {
  if (state === 'soaking' || state === 'live' || state === 'paused') return state
  if (known) return known
  return [...SWITCHES].some((name) => isOff(name, body[name])) ? 'paused' : 'live'
}

function isOff(name: string, value: Json | undefined): boolean {
  return name === 'disabled' ? value === true || value === '1' : value === false
}

/** How it stands once nothing differs. */
export function standingAgain(before: StandingBefore, isEnabled: boolean | null): StandingBefore {
  if (before === 'soaking') return before
  return isEnabled === false ? 'paused' : 'live'
}
