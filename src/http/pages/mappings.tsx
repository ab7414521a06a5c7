// `/w/{slug}/mappings`: how far every target is mapped, and what rules lack anywhere.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { TARGET_KIND_ROWS } from '#domain/targets/settings.ts'
import { listMappingStates } from '#domain/rules/mappings/overview.ts'
import { MappingsPage } from '#views/mappings/mappings-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { page } from '#http/respond.tsx'

const PAGE_ROWS = 100
const SOURCES_SHOWN = 50
const Query = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showMappings(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { cursor } = readQuery(c, Query)
  const { items, next, unmapped } = await listMappingStates(house, caller, {
    limit: PAGE_ROWS,
    cursor,
  })
  const path = `${placeOf(c)}/mappings`
  const targets = `${placeOf(c)}/targets`
  const props = {
    path,
    targets,
    items: items.map((state) => ({ ...state, kind: TARGET_KIND_ROWS[state.target.kind].label })),
    unmapped: unmapped.slice(0, SOURCES_SHOWN),
    unmappedCount: unmapped.length,
    names: await namesOf(
      house,
      caller,
      items.flatMap(({ mapping }) => (mapping ? [mapping.createdBy] : [])),
    ),
    first: cursor === undefined ? null : path,
    next: next === null ? null : `${path}?${new URLSearchParams({ cursor: next }).toString()}`,
  }
  const trail = [{ label: 'Targets', href: targets }]
  return page(c, { title: 'Mappings', trail }, <MappingsPage {...props} />)
}
