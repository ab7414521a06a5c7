// What every face of a mapping stands in: its target, where it lies, its trail.

import { can } from '#domain/access/permission.ts'
import { seeMapping, type SeenMapping } from '#domain/mappings/actions.ts'
import { NO_MAPPING, type MappingContent } from '#domain/mappings/mapping.ts'
import { seeTarget } from '#domain/targets/actions.ts'
import { TARGET_KIND_ROWS } from '#domain/targets/settings.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId } from '#http/input.ts'

const targetPath = (c: HttpContext) => `${placeOf(c)}/targets/${readId(c, 'tgt')}`
export const pathOf = (c: HttpContext) => `${targetPath(c)}/mapping`

export interface Seen extends SeenMapping {
  readonly content: MappingContent
}

/** What is edited: the draft, else what is in force. */
export async function see(c: HttpContext): Promise<Seen> {
  const seen = await seeMapping(c.var.house, callerOf(c), readId(c, 'tgt'))
  return { ...seen, content: seen.draft ?? seen.mapping ?? NO_MAPPING }
}

export async function headOf(c: HttpContext) {
  const caller = callerOf(c)
  const { target, health } = await seeTarget(c.var.house, caller, readId(c, 'tgt'))
  return {
    path: targetPath(c),
    target,
    health,
    kindLabel: TARGET_KIND_ROWS[target.kind].label,
    tab: '/mapping' as const,
    mayWrite: can(caller, 'target.write'),
    activity: can(caller, 'audit.read') ? `${placeOf(c)}/audit?on=${target.id}` : null,
  }
}

export function trailOf(c: HttpContext, name: string, isInside = false) {
  const trail = [
    { label: 'Targets', href: `${placeOf(c)}/targets` },
    { label: name, href: targetPath(c) },
  ]
  return isInside ? [...trail, { label: 'Mapping', href: pathOf(c) }] : trail
}
