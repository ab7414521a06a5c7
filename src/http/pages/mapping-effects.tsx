// What a draft of a mapping would change, rule by rule; and what rules use that the target has no name
// for, with what its schema offers.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { editDraft } from '#domain/mappings/drafts.ts'
import { FieldRow, SourceRow } from '#domain/mappings/input.ts'
import type { MappingContent } from '#domain/mappings/mapping.ts'
import { wordsOf } from '#domain/mappings/suggest.ts'
import { isSameSource, putField, putSource, readTable } from '#domain/mappings/table.ts'
import { seePreview, startPreview } from '#domain/rules/mappings/preview.ts'
import { MAPPING_EFFECTS } from '#domain/rules/mappings/effect.ts'
import { seeSurvey, startSurvey } from '#domain/rules/mappings/survey.ts'
import { foldSame, placeSideBySide } from '#domain/rules/merge/side-by-side.ts'
import { AppError } from '#kernel/error.ts'
import { MappingPreviewPage } from '#views/mappings/preview-page.tsx'
import { SuggestionsPage } from '#views/mappings/suggestions-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, readForm, readQuery } from '#http/input.ts'
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

export async function showSuggestions(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { target, draft } = await see(c)
  const props = {
    ...(await headOf(c)),
    mapping: pathOf(c),
    survey: await seeSurvey(c.var.house, caller, target.id),
    over: draft?.revision ?? 0,
    mayEdit: can(caller, 'mapping.write'),
  }
  const trail = trailOf(c, target.name, true)
  return page(c, { title: 'Suggestions', trail }, <SuggestionsPage {...props} />)
}

export async function survey(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  await readForm(c, z.strictObject({}))
  await startSurvey(c.var.house, callerOf(c), target.id)
  const redirect = `${pathOf(c)}/suggestions`
  return changed(c, { redirect, notice: 'Rules and the schema of the target are being compared.' })
}

const Pick = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('field'), ...FieldRow.shape }),
  z.strictObject({
    kind: z.literal('source'),
    logsource: SourceRow.shape.logsource,
    place: z.string().min(1).max(1_000),
    isReplacing: z.boolean(),
  }),
])
type Pick = z.infer<typeof Pick>

const PICKS_MAX = 1_000
const Picked = z.string().max(4_000)
const TakeForm = z.strictObject({
  over: z.coerce.number().int().min(0),
  pick: z.union([z.array(Picked).max(PICKS_MAX), Picked.transform((one) => [one])]).default([]),
})

/** Those that are ticked, into the draft. */
export async function takeSuggestions(c: HttpContext): Promise<Response> {
  const { target } = await see(c)
  const { over, pick } = await readForm(c, TakeForm)
  const picks = pick.map((text) => checkInput(Pick, parsed(text)))
  if (picks.length === 0) throw new AppError('invalid', 'Nothing is ticked.')
  await editDraft(c.var.house, callerOf(c), target, {
    over,
    change: (content) => picks.reduce((made, one) => withPick(made, target.kind, one), content),
  })
  const what = picks.length === 1 ? 'The suggestion is' : `${picks.length} suggestions are`
  return changed(c, { redirect: pathOf(c), notice: `${what} in the draft.` })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AppError('invalid', 'This is no suggestion of ours.')
  }
}

/** A second suggestion for the same thing stands beside the first: any of them may hold it. */
function withPick(
  { pipelines, document }: MappingContent,
  kind: Parameters<typeof putSource>[1],
  pick: Pick,
): MappingContent {
  const { fields, sources } = readTable(document, kind)
  const { logsource } = pick
  if (pick.kind === 'field') {
    const { field } = pick
    const was = fields.find((one) => one.field === field && isSameSource(one.logsource, logsource))
    const row = { logsource, field, to: [...new Set([...(was?.to ?? []), ...pick.to])] }
    return { pipelines, document: putField(document, row, was) }
  }
  const was = sources.find((one) => isSameSource(one.logsource, logsource))
  const { index, ...named } = kind === 'splunk' ? wordsOf(pick.place) : {}
  const conditions = new Map(Object.entries(was?.conditions ?? {}))
  for (const [name, value] of Object.entries(named)) {
    conditions.set(name, [...new Set([...(conditions.get(name) ?? []), value])])
  }
  const row = {
    logsource,
    isReplacing: was?.isReplacing ?? pick.isReplacing,
    places: [...new Set([...(was?.places ?? []), index ?? pick.place])],
    conditions: Object.fromEntries(conditions),
  }
  return { pipelines, document: putSource(document, kind, row, was?.logsource) }
}
