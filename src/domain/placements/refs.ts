// Under which id or name a rule of ours stands at a vendor's: always the same, so that no rule is ever made
// twice and one that was lost sight of is known again. Pure.

import type { RuleId, TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { uuidV5 } from '#kernel/uuid.ts'

/** Vendors that pick the id of a new rule themselves. */
const PICKS_ID: ReadonlySet<SiemKind> = new Set(['defender', 'opensearch'])

export function picksId(kind: SiemKind): boolean {
  return PICKS_ID.has(kind)
}

export interface RuleThere {
  readonly installId: string
  readonly ruleId: RuleId
  readonly targetId: TargetId
}

/** Where neither the vendor picks it nor a title is all of it. */
export function ownRefOf({ installId, ruleId, targetId }: RuleThere): string {
  return uuidV5(installId, `${ruleId} ${targetId}`)
}
