// `/w/{slug}/silenced`: what makes deployed rules say less than they would.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { SILENCED_KINDS } from '#domain/health/silenced.ts'
import { requestHidden } from '#domain/health/hiding.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { SilencedPage } from '#views/health/silenced-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'

const PAGE_ROWS = 50
const Query = z.object({
  kind: z.enum(SILENCED_KINDS).optional().catch(undefined),
  q: z.string().max(200).default('').catch(''),
  from: z.coerce.number().int().min(1).default(1).catch(1),
})

export async function showSilenced(c: HttpContext): Promise<Response> {
  const { kind, q, from } = readQuery(c, Query)
  const found = await listSilenced(c.var.house, callerOf(c), { kind, text: q })
  const offset = from > found.items.length ? 0 : from - 1
  const place = placeOf(c)
  const props = {
    ...found,
    path: `${place}/silenced`,
    rules: `${place}/rules`,
    exclusions: `${place}/exclusions`,
    mayCount: can(callerOf(c), 'search.run'),
    filter: { kind: kind ?? ('' as const), q },
    items: found.items.slice(offset, offset + PAGE_ROWS),
    offset,
    listed: found.items.length,
  }
  return page(c, { title: 'Silenced' }, <SilencedPage {...props} />)
}

export async function countHits(c: HttpContext): Promise<Response> {
  const id = readId(c, ID_PREFIXES.exclusion)
  const jobId = await requestHidden(c.var.house, callerOf(c), id)
  return changed(c, {
    redirect: `${placeOf(c)}/jobs/${jobId}`,
    notice: 'What is hidden is being counted.',
  })
}
