// Reference lists: all of them, one, and writing them as lines of text.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { findOwnEmail } from '#domain/access/own-email.ts'
import { can } from '#domain/access/permission.ts'
import {
  addList,
  changeList,
  getList,
  listLists,
  listListVersions,
  removeList,
} from '#domain/rules/lists/actions.ts'
import { ListChangeInput, NewListInput } from '#domain/rules/lists/input.ts'
import {
  isOverdue,
  LIST_VALUES_USUAL,
  REVIEW_DAYS_MAX,
  reviewDay,
  valuesIn,
} from '#domain/rules/lists/list.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'
import { ListFormPage, type ListFormProps } from '#views/lists/list-form.tsx'
import { ListPage } from '#views/lists/list-page.tsx'
import { ListsPage } from '#views/lists/lists-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'

const listPath = (c: HttpContext) => `${placeOf(c)}/lists`
const trailOf = (c: HttpContext) => [{ label: 'Reference lists', href: listPath(c) }]

const ROWS = 50
const ListQuery = z.object({
  q: z.string().max(200).optional().catch(undefined),
  overdue: z.literal('1').optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showLists(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { q, overdue, cursor } = readQuery(c, ListQuery)
  const wanted = { words: q, overdue: overdue === '1', cursor, limit: ROWS }
  const found = await listLists(c.var.house, caller, wanted)
  const props = {
    path: listPath(c),
    words: q ?? '',
    isOverdueOnly: wanted.overdue,
    items: found.items.map((one) => ({ ...one, isOverdue: isOverdue(one, caller.now) })),
    count: found.count,
    cursor: cursor ?? null,
    next: found.next,
    mayWrite: can(caller, 'rule.write'),
  }
  return page(c, { title: 'Reference lists' }, <ListsPage {...props} />)
}

export async function showList(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const id = readId(c, ID_PREFIXES.list)
  const one = await getList(house, caller, id)
  const versions = await listListVersions(house, caller, id)
  const props = {
    path: `${listPath(c)}/${id}`,
    place: placeOf(c),
    one,
    versions,
    names: await namesOf(
      house,
      caller,
      versions.map(({ createdBy }) => createdBy),
    ),
    mayWrite: can(caller, 'rule.write'),
  }
  return page(c, { title: one.name, trail: trailOf(c) }, <ListPage {...props} />)
}

type Typed = Pick<
  ListFormProps,
  'name' | 'text' | 'about' | 'shape' | 'valuesMax' | 'owner' | 'reviewBy'
>

function showForm(
  c: HttpContext,
  typed: Typed,
  rest: Pick<ListFormProps, 'edit'> & Partial<Pick<ListFormProps, 'refusal' | 'problems'>>,
): Promise<Response> {
  const { edit, refusal = null, problems = [] } = rest
  const path = edit === null ? `${listPath(c)}/new` : `${listPath(c)}/${edit.id}/edit`
  const back = edit === null ? listPath(c) : `${listPath(c)}/${edit.id}`
  const lastDay = dayOf(reviewDay(callerOf(c).now, REVIEW_DAYS_MAX))
  const props = { ...typed, edit, refusal, problems, path, back, lastDay }
  const title = edit === null ? 'New reference list' : `Edit ${typed.name}`
  const status = refusal === null ? 200 : 422
  return page(c, { title, trail: trailOf(c), status }, <ListFormPage {...props} />)
}

const dayOf = (at: Instant) => new Date(at).toISOString().slice(0, 10)

export async function showNew(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const owner = (await findOwnEmail(c.var.house, caller)) ?? ''
  const reviewBy = dayOf(reviewDay(caller.now))
  const usual = { shape: 'text', valuesMax: String(LIST_VALUES_USUAL), owner, reviewBy } as const
  return showForm(c, { name: '', text: '', about: '', ...usual }, { edit: null })
}

/** As it was typed: what does not fit is said beside it, and nothing is lost. */
const Form = z.strictObject({
  name: z.string().max(200).default(''),
  text: z.string().max(500_000).default(''),
  about: z.string().max(4_000).default(''),
  shape: z.string().max(20).default('text'),
  valuesMax: z.string().max(10).default(''),
  owner: z.string().trim().max(300).default(''),
  reviewBy: z.string().max(40).default(''),
  why: z.string().trim().max(2_000).default(''),
  version: z.coerce.number().int().min(1).optional(),
})

export async function writeNew(c: HttpContext): Promise<Response> {
  const { why: _, version: __, ...typed } = await readForm(c, Form)
  try {
    const input = read(NewListInput, toInput(typed))
    const { id } = await addList(c.var.house, callerOf(c), input)
    return changed(c, { redirect: `${listPath(c)}/${id}`, notice: 'The list is kept.' })
  } catch (error) {
    return showForm(c, typed, { edit: null, ...refusalOf(error) })
  }
}

function toInput({ text, valuesMax, ...rest }: Typed) {
  return { ...rest, values: valuesIn(text), valuesMax: Number(valuesMax) }
}

export async function showEdit(c: HttpContext): Promise<Response> {
  const one = await getList(c.var.house, callerOf(c), readId(c, ID_PREFIXES.list))
  const { id, version, name, values, about, shape, valuesMax, owner } = one
  const text = values.join('\n')
  const reviewBy = dayOf(one.reviewBy)
  const typed = { name, text, about, shape, valuesMax: String(valuesMax), owner, reviewBy }
  return showForm(c, typed, { edit: { id, version, why: '' } })
}

export async function writeEdit(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const before = await getList(house, caller, readId(c, ID_PREFIXES.list))
  const { id, name } = before
  const { why, version = before.version, ...typed } = await readForm(c, Form)
  try {
    const { name: _, reviewBy, ...given } = toInput(typed)
    const isSameDay = reviewBy === dayOf(before.reviewBy)
    const input = read(ListChangeInput, { ...given, why, ...(isSameDay ? {} : { reviewBy }) })
    const saved = await changeList(house, caller, id, input, new Set([String(version)]))
    const isSame = saved.version === before.version
    const notice = isSame ? 'The list is as it was.' : `Version ${saved.version} is saved.`
    return changed(c, { redirect: `${listPath(c)}/${id}`, notice })
  } catch (error) {
    return showForm(c, { ...typed, name }, { edit: { id, version, why }, ...refusalOf(error) })
  }
}

export async function remove(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { id, version: newest } = await getList(house, caller, readId(c, ID_PREFIXES.list))
  const { version = newest } = await readForm(c, Form)
  await removeList(house, caller, id, new Set([String(version)]))
  return changed(c, { redirect: listPath(c), notice: 'The list is removed.' })
}

function read<Shape extends z.ZodType>(shape: Shape, given: unknown): z.output<Shape> {
  const { data, error } = shape.safeParse(given)
  if (error === undefined) return data
  const [{ path, message }] = error.issues as [z.core.$ZodIssue]
  const line = path[0] === 'values' && typeof path[1] === 'number' ? `Line ${path[1] + 1}: ` : ''
  throw new AppError('invalid', `${line || `${String(path[0] ?? 'The form')}: `}${message}`)
}

function refusalOf(error: unknown): { refusal: string; problems: readonly Problem[] } {
  if (!(error instanceof AppError)) throw error
  if (error.code === 'forbidden') throw error
  const problems = (error.details?.['problems'] ?? []) as readonly Problem[]
  return { refusal: error.message, problems: problems.length > 1 ? problems : [] }
}
