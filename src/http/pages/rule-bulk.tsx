// `/w/{slug}/rules/bulk`: the same change to many rules, what became of it, and taking it back; tests and
// export of rules that are ticked in the list.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { startBulkEdit, startUndo } from '#domain/rules/bulk/edit.ts'
import { getBulk, listBulkItems } from '#domain/rules/bulk/result.ts'
import { writtenLayer } from '#domain/rules/coverage.ts'
import { exportRules } from '#domain/rules/files/export.ts'
import { listGroups } from '#domain/rules/groups/actions.ts'
import { BulkRequest } from '#domain/rules/input.ts'
import { listRules } from '#domain/rules/reading.ts'
import { requestTests } from '#domain/rules/testing/run-many.ts'
import { BulkPage } from '#views/rules/bulk-page.tsx'
import { BulkShownPage } from '#views/rules/bulk-shown-page.tsx'
import { callerOf } from '#http/caller.ts'
import { sendDownload } from '#http/download.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, goTo, page, wantsOnly } from '#http/respond.tsx'
import { ruleFiles } from '#http/rule-files.ts'
import { CHOICE, filterOf, resent, wantedOf } from './rule-choice.ts'

const listPath = (c: HttpContext) => `${placeOf(c)}/rules`
const backTo = (c: HttpContext, of: string) => (of === '' ? listPath(c) : `${listPath(c)}?${of}`)
const trailOf = (c: HttpContext) => [{ label: 'Rules', href: listPath(c) }]

const ChoiceQuery = z.object(CHOICE)
const TITLES_SHOWN = 12
const GROUPS_OFFERED = 500

export async function showChoice(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const choice = readQuery(c, ChoiceQuery)
  const wanted = { filter: filterOf(choice), sort: 'title', limit: TITLES_SHOWN } as const
  const { items, count } = await listRules(house, caller, wanted)
  const groups = await listGroups(house, caller, { limit: GROUPS_OFFERED })
  const props = {
    path: `${listPath(c)}/bulk`,
    back: backTo(c, choice.of),
    chosen: resent(choice),
    count,
    titles: items.map(({ title }) => title),
    groups: groups.items.map(({ slug }) => slug),
  }
  return page(c, { title: 'Change rules', trail: trailOf(c) }, <BulkPage {...props} />)
}

const ChangeForm = z.strictObject({
  ...CHOICE,
  kind: z.enum(['addTag', 'removeTag', 'level', 'owner', 'group', 'retire', 'revive']),
  tag: z.string().optional(),
  level: z.string().optional(),
  owner: z.string().trim().optional(),
  group: z.string().trim().optional(),
})

export async function start(c: HttpContext): Promise<Response> {
  const form = await readForm(c, ChangeForm)
  const request = checkInput(BulkRequest, { edit: editOf(form), ...wantedOf(form) })
  const id = await startBulkEdit(c.var.house, callerOf(c), request)
  return goTo(c, `${listPath(c)}/bulk/${id}`)
}

/** An empty owner or group takes the one that is there away. */
function editOf({ kind, tag, level, owner, group }: z.output<typeof ChangeForm>) {
  if (kind === 'addTag' || kind === 'removeTag') return { kind, tag }
  if (kind === 'level') return { kind, level }
  if (kind === 'owner') return { kind, owner: owner || null }
  if (kind === 'group') return { kind, group: group || null }
  return { kind }
}

const ITEMS_SHOWN = 50
const ShowQuery = z.object({
  result: z.enum(['changed', 'same', 'refused']).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showBulk(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const id = readId(c, 'job')
  const { result, cursor } = readQuery(c, ShowQuery)
  const shown = await getBulk(house, caller, id)
  const list = await listBulkItems(house, caller, id, { result, cursor, limit: ITEMS_SHOWN })
  const props = {
    ...shown,
    ...list,
    path: `${listPath(c)}/bulk/${id}`,
    rules: listPath(c),
    jobs: `${placeOf(c)}/jobs`,
    result: result ?? null,
    cursor: cursor ?? null,
    names: await namesOf(house, caller, [shown.bulk.createdBy]),
    may: { cancel: can(caller, 'job.cancel'), undo: can(caller, 'rule.write') },
  }
  if (wantsOnly(c, 'bulk')) return fragment(c, <BulkShownPage {...props} />)
  const title = shown.bulk.title
  return page(c, { title, trail: trailOf(c) }, <BulkShownPage {...props} />)
}

export async function undo(c: HttpContext): Promise<Response> {
  const id = await startUndo(c.var.house, callerOf(c), readId(c, 'job'))
  return goTo(c, `${listPath(c)}/bulk/${id}`)
}

/** Without anything chosen the tests of all rules. */
export async function testChosen(c: HttpContext): Promise<Response> {
  const choice = await readForm(c, z.strictObject({ ...CHOICE, every: z.literal('1').optional() }))
  if (choice.every === undefined && isNothing(choice)) return nothingTicked(c, choice.of)
  const wanted = choice.every === undefined ? testsWanted(choice) : ({ all: true } as const)
  const id = await requestTests(c.var.house, callerOf(c), wanted)
  return changed(c, { redirect: `${placeOf(c)}/jobs/${id}`, notice: 'The tests run.' })
}

function testsWanted(choice: z.output<typeof ChoiceQuery>) {
  const { ids, filter } = wantedOf(choice)
  return ids ? { ruleIds: ids } : { filter }
}

const ExportQuery = z.object({ ...CHOICE, format: z.enum(['zip', 'ndjson']).catch('zip') })

export async function giveFiles(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { format, ...choice } = readQuery(c, ExportQuery)
  if (isNothing(choice)) return nothingTicked(c, choice.of)
  const rules = exportRules(house, caller, filterOf(choice))
  return sendDownload(c, ruleFiles(rules, format, caller.now))
}

const LayerQuery = z.object({ of: CHOICE.of })

/** For MITRE's Navigator: what the rules of the list name. */
export async function giveLayer(c: HttpContext): Promise<Response> {
  const { of } = readQuery(c, LayerQuery)
  const filter = filterOf({ rule: [], all: '1', of })
  const layer = await writtenLayer(c.var.house, callerOf(c), filter)
  c.header('Content-Disposition', 'attachment; filename="rules-written-layer.json"')
  return c.json(layer)
}

const isNothing = ({ rule, all }: z.output<typeof ChoiceQuery>) =>
  rule.length === 0 && all === undefined

function nothingTicked(c: HttpContext, of: string): Response {
  return changed(c, { redirect: backTo(c, of), notice: 'Nothing was done: tick rules first.' })
}
