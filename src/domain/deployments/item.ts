// One item while it is deployed, and the decisions about it: what shall stand, whether what stands there
// is what it may replace, and what became of a write whose answer never came. Pure.

import type { ChangeAction } from '#domain/changes/change.ts'
import type { Placement } from '#domain/placements/placement.ts'
import { ownRefOf, picksId, type RuleThere } from '#domain/placements/refs.ts'
import type { ObservedRule, RuleBody, SiemRules } from '#domain/targets/port.ts'
import { contentHash } from '#kernel/hash.ts'
import type { DeploymentId, RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import { fieldsThatDiffer } from '#languages/rule-formats/observed/observed.ts'
import { silenced } from '#languages/rule-formats/write/silent.ts'
import { findMarker, withMarker, withoutMarker } from '#languages/rule-formats/write/marker.ts'
import type { ItemState } from './deployment.ts'

/** What was known here of what stood there, for bringing it back. */
export type Stood = Pick<
  Placement,
  'state' | 'ownership' | 'version' | 'origin' | 'deploymentId' | 'isSigned' | 'soakUntil'
> & {
  /** What was to stand there, where something else did. */
  readonly meant?: Pick<Placement, 'hash' | 'body' | 'raw'> | undefined
}

/** Whether somebody signed what really stood there. */
export function stoodSigned({ isSigned, meant }: Stood): boolean {
  return isSigned && meant === undefined
}

/** What is to become of one rule at one target. */
export interface ItemWish {
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetId: TargetId
  readonly targetName: string
  readonly kind: SiemKind
  readonly action: ChangeAction
  /** Of the rule; null where nothing of it is written. */
  readonly version: number | null
  /** The complete canonical write body without a mark; null where nothing is written. */
  readonly body: RuleBody | null
  /** Written beside the body; null for an object that goes back to how somebody else left it. */
  readonly marker: string | null
  /** Where it stands, or will. Empty where the vendor picks that and has not yet. */
  readonly ref: string
  /** Digest of what it was signed to replace; null for nothing. */
  readonly replaces: string | null
  readonly isSigned: boolean
  /** It runs silently for so long; 0: it alerts at once. */
  readonly soakDays: number
}

export interface Item extends ItemWish {
  readonly deploymentId: DeploymentId
  readonly number: number
  readonly state: ItemState
  readonly before: ObservedRule | null
  readonly after: ObservedRule | null
  readonly stood: Stood | null
  readonly reason: string | null
  readonly writtenAt: Instant | null
  readonly verifiedAt: Instant | null
}

/** Vendors that forget, of a rule that is off, what it was when it was on: it is written to be on again. */
const FORGETS: ReadonlySet<SiemKind> = new Set(['opensearch'])

export function forgetsWhenOff(kind: SiemKind): boolean {
  return FORGETS.has(kind)
}

/**
 * Under which a new rule of ours stands: always the same, so that no rule is ever made twice. Empty where
 * the vendor picks it.
 */
export function newRefOf(
  rules: Pick<SiemRules, 'refOf'>,
  kind: SiemKind,
  rule: RuleThere & { readonly title: string },
): string {
  if (picksId(kind)) return ''
  return rules.refOf?.(rule.title) ?? ownRefOf(rule)
}

type Bytes = Pick<Item, 'kind' | 'body' | 'marker' | 'soakDays'>

/** What is to stand there, without the mark: while it soaks, what was signed without its noise. */
export function wantedBody({ kind, body, soakDays }: Omit<Bytes, 'marker'>): RuleBody | null {
  return body === null || soakDays === 0 ? body : (silenced(kind, body) ?? body)
}

/** The bytes that are written. */
export function writtenBody(item: Bytes): RuleBody | null {
  const wanted = wantedBody(item)
  return wanted === null || item.marker === null
    ? wanted
    : withMarker(item.kind, wanted, item.marker)
}

/** Whether its body is the one of which its mark holds the digest. */
export function isOfItsMark({ body, marker }: Pick<Item, 'body' | 'marker'>): boolean {
  if (body === null || marker === null) return false
  return contentHash(body).startsWith(findMarker(marker)?.digest ?? '-')
}

/** Digest of what stands there: what a change says it replaces. */
export function standingHash({ normalised }: Pick<ObservedRule, 'normalised'>): string {
  return contentHash(normalised)
}

export interface FieldChange {
  readonly field: string
  readonly from: Json | null
  readonly to: Json | null
}

type Normalise = Pick<SiemRules, 'normalise'>

/** Of the fields that a write changes, those that do not stand as it says. */
export function changedFields(
  { normalise }: Normalise,
  kind: SiemKind,
  body: RuleBody,
  now: ObservedRule | null,
): readonly FieldChange[] {
  const to = withoutMarker(normalise(body))
  const from = withoutMarker(now?.normalised ?? {})
  return (
    fieldsThatDiffer(kind, to, from)
      // The sandbox takes a body as a whole: what it does not name goes.
      .filter((field) => kind === 'local' || Object.hasOwn(to, field))
      .map((field) => ({ field, from: from[field] ?? null, to: to[field] ?? null }))
  )
}

/** Whether exactly these bytes stand there, the mark among them. */
export function isWritten(rules: Normalise, item: Item, now: ObservedRule): boolean {
  const { marker, kind } = item
  const body = wantedBody(item)
  if (body === null) return false
  if (changedFields(rules, kind, body, now).length > 0) return false
  return marker === null || isBegun(item, now)
}

export type Verdict =
  { readonly kind: 'ready' | 'same' } | { readonly kind: 'conflict'; readonly reason: string }

/** Before anything is written: may this item write over what stands there? */
export function judgeStanding(rules: Normalise, item: Item, now: ObservedRule | null): Verdict {
  const { action } = item
  switch (action) {
    case 'adopt':
    case 'unmanage':
      return { kind: 'ready' }
    case 'add':
      if (now === null) return { kind: 'ready' }
      if (isWritten(rules, item, now)) return { kind: 'same' }
      // One that we began to make, and did not get to the end.
      if (isMarkedAs(now, item)) return { kind: 'ready' }
      return conflict(`${now.name} stands there already, and it is not ours to write over.`)
    case 'remove':
      return now === null ? { kind: 'same' } : unlessMoved(item, now)
    case 'change': {
      if (now === null) return conflict('What it replaces does not stand there any more.')
      if (isWritten(rules, item, now)) return { kind: 'same' }
      return unlessMoved(item, now)
    }
    case 'pause':
    case 'resume': {
      if (now === null) return conflict('It does not stand there any more.')
      if (now.isEnabled === (action === 'resume')) return { kind: 'same' }
      return unlessMoved(item, now)
    }
  }
}

function unlessMoved({ replaces }: Item, now: ObservedRule): Verdict {
  if (standingHash(now) === replaces) return { kind: 'ready' }
  const by = now.changedBy === null ? '' : ` (last by ${now.changedBy})`
  return conflict(`${now.name} was changed on the target${by}: it is not what was signed for.`)
}

function conflict(reason: string): Verdict {
  return { kind: 'conflict', reason }
}

/** What became of a write whose answer never came, by what stands there now. `begun`: a part of it. */
export function judgeOutcome(
  rules: Normalise,
  item: Item,
  now: ObservedRule | null,
): 'done' | 'not_done' | 'begun' | 'unknown' {
  const { action, before } = item
  switch (action) {
    case 'adopt':
    case 'unmanage':
      return 'done'
    case 'remove':
      if (now === null) return 'done'
      break
    case 'pause':
    case 'resume':
      if (now !== null && now.isEnabled === (action === 'resume')) return 'done'
      break
    case 'add':
    case 'change':
      if (now !== null && isWritten(rules, item, now)) return 'done'
      if (now !== null && isBegun(item, now)) return 'begun'
      break
  }
  if (now === null) return before === null ? 'not_done' : 'unknown'
  return before !== null && standingHash(now) === standingHash(before) ? 'not_done' : 'unknown'
}

/** Some vendors take a rule in several calls: the last who wrote it is this item, whether or not it is whole. */
export function isBegun({ marker }: Pick<Item, 'marker'>, now: ObservedRule): boolean {
  return marker !== null && JSON.stringify(now.normalised).includes(marker)
}

/** Whether it bears the mark of the same rule of the same installation, in whichever version. */
function isMarkedAs(now: ObservedRule, { marker }: Pick<Item, 'marker'>): boolean {
  const [ours, theirs] = [marker && findMarker(marker), findMarker(now.normalised)]
  if (!ours || !theirs) return false
  return ours.install === theirs.install && ours.ruleId === theirs.ruleId
}

/** Our mark on what a target gave: whether it stands there for this rule. */
export function isMarkedFor(now: ObservedRule, installId: string, ruleId: RuleId): boolean {
  const mark = findMarker(now.normalised)
  return mark?.install === installId.slice(0, 8) && mark.ruleId === ruleId
}
