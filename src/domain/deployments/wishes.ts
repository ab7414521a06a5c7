// Items of a change as a deployment takes them: where each one stands or will, in which bytes, and with
// which mark.

import type { ChangeItem } from '#domain/changes/change.ts'
import { markerOf } from '#languages/rule-formats/write/marker.ts'
import { newRefOf, type Item, type ItemWish } from './item.ts'
import { placeOf, type Places } from './places.ts'

export interface WishParts {
  readonly places: Places
  readonly installId: string
  readonly isSigned: boolean
  /** Days that a new rule runs silently. */
  readonly soakDays: number
}

export function wishOf(
  item: Pick<
    ChangeItem,
    | 'ruleId'
    | 'ruleTitle'
    | 'targetId'
    | 'targetName'
    | 'kind'
    | 'action'
    | 'version'
    | 'body'
    | 'bodyHash'
    | 'replaces'
  >,
  { places, installId, isSigned, soakDays }: WishParts,
): ItemWish {
  const { ruleId, ruleTitle, targetId, targetName, kind, action, version, body, bodyHash } = item
  const { rules } = placeOf(places, item)
  const rule = { installId, ruleId, targetId, title: ruleTitle }
  const isMarked = body !== null && bodyHash !== null && version !== null
  return {
    ruleId,
    ruleTitle,
    targetId,
    targetName,
    kind,
    action,
    version,
    body,
    marker: isMarked ? markerOf({ installId, ruleId, version, bodyHash }) : null,
    ref: item.replaces?.ref ?? newRefOf(rules, kind, rule),
    replaces: item.replaces?.hash ?? null,
    isSigned,
    soakDays: action === 'add' ? soakDays : 0,
  }
}

/** As it is before anything is known of its target. */
export function freshItem(wish: ItemWish, index: number, deploymentId: Item['deploymentId']): Item {
  return {
    ...wish,
    deploymentId,
    number: index + 1,
    state: 'waiting',
    before: null,
    after: null,
    stood: null,
    reason: null,
    writtenAt: null,
    verifiedAt: null,
  }
}
