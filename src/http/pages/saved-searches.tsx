// `/w/{slug}/searches/saved`: questions that are kept, their schedules, and what their runs found; and
// rows that are pinned.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { NewPin, NewSavedSearch, SavedSearchChange } from '#domain/searches/input.ts'
import { pinRow, unpinRow } from '#domain/searches/pins.ts'
import { getSearch, listSearches } from '#domain/searches/reading.ts'
import {
  askSaved,
  changeSaved,
  getSaved,
  listSaved,
  mayChangeSaved,
  removeSaved,
  saveSearch,
} from '#domain/searches/saved-actions.ts'
import { CADENCES, type SavedSearch } from '#domain/searches/saved.ts'
import { outcomeOf } from '#domain/searches/search.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { personBehind } from '#platform/caller.ts'
import { SavedListPage, SavedPage } from '#views/searches/saved-page.tsx'
import { SaveSearchPage, type SavedFormProps } from '#views/searches/saved-form.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, problemsByField, readForm, readId } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'

const rootOf = (c: HttpContext) => `${placeOf(c)}/searches`
const trailOf = (c: HttpContext) => [
  { label: 'Searches', href: rootOf(c) },
  { label: 'Saved', href: `${rootOf(c)}/saved` },
]

export async function showSavedList(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const me = personBehind(caller)
  const items = (await listSaved(c.var.house, caller)).map((saved) => ({
    ...saved,
    cadence: cadenceOf(saved),
    isMine: saved.owner === me,
  }))
  const owners = items.map(({ owner }) => owner)
  const names = await namesOf(c.var.house, caller, owners)
  const props = { path: rootOf(c), items, names }
  return page(c, { title: 'Saved searches', trail: trailOf(c) }, <SavedListPage {...props} />)
}

function cadenceOf({ cron }: Pick<SavedSearch, 'cron'>): string {
  if (cron === null) return 'By hand'
  return CADENCES.find(([pattern]) => pattern === cron)?.[1] ?? cron
}

const RUNS_SHOWN = 20

export async function showSaved(c: HttpContext): Promise<Response> {
  const saved = await getSaved(c.var.house, callerOf(c), readId(c, 'sav'))
  return showOne(c, saved, {})
}

async function showOne(
  c: HttpContext,
  saved: SavedSearch,
  { fields = {}, asked = {} }: { fields?: Record<string, string>; asked?: Partial<Asked> },
): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const filter = { savedId: saved.id }
  const { items } = await listSearches(house, caller, { limit: RUNS_SHOWN, filter })
  const targets = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const names = new Map(targets.items.map(({ target: { id, name } }) => [id, name]))
  const path = rootOf(c)
  const props = {
    path,
    saved,
    cadence: cadenceOf(saved),
    targets: saved.targetIds.map((id) => names.get(id) ?? 'a target that is gone'),
    names: await namesOf(house, caller, [saved.owner, ...items.map(({ createdBy }) => createdBy)]),
    runs: items.map((search) => ({ ...search, outcome: outcomeOf(search.segments) })),
    mayChange: mayChangeSaved(caller, saved),
    form: { ...formOf(saved, asked), path: `${path}/saved/${saved.id}`, fields, verb: 'Change' },
  }
  const status = Object.keys(fields).length === 0 ? 200 : 422
  return page(c, { title: saved.name, trail: trailOf(c), status }, <SavedPage {...props} />)
}

type Asked = Pick<SavedFormProps, 'name' | 'isShared' | 'cadence' | 'cron'>

function formOf(
  { name, isShared, cron }: Pick<SavedSearch, 'name' | 'isShared' | 'cron'>,
  asked: Partial<Asked>,
) {
  const isListed = cron === null || CADENCES.some(([pattern]) => pattern === cron)
  const cadence = cron === null ? '' : isListed ? cron : 'custom'
  return {
    name,
    isShared,
    cadence,
    cron: isListed ? '' : cron,
    cadences: CADENCES,
    ...asked,
  }
}

export async function showSave(c: HttpContext): Promise<Response> {
  const search = await getSearch(c.var.house, callerOf(c), readId(c, 'sea'))
  return showSaveForm(c, { name: search.title, isShared: false, cadence: '', cron: '' }, {})
}

