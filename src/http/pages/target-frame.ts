// What every face of a target shows above itself.

import { can } from '#domain/access/permission.ts'
import type { SeenTarget } from '#domain/targets/actions.ts'
import { TARGET_KIND_ROWS } from '#domain/targets/settings.ts'
import type { TargetTab } from '#views/targets/target-head.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'

export function headOf(c: HttpContext, { target, health }: SeenTarget, tab: TargetTab) {
  const caller = callerOf(c)
  return {
    path: `${placeOf(c)}/targets/${target.id}`,
    target,
    health,
    kindLabel: TARGET_KIND_ROWS[target.kind].label,
    tab,
    mayWrite: can(caller, 'target.write'),
    activity: can(caller, 'audit.read') ? `${placeOf(c)}/audit?on=${target.id}` : null,
  }
}
