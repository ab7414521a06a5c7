// `/w/{slug}/searches`: asking targets, following what comes, and taking it along.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { cancelSearch, deleteSearch, retrySegment, startSearch } from '#domain/searches/actions.ts'
import { listPins } from '#domain/searches/pins.ts'
import { pivotOn } from '#domain/searches/pivot.ts'
import { KIND_LANGUAGES } from '#domain/searches/phrasing.ts'
import { exportRows, getSearch, listSearches, readFound } from '#domain/searches/reading.ts'
import { SEARCH_LANGUAGES, SearchInput } from '#domain/searches/input.ts'
import { listSaved } from '#domain/searches/saved-actions.ts'
import { CAPS_USUAL, outcomeOf, type Search } from '#domain/searches/search.ts'
import { getRule } from '#domain/rules/reading.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { isId, type SearchId } from '#kernel/id.ts'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import type { Problem } from '#kernel/problem.ts'
import { formatInstant, parseDuration, type Instant } from '#kernel/time.ts'
import { personBehind } from '#platform/caller.ts'
import { NewSearchPage, type Asked } from '#views/searches/new-search-page.tsx'
import { SearchPage } from '#views/searches/search-page.tsx'
import { SearchesPage } from '#views/searches/searches-page.tsx'
import { callerOf } from '#http/caller.ts'
import { ndjson, sendDownload } from '#http/download.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'
import { csvOfRows, linesOfRows } from '#http/rows.ts'

const rootOf = (c: HttpContext) => `${placeOf(c)}/searches`
const trailOf = (c: HttpContext) => [{ label: 'Searches', href: rootOf(c) }]

const LISTED = 50
const Short = z.string().max(200).default('').catch('')
const ListQuery = z.object({
  cursor: z.string().max(2_000).optional().catch(undefined),
  q: Short,
  on: Short,
  state: z.enum(['open', 'short']).optional().catch(undefined),
  by: z.literal('me').optional().catch(undefined),
})

export async function showSearches(c: HttpContext): Promise<Response> {
  const { cursor, q, on, state, by } = readQuery(c, ListQuery)
  const { house } = c.var
  const caller = callerOf(c)
  const filter = {
    words: q === '' ? undefined : q,
    targetId: isId('tgt', on) ? on : undefined,
    askedBy: by === 'me' ? personBehind(caller) : undefined,
    state,
  }
  const shown = await listSearches(house, caller, { limit: LISTED, cursor, filter })
  const targets = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const props = {
    ...shown,
    items: shown.items.map((search) => ({ ...search, outcome: outcomeOf(search.segments) })),
    path: rootOf(c),
    names: await namesOf(
      house,
      caller,
      shown.items.map(({ createdBy }) => createdBy),
    ),
    filter: { q, target: filter.targetId ?? '', state: state ?? '', by: by ?? '' } as const,
    targets: targets.items.map(({ target: { id, name } }) => ({ id, name })),
    cursor: cursor ?? null,
  }
  return page(c, { title: 'Searches' }, <SearchesPage {...props} />)
}

const NewQuery = z.object({
  again: z.string().optional().catch(undefined),
  rule: z.string().optional().catch(undefined),
  target: z.string().optional().catch(undefined),
  pivot: z.string().optional().catch(undefined),
  segment: z.coerce.number().int().min(1).default(1).catch(1),
  column: z.string().max(500).default('').catch(''),
  value: z.string().max(2_000).default('').catch(''),
})

const NOTHING_ASKED: Asked = {
  language: 'sigma',
  text: '',
  targetIds: [],
  isOfAll: false,
  last: '24h',
  from: '',
  to: '',
  rows: '1000',
  bytes: String(CAPS_USUAL.bytes),
  scanned: '',
  purpose: '',
}

export async function showNew(c: HttpContext): Promise<Response> {
  const { again, rule, target, pivot, segment: position, column, value } = readQuery(c, NewQuery)
  if (pivot !== undefined) {
    if (!isId('sea', pivot)) throw forbidden()
    const wanted = { position, column, value }
    const next = await pivotOn(c.var.house, callerOf(c), pivot, wanted)
    const { language, text, search } = next
    const range = { last: 'custom', from: typedTime(search.from), to: typedTime(search.to) }
    return showForm(c, {
      asked: { ...askedBefore(search), ...range, language, text },
      ruleId: null,
    })
  }
  if (again !== undefined) {
    if (!isId('sea', again)) throw forbidden()
    const before = await getSearch(c.var.house, callerOf(c), again)
    return showForm(c, { asked: askedBefore(before), ruleId: before.ruleId })
  }
  const asked = { ...NOTHING_ASKED, targetIds: target === undefined ? [] : [target] }
  return showForm(c, { asked, ruleId: rule ?? null })
}

