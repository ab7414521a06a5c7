// `/w/{slug}/attack?q=`: tactics and techniques of ATT&CK for somebody who tags a rule. The whole page
// without script; for htmx the list alone.

import { z } from 'zod'
import { readAttack } from '#domain/instance/attack-in-force.ts'
import { searchAttack } from '#languages/attack/search.ts'
import { AttackPage } from '#views/attack/attack-page.tsx'
import { AttackResults } from '#views/parts/attack.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { fragment, page, wantsOnly } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const RESULTS_MAX = 40

const Query = z.object({ q: z.string().max(200).catch('').default('') })

export function attackRoutes(): readonly Route[] {
  return [pageRoute('GET', '/w/:slug/attack', 'rule.read', showAttack)]
}

async function showAttack(c: HttpContext): Promise<Response> {
  const { q } = readQuery(c, Query)
  const attack = await readAttack(c.var.house, callerOf(c))
  const found = searchAttack(attack, q, RESULTS_MAX)
  if (wantsOnly(c, 'attack-results')) return fragment(c, <AttackResults q={q} found={found} />)
  const props = { path: `${placeOf(c)}/attack`, q, found, version: attack.version }
  return page(c, { title: 'MITRE ATT&CK' }, <AttackPage {...props} />)
}
