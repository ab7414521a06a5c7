// Which faces of a workspace's settings this caller may open. A face adds its line with its page.

import { can, type Verb } from '#domain/access/permission.ts'
import type { Tab } from '#views/parts/panel.tsx'
import { callerOf } from './caller.ts'
import type { HttpContext } from './env.ts'
import { placeOf } from './frame.ts'

const FACES: readonly { readonly path: string; readonly label: string; readonly verb: Verb }[] = [
  { path: '/settings', label: 'Policies', verb: 'policy.read' },
  { path: '/settings/members', label: 'Members', verb: 'member.read' },
  { path: '/settings/single-sign-on', label: 'Single sign-on', verb: 'provider.read' },
  { path: '/settings/tokens', label: 'Tokens', verb: 'token.read' },
]

export function settingsTabs(c: HttpContext): readonly Tab[] {
  const caller = callerOf(c)
  return FACES.filter(({ verb }) => can(caller, verb)).map(({ path, label }) => {
    const href = placeOf(c) + path
    return { href, label, isCurrent: c.req.path === href }
  })
}
