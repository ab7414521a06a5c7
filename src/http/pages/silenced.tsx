// `/w/{slug}/silenced`: what makes deployed rules say less than they would.

import { z } from 'zod'
import { SILENCED_KINDS } from '#domain/health/silenced.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { SilencedPage } from '#views/health/silenced-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { page } from '#http/respond.tsx'

const Query = z.object({ kind: z.enum(SILENCED_KINDS).optional().catch(undefined) })

export async function showSilenced(c: HttpContext): Promise<Response> {
  const { kind } = readQuery(c, Query)
  const found = await listSilenced(c.var.house, callerOf(c), { kind })
  const place = placeOf(c)
  const props = {
    ...found,
    path: `${place}/silenced`,
    rules: `${place}/rules`,
    exclusions: `${place}/exclusions`,
    kind: kind ?? null,
    // A page holds no more.
    items: found.items.slice(0, 100),
  }
  return page(c, { title: 'Silenced' }, <SilencedPage {...props} />)
}
