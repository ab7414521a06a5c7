// What a draft of a mapping would change, rule by rule.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { seePreview, startPreview } from '#domain/rules/mapping-preview.ts'
import { MAPPING_EFFECTS } from '#domain/rules/mapping-preview-task.ts'
import { foldSame, placeSideBySide } from '#domain/rules/side-by-side.ts'
import { MappingPreviewPage } from '#views/mappings/preview-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { headOf, pathOf, see, trailOf } from './mapping-frame.ts'

const RULES_SHOWN = 25
const PreviewQuery = z.object({
  effect: z.enum(MAPPING_EFFECTS).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showPreview(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { target, draft } = await see(c)
  const { effect, cursor } = readQuery(c, PreviewQuery)
  const asked = { effect, cursor, limit: RULES_SHOWN }
  const seen = await seePreview(c.var.house, caller, target.id, asked)
  const items = (seen?.items.items ?? []).map(({ before, after, ...rule }) => ({
    ...rule,
    rows: foldSame(placeSideBySide(before, after)),
  }))
  const props = {
    ...(await headOf(c)),
    mapping: pathOf(c),
    rules: `${placeOf(c)}/rules`,
    jobs: `${placeOf(c)}/jobs`,
    seen,
    items,
    effect: effect ?? null,
    isFirst: cursor === undefined,
    draft,
    mayEdit: can(caller, 'mapping.write'),
  }
  const trail = trailOf(c, target.name, true)
  return page(c, { title: 'Which rules change', trail }, <MappingPreviewPage {...props} />)
}

export async function preview(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  await readForm(c, z.strictObject({}))
  await startPreview(c.var.house, callerOf(c), target.id)
  const redirect = `${pathOf(c)}/preview`
  return changed(c, { redirect, notice: 'Rules are compiled with and without the draft.' })
}