function askedBefore({ language, text, purpose, segments, caps }: Search): Asked {
  const targetIds = segments.map(({ targetId }) => targetId)
  const { rows, bytes, scanned } = caps
  const most = {
    rows: String(rows),
    bytes: String(bytes),
    scanned: scanned === null ? '' : String(scanned),
  }
  return { ...NOTHING_ASKED, language, text, purpose, targetIds, ...most }
}

/** As a field for a time takes it, in UTC. */
const typedTime = (at: Instant) => formatInstant(at).slice(0, 19)

interface Shown {
  readonly asked: Asked
  readonly ruleId: string | null
  readonly refusal?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly problems?: readonly Problem[]
}

async function showForm(
  c: HttpContext,
  { asked, ruleId, refusal, fields = {}, problems = [] }: Shown,
): Promise<Response> {
  const caller = callerOf(c)
  const { items } = await listTargets(c.var.house, caller, { limit: PAGE_LIMIT_MAX })
  const targets = items.map(({ target: { id, name, kind } }) => ({
    id,
    name,
    kind,
    languages: KIND_LANGUAGES[kind],
  }))
  const [only] = targets
  const chosen =
    asked.targetIds.length === 0 && !asked.isOfAll && targets.length === 1 && only
      ? { ...asked, targetIds: [only.id] }
      : asked
  const props = {
    path: rootOf(c),
    targets,
    asked: chosen,
    rule: ruleId === null ? null : await titleOf(c, ruleId),
    fields,
    refusal: refusal ?? null,
    problems,
  }
  const status = refusal === undefined && Object.keys(fields).length === 0 ? 200 : 422
  return page(c, { title: 'New search', trail: trailOf(c), status }, <NewSearchPage {...props} />)
}

async function titleOf(c: HttpContext, id: string) {
  if (!isId('rul', id)) throw forbidden()
  const { title } = await getRule(c.var.house, callerOf(c), id)
  return { id, title }
}

const Text = z.string().max(200).default('')
const AskForm = z.strictObject({
  /** Absent where a text is asked. */
  rule: z.string().max(200).optional(),
  language: z.enum(SEARCH_LANGUAGES).default('sigma'),
  text: z.string().max(QUERY_CHARS_MAX).default(''),
  targets: z
    .union([
      z.array(z.string().max(100)),
      z
        .string()
        .max(100)
        .transform((one) => [one]),
    ])
    .default([]),
  /** Counts before what is ticked one by one. */
  all: z.literal('yes').optional(),
  last: Text,
  from: Text,
  to: Text,
  rows: Text,
  bytes: Text,
  scanned: Text,
  purpose: z.string().max(500).default(''),
})

export async function ask(c: HttpContext): Promise<Response> {
  const form = await readForm(c, AskForm)
  const isOfAll = form.all !== undefined
  const asked: Asked = { ...form, targetIds: form.targets, isOfAll }
  const ruleId = form.rule ?? null
  const { now } = callerOf(c)
  const [from, to] =
    form.last === 'custom'
      ? [Date.parse(`${form.from}Z`), Date.parse(`${form.to}Z`)]
      : [now - (parseDuration(form.last) ?? NaN), now]
  const fields: Record<string, string> = {}
  if (Number.isNaN(from)) fields[form.last === 'custom' ? 'from' : 'last'] = 'Say when it begins.'
  if (Number.isNaN(to)) fields['to'] = 'Say when it ends.'
  if (form.targets.length === 0 && !isOfAll) fields['targets'] = 'Tick at least one target.'
  if (ruleId === null && form.text.trim() === '') fields['text'] = 'There is no question yet.'
  if (Object.keys(fields).length > 0) return showForm(c, { asked, ruleId, fields })
  try {
    const input = SearchInput.safeParse({
      question: ruleId === null ? { language: form.language, text: form.text } : { ruleId },
      targetIds: isOfAll ? 'all' : form.targets,
      from,
      to,
      rows: Number(form.rows || NOTHING_ASKED.rows),
      bytes: Number(form.bytes || NOTHING_ASKED.bytes),
      scanned: form.scanned.trim() === '' ? null : Number(form.scanned),
      purpose: form.purpose,
    })
    if (!input.success) throw new AppError('invalid', input.error.issues[0]!.message)
    const { id } = await startSearch(c.var.house, callerOf(c), input.data)
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error
    const problems = (error.details['problems'] ?? []) as readonly Problem[]
    return showForm(c, { asked, ruleId, refusal: error.message, problems })
  }
}

