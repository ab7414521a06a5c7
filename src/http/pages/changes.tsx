// `/w/{slug}/changes`: the list, and the beginning of a change.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { listChanges, openChange } from '#domain/changes/actions.ts'
import type { NewItem } from '#domain/changes/opening.ts'
import { CHANGE_STATES } from '#domain/changes/change.ts'
import { ITEMS_MAX, NewChangeInput } from '#domain/changes/input.ts'
import { countWaiting } from '#domain/changes/waiting.ts'
import { listMine, listWaiting } from '#domain/changes/waiting-list.ts'
import { listWhere } from '#domain/placements/where.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { AppError } from '#kernel/error.ts'
import { isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { CHANGE_VIEWS, ChangesPage, type ChangeView } from '#views/changes/changes-page.tsx'
import { NewChangePage, type NewChangeShown } from '#views/changes/new-change-page.tsx'
import type { FieldProblems } from '#views/parts/field.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { problemsByField, readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { CHOICE, filterOf, resent, type Choice } from './rule-choice.ts'

const rootOf = (c: HttpContext) => `${placeOf(c)}/changes`
const LISTED = 50

const Short = z.string().max(200).default('').catch('')
const ListQuery = z.object({
  view: z
    .enum(CHANGE_VIEWS.map(([view]) => view))
    .default('')
    .catch(''),
  state: z.enum(CHANGE_STATES).optional().catch(undefined),
  rule: Short,
  on: Short,
  q: Short,
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showChanges(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { view, state, rule, on, q, cursor } = readQuery(c, ListQuery)
  const ruleId = isId('rul', rule) ? rule : undefined
  const target = isId('tgt', on) ? on : undefined
  const shown = await listOf(c, view, { state, rule: ruleId, target, text: q }, cursor)
  const { items: targets } = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const props = {
    ...shown,
    path: rootOf(c),
    names: await namesOf(
      house,
      caller,
      shown.items.map(({ createdBy }) => createdBy),
    ),
    filter: { view, state: state ?? '', rule: ruleId ?? '', target: target ?? '', q },
    ruleTitle: ruleId === undefined ? null : (await getRule(house, caller, ruleId)).title,
    targets: targets.map(({ target: { id, name } }) => ({ id, name })),
    waiting: await countWaiting(house, caller),
    cursor: cursor ?? null,
    mayWrite: can(caller, 'change.write'),
  }
  return page(c, { title: 'Changes' }, <ChangesPage {...props} />)
}

type Narrowed = Omit<Parameters<typeof listChanges>[2], 'state'> & {
  readonly state: (typeof CHANGE_STATES)[number] | undefined
}

async function listOf(
  c: HttpContext,
  view: ChangeView,
  narrowed: Narrowed,
  cursor: string | undefined,
) {
  const { house } = c.var
  const caller = callerOf(c)
  if (view === 'waiting') return whole(await listWaiting(house, caller, LISTED), narrowed)
  if (view === 'mine') return whole(await listMine(house, caller, LISTED), narrowed)
  const state = narrowed.state ?? (view === 'all' ? ('all' as const) : ('open' as const))
  return listChanges(house, caller, { ...narrowed, state }, { limit: LISTED, cursor })
}

/** These are few, and stand on one page. */
function whole(all: Awaited<ReturnType<typeof listMine>>, { state, text = '' }: Narrowed) {
  const words = text.toLowerCase().split(/\s+/)
  const items = all.filter(
    (one) =>
      (state === undefined || one.state === state) &&
      words.every((word) => one.title.toLowerCase().includes(word)),
  )
  return { items, next: null, count: items.length }
}

const NewQuery = z.object({
  ...CHOICE,
  target: z.string().max(100).default('').catch(''),
  act: z.string().max(20).default('').catch(''),
})
const TITLES_SHOWN = 12

export async function showNew(c: HttpContext): Promise<Response> {
  const { target, act, ...choice } = readQuery(c, NewQuery)
  const targetIds = isId('tgt', target) ? [target] : []
  return showForm(c, choice, { title: '', why: '', act, targetIds })
}

async function showForm(
  c: HttpContext,
  choice: Choice,
  given: NewChangeShown,
  { problems = {}, refusal = null }: { problems?: FieldProblems; refusal?: string | null } = {},
): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const wanted = { filter: filterOf(choice), sort: 'title' } as const
  const { items, count } = isNothing(choice)
    ? { items: [], count: 0 }
    : await listRules(house, caller, { ...wanted, limit: TITLES_SHOWN })
  const props = {
    path: rootOf(c),
    rules: `${placeOf(c)}/rules`,
    targets: `${placeOf(c)}/targets`,
    chosen: resent(choice),
    count,
    titles: items.map(({ title }) => title),
    offered: await offeredTo(c, choice, count),
    given: given.title === '' ? { ...given, title: titleFor(given.act, items, count) } : given,
    problems,
    refusal,
    itemsMax: ITEMS_MAX,
  }
  const isWrong = refusal !== null || Object.keys(problems).length > 0
  const trail = [{ label: 'Changes', href: rootOf(c) }]
  const options = { title: 'New change', trail, status: isWrong ? 422 : 200 } as const
  return page(c, options, <NewChangePage {...props} />)
}

const isNothing = ({ rule, all }: Choice) => all === undefined && rule.length === 0

const TITLES: Readonly<Record<string, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  remove: 'Remove',
  adopt: 'Take over',
  unmanage: 'Let go of',
}

/** Something to begin with; whoever opens it says it better. */
function titleFor(act: string, [first]: readonly RuleSummary[], count: number): string {
  if (!first) return ''
  const what = count === 1 ? first.title.slice(0, 150) : `${count} rules`
  return `${TITLES[act] ?? 'Deploy'} ${what}`
}

async function offeredTo(c: HttpContext, choice: Choice, count: number) {
  const { house } = c.var
  const caller = callerOf(c)
  if (count === 0) return []
  const { items } = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const rules = await chosenRules(c, choice)
  const where = rules.length === 0 ? [] : await listWhere(house, caller, rules)
  return items.map(({ target: { id, name, kind, stage, mode } }) => ({
    id,
    name,
    kind,
    stage,
    isReadOnly: mode === 'read_only',
    standing: where.filter(({ targetId }) => targetId === id).length,
  }))
}

/** All of them, a page after the other. */
async function chosenRules(c: HttpContext, choice: Choice): Promise<readonly RuleId[]> {
  if (choice.all === undefined) return choice.rule
  const ids: RuleId[] = []
  let cursor: string | undefined
  do {
    const wanted = { filter: filterOf(choice), sort: 'title', limit: PAGE_LIMIT_MAX } as const
    const found = await listRules(c.var.house, callerOf(c), { ...wanted, cursor })
    ids.push(...found.items.map(({ id }) => id))
    cursor = found.next ?? undefined
  } while (cursor !== undefined && ids.length < ITEMS_MAX)
  return ids
}

const ACTS = ['', 'pause', 'resume', 'remove', 'adopt', 'unmanage'] as const
const Targets = z
  .union([
    z.array(z.string().max(100)),
    z
      .string()
      .max(100)
      .transform((one) => [one]),
  ])
  .default([])
const NewForm = z.strictObject({
  ...CHOICE,
  title: z.string().max(1_000).default(''),
  why: z.string().max(20_000).default(''),
  act: z.enum(ACTS).default(''),
  targets: Targets,
})

const NAMES = { title: 'The title', why: 'The reason' }

export async function open(c: HttpContext): Promise<Response> {
  const { title, why, act, targets, ...choice } = await readForm(c, NewForm)
  const given = { title, why, act, targetIds: targets }
  const on = targets.filter((id): id is TargetId => isId('tgt', id))
  if (on.length === 0) {
    return showForm(c, choice, given, { problems: { targets: 'Tick at least one target.' } })
  }
  const items = await itemsOf(c, choice, on, act)
  const parsed = NewChangeInput.safeParse({ title, why, items })
  if (!parsed.success) return showForm(c, choice, given, reasonsOf(parsed.error, items))
  try {
    const wanted = { ...parsed.data, origin: 'rules' } as const
    const { id } = await openChange(c.var.house, callerOf(c), wanted)
    const notice = 'This is what would be written. Nothing is yet.'
    return changed(c, { redirect: `${rootOf(c)}/${id}`, notice })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error
    return showForm(c, choice, given, { refusal: error.message })
  }
}

function reasonsOf(error: z.ZodError, items: readonly NewItem[]) {
  const { items: ofItems, ...problems } = problemsByField(error, NAMES)
  if (ofItems === undefined) return { problems }
  const refusal =
    items.length === 0
      ? 'None of these rules stands on these targets.'
      : `A change holds at most ${ITEMS_MAX} items, and these would be ${items.length}.`
  return { problems, refusal }
}

/** Every rule on every target; what only is done to what stands somewhere, where it stands. */
async function itemsOf(
  c: HttpContext,
  choice: Choice,
  targets: readonly TargetId[],
  act: (typeof ACTS)[number],
): Promise<readonly NewItem[]> {
  const rules = await chosenRules(c, choice)
  if (act === '') {
    return rules.flatMap((ruleId) => targets.map((targetId) => ({ ruleId, targetId })))
  }
  const where = rules.length === 0 ? [] : await listWhere(c.var.house, callerOf(c), rules)
  return where
    .filter(({ targetId }) => targets.includes(targetId))
    .map(({ ruleId, targetId }) => ({ ruleId, targetId, action: act }))
}