function showSaveForm(
  c: HttpContext,
  asked: Asked,
  { fields = {}, refusal = null }: { fields?: Record<string, string>; refusal?: string | null },
): Promise<Response> {
  const title = 'Save the search'
  const back = `${rootOf(c)}/${readId(c, 'sea')}`
  const form = { ...asked, cadences: CADENCES, path: `${back}/save`, fields, verb: 'Save' }
  const status = Object.keys(fields).length === 0 && refusal === null ? 200 : 422
  const content = <SaveSearchPage title={title} back={back} refusal={refusal} form={form} />
  return page(c, { title, trail: trailOf(c), status }, content)
}

const SavedFormInput = z.strictObject({
  name: z.string().max(1_000).optional(),
  cadence: z.string().max(100).default(''),
  cron: z.string().max(1_000).default(''),
  shared: z.literal('yes').optional(),
  paused: z.enum(['yes', 'no']).optional(),
})
const NAMES = { name: 'The name', cron: 'The pattern' }

function askedOf({ name = '', cadence, cron, shared }: z.output<typeof SavedFormInput>): Asked {
  return { name, cadence, cron, isShared: shared === 'yes' }
}

function cronOf({ cadence, cron }: Asked): string | null {
  return cadence === '' ? null : cadence === 'custom' ? cron : cadence
}

export async function save(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const id = readId(c, 'sea')
  await getSearch(house, callerOf(c), id)
  const asked = askedOf(await readForm(c, SavedFormInput))
  const { name, isShared } = asked
  const input = NewSavedSearch.safeParse({ name, isShared, cron: cronOf(asked) })
  if (!input.success) return showSaveForm(c, asked, { fields: problemsByField(input.error, NAMES) })
  try {
    const saved = await saveSearch(house, callerOf(c), id, input.data)
    return goTo(c, `${rootOf(c)}/saved/${saved.id}`)
  } catch (error) {
    if (isInvalid(error)) return showSaveForm(c, asked, { fields: { cron: error.message } })
    throw error
  }
}

export async function changeOne(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const saved = await getSaved(house, callerOf(c), readId(c, 'sav'))
  if (!mayChangeSaved(callerOf(c), saved)) throw forbidden()
  const form = await readForm(c, SavedFormInput)
  const back = `${rootOf(c)}/saved/${saved.id}`
  if (form.paused !== undefined) {
    const isPaused = form.paused === 'yes'
    await changeSaved(house, callerOf(c), saved.id, { isPaused })
    const notice = isPaused ? 'The schedule is paused.' : 'The schedule goes on.'
    return changed(c, { redirect: back, notice })
  }
  const asked = askedOf(form)
  const { name, isShared } = asked
  const input = SavedSearchChange.safeParse({ name, isShared, cron: cronOf(asked) })
  if (!input.success)
    return showOne(c, saved, { fields: problemsByField(input.error, NAMES), asked })
  try {
    await changeSaved(house, callerOf(c), saved.id, input.data)
    return changed(c, { redirect: back, notice: 'The saved search is changed.' })
  } catch (error) {
    if (isInvalid(error)) return showOne(c, saved, { fields: { cron: error.message }, asked })
    throw error
  }
}

const isInvalid = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'invalid'

export async function askOne(c: HttpContext): Promise<Response> {
  const { id } = await askSaved(c.var.house, callerOf(c), readId(c, 'sav'))
  return goTo(c, `${rootOf(c)}/${id}`)
}

export async function removeOne(c: HttpContext): Promise<Response> {
  await removeSaved(c.var.house, callerOf(c), readId(c, 'sav'))
  return changed(c, { redirect: `${rootOf(c)}/saved`, notice: 'The saved search is gone.' })
}

const PinForm = z.strictObject({
  segment: z.coerce.number(),
  row: z.coerce.number(),
  show: z.union([
    z.array(z.string().max(500)),
    z
      .string()
      .max(500)
      .transform((one) => [one]),
  ]),
  note: z.string().max(1_000).default(''),
})

export async function pin(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const id = readId(c, 'sea')
  await getSearch(house, callerOf(c), id)
  const { segment: position, row, show: columns, note } = await readForm(c, PinForm)
  await pinRow(house, callerOf(c), id, checkInput(NewPin, { position, row, columns, note }))
  return changed(c, { redirect: `${rootOf(c)}/${id}#pins`, notice: 'The row is pinned.' })
}

export async function unpin(c: HttpContext): Promise<Response> {
  const id = readId(c, 'sea')
  await getSearch(c.var.house, callerOf(c), id)
  const number = Number(c.req.param('n'))
  if (!Number.isSafeInteger(number)) throw forbidden()
  await unpinRow(c.var.house, callerOf(c), id, number)
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The row is no longer pinned.' })
}