const PAGE_ROWS = 50
const Many = z
  .union([
    z.array(z.string().max(500)),
    z
      .string()
      .max(500)
      .transform((one) => [one]),
  ])
  .default([])
const ShowQuery = z.object({
  q: z.string().max(500).default('').catch(''),
  column: z.string().max(500).optional().catch(undefined),
  value: z.string().max(2_000).optional().catch(undefined),
  sort: z.string().max(500).optional().catch(undefined),
  show: Many.catch([]),
  offset: z.coerce.number().int().min(0).max(500_000).default(0).catch(0),
  open: z
    .string()
    .regex(/^[1-9]\d{0,2}\.\d{1,6}$/)
    .optional()
    .catch(undefined),
})

export async function showSearch(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const id = readId(c, 'sea')
  const search = await getSearch(house, caller, id)
  const { q, column, value, sort, show, offset, open } = readQuery(c, ShowQuery)
  const [position, index] = (open ?? '').split('.').map(Number)
  const state = {
    words: q,
    where: column !== undefined && value !== undefined ? { column, value } : null,
    sort: sort ? { column: sort.replace(/^-/, ''), isDescending: sort.startsWith('-') } : null,
    columns: show,
    offset,
    open: position === undefined || index === undefined ? null : { position, index },
  }
  const found = await readFound(house, caller, search, {
    offset,
    limit: PAGE_ROWS,
    words: q,
    where: state.where ?? undefined,
    sort: state.sort ?? undefined,
  })
  const pins = await listPins(house, caller, id)
  const props = {
    search,
    outcome: outcomeOf(search.segments),
    path: `${rootOf(c)}/${id}`,
    root: rootOf(c),
    rules: `${placeOf(c)}/rules`,
    state,
    found,
    pageSize: PAGE_ROWS,
    pins,
    names: await namesOf(house, caller, [
      search.createdBy,
      ...pins.map(({ createdBy }) => createdBy),
    ]),
    saved: await savedOf(c, search),
  }
  return page(c, { title: search.title, trail: trailOf(c) }, <SearchPage {...props} />)
}

/** Null also while it is somebody else's alone. */
async function savedOf(c: HttpContext, { savedId }: Search) {
  if (savedId === null) return null
  const all = await listSaved(c.var.house, callerOf(c))
  return all.find(({ id }) => id === savedId) ?? null
}

export const giveLines = (c: HttpContext) => download(c, 'ndjson')
export const giveTable = (c: HttpContext) => download(c, 'csv')

async function download(c: HttpContext, format: 'ndjson' | 'csv'): Promise<Response> {
  const { search, rows } = await exportRows(c.var.house, callerOf(c), readId(c, 'sea'))
  const name = `${search.id}.${format}`
  return format === 'csv'
    ? sendDownload(c, { name, type: 'text/csv; charset=utf-8', chunks: csvOfRows(search, rows) })
    : sendDownload(c, { name, type: 'application/x-ndjson', chunks: ndjson(linesOfRows(rows)) })
}

export async function cancel(c: HttpContext): Promise<Response> {
  const id = readId(c, 'sea')
  await cancelSearch(c.var.house, callerOf(c), id)
  return back(c, id, 'The search is being cancelled.')
}

export async function retry(c: HttpContext): Promise<Response> {
  const id = readId(c, 'sea')
  await getSearch(c.var.house, callerOf(c), id)
  const position = Number(c.req.param('n'))
  if (!Number.isSafeInteger(position)) throw forbidden()
  await retrySegment(c.var.house, callerOf(c), id, position)
  return back(c, id, 'The target is asked again.')
}

export async function remove(c: HttpContext): Promise<Response> {
  const id = readId(c, 'sea')
  await deleteSearch(c.var.house, callerOf(c), id)
  return changed(c, { redirect: rootOf(c), notice: 'The search and its rows are gone.' })
}

function back(c: HttpContext, id: SearchId, notice: string): Response {
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice })
}
