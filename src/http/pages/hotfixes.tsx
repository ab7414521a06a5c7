// `/w/{slug}/hotfixes`: what runs before it is signed, and the form by which the glass is broken.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { getChange } from '#domain/changes/actions.ts'
import { BREAKGLASS_HOURS_MAX, HOTFIX_HOURS_MAX, type Hotfix } from '#domain/deployments/hotfix.ts'
import {
  endHotfix,
  getHotfix,
  keepHotfix,
  listHotfixes,
  reviewHotfix,
} from '#domain/deployments/hotfix-actions.ts'
import { breakGlass, startHotfix } from '#domain/deployments/hotfix-making.ts'
import {
  BreakGlassInput,
  KeepInput,
  NewHotfix,
  ReviewInput,
} from '#domain/deployments/hotfix-input.ts'
import { getRule } from '#domain/rules/reading.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { isId, type RuleId } from '#kernel/id.ts'
import { BreakGlassPage, NewHotfixPage } from '#views/hotfixes/hotfix-forms.tsx'
import { HotfixPage, What } from '#views/hotfixes/hotfix-page.tsx'
import { HotfixesPage } from '#views/hotfixes/hotfixes-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, problemsByField, readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, goTo, page, wantsOnly } from '#http/respond.tsx'

const rootOf = (c: HttpContext) => `${placeOf(c)}/hotfixes`
const trailOf = (c: HttpContext) => [
  { label: 'Changes', href: `${placeOf(c)}/changes` },
  { label: 'Hotfixes', href: rootOf(c) },
]

const LISTED = 50
const CursorQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showHotfixes(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { cursor } = readQuery(c, CursorQuery)
  const found = await listHotfixes(house, caller, { limit: LISTED, cursor })
  const makers = found.items.map(({ createdBy }) => createdBy)
  const props = {
    ...found,
    path: rootOf(c),
    rules: `${placeOf(c)}/rules`,
    names: await namesOf(house, caller, makers),
    cursor: cursor ?? null,
  }
  const [first] = trailOf(c)
  return page(c, { title: 'Hotfixes', trail: [first!] }, <HotfixesPage {...props} />)
}

export async function showHotfix(c: HttpContext): Promise<Response> {
  const hotfix = await getHotfix(c.var.house, callerOf(c), readId(c, 'hfx'))
  return showOne(c, hotfix, null)
}

async function showOne(c: HttpContext, hotfix: Hotfix, refusal: string | null): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { createdBy, reviewedBy, state, review: verdict } = hotfix
  const { change } = await getChange(house, caller, hotfix.changeId)
  const isRunning = state === 'running' || state === 'overdue'
  const isOthers = createdBy !== caller.actor && can(caller, 'change.sign')
  const isMine = hotfix.kind !== 'breakglass' || can(caller, 'change.breakglass')
  const props = {
    path: `${rootOf(c)}/${hotfix.id}`,
    home: placeOf(c),
    hotfix,
    names: await namesOf(house, caller, [createdBy, ...(reviewedBy ? [reviewedBy] : [])]),
    hash: change.hash,
    may: {
      end: isRunning && isMine && can(caller, 'hotfix.make'),
      keep: isRunning && isOthers && change.state === 'deployed',
      review: isOthers && verdict !== 'justified',
    },
    refusal,
  }
  if (wantsOnly(c, 'hotfix')) return fragment(c, <What {...props} />)
  const status = refusal === null ? 200 : 409
  return page(c, { title: hotfix.title, trail: trailOf(c), status }, <HotfixPage {...props} />)
}

/** Does it and goes back; a refusal that has words stands there. */
async function act(
  c: HttpContext,
  hotfix: Hotfix,
  { notice, run }: { readonly notice: string; readonly run: () => Promise<unknown> },
): Promise<Response> {
  try {
    await run()
  } catch (error) {
    if (!isTold(error)) throw error
    return showOne(c, hotfix, error.message)
  }
  return changed(c, { redirect: `${rootOf(c)}/${hotfix.id}`, notice })
}

function isTold(error: unknown): error is AppError {
  const told = ['conflict', 'busy', 'stale', 'invalid', 'forbidden', 'upstream', 'unsupported']
  return error instanceof AppError && told.includes(error.code)
}

/** Throws `forbidden` before anything of the form is read. */
const hotfixOf = (c: HttpContext) => getHotfix(c.var.house, callerOf(c), readId(c, 'hfx'))

export async function end(c: HttpContext): Promise<Response> {
  const hotfix = await hotfixOf(c)
  const run = () => endHotfix(c.var.house, callerOf(c), hotfix.id)
  return act(c, hotfix, { notice: 'What stood before is being written back.', run })
}

export async function keep(c: HttpContext): Promise<Response> {
  const hotfix = await hotfixOf(c)
  const form = z.strictObject({ hash: z.string().max(100), keepComment: z.string().max(2_000) })
  const { hash, keepComment: comment } = await readForm(c, form)
  const given = checkInput(KeepInput, { hash, comment })
  const run = () => keepHotfix(c.var.house, callerOf(c), hotfix.id, given)
  return act(c, hotfix, { notice: 'Your signature stands there.', run })
}

export async function review(c: HttpContext): Promise<Response> {
  const hotfix = await hotfixOf(c)
  const given = await readForm(c, ReviewInput)
  const run = () => reviewHotfix(c.var.house, callerOf(c), hotfix.id, given)
  return act(c, hotfix, { notice: 'Your review stands there.', run })
}

const NOTHING_TYPED = { kind: 'exclude', values: '', hours: '4', reason: '' }
const NewQuery = z.object({ rule: z.string().max(100).default('') })

export async function showNew(c: HttpContext): Promise<Response> {
  return showForm(c, ruleIdOf(readQuery(c, NewQuery).rule), NOTHING_TYPED, {})
}

function ruleIdOf(text: string): RuleId {
  if (!isId('rul', text)) throw forbidden()
  return text
}

interface Refused {
  readonly fields?: Readonly<Record<string, string>>
  readonly refusal?: string | null
}

async function showForm(
  c: HttpContext,
  ruleId: RuleId,
  typed: typeof NOTHING_TYPED,
  { fields = {}, refusal = null }: Refused,
): Promise<Response> {
  const { id, title } = await getRule(c.var.house, callerOf(c), ruleId)
  const props = {
    path: rootOf(c),
    back: `${placeOf(c)}/rules/${id}/deployed`,
    rule: { id, title },
    typed,
    hoursMax: HOTFIX_HOURS_MAX,
    fields,
    refusal,
  }
  const status = Object.keys(fields).length === 0 && refusal === null ? 200 : 422
  const content = <NewHotfixPage {...props} />
  return page(c, { title: 'New hotfix', trail: trailOf(c), status }, content)
}

const FIELDS = { values: 'Values', hours: 'Hours', reason: 'Reason', kind: 'What' }
const MakeForm = z.strictObject({
  rule: z.string().max(100),
  kind: z.string().max(20),
  values: z.string().max(10_000),
  hours: z.string().max(10),
  reason: z.string().max(4_000),
})

export async function make(c: HttpContext): Promise<Response> {
  const { rule, ...typed } = await readForm(c, MakeForm)
  const ruleId = ruleIdOf(rule)
  const { kind, values, hours, reason } = typed
  const given = { ruleId, kind, values: valuesOf(values), hours: Number(hours), reason }
  const wanted = NewHotfix.safeParse(given)
  if (!wanted.success) {
    return showForm(c, ruleId, typed, { fields: problemsByField(wanted.error, FIELDS) })
  }
  try {
    const { id } = await startHotfix(c.var.house, callerOf(c), wanted.data)
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    if (!isTold(error)) throw error
    return showForm(c, ruleId, typed, { refusal: error.message })
  }
}

/** A line each. What has no colon is a field without a value, which is refused. */
function valuesOf(text: string): readonly { readonly field: string; readonly value: string }[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const at = line.indexOf(':')
    return at < 0
      ? { field: '', value: line.trim() }
      : { field: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }
  })
}

const NO_REASON = { hours: '1', reason: '' }

export async function showGlass(c: HttpContext): Promise<Response> {
  return showGlassForm(c, NO_REASON, {})
}

async function showGlassForm(
  c: HttpContext,
  typed: typeof NO_REASON,
  { fields = {}, refusal = null }: Refused,
): Promise<Response> {
  const { change } = await getChange(c.var.house, callerOf(c), readId(c, 'chg'))
  const back = `${placeOf(c)}/changes/${change.id}`
  const props = {
    path: `${back}/breakglass`,
    back,
    title: change.title,
    typed,
    hoursMax: BREAKGLASS_HOURS_MAX,
    fields,
    refusal,
  }
  const status = Object.keys(fields).length === 0 && refusal === null ? 200 : 422
  const trail = [trailOf(c)[0]!, { label: change.title, href: back }]
  return page(c, { title: 'Break the glass', trail, status }, <BreakGlassPage {...props} />)
}

export async function breakIt(c: HttpContext): Promise<Response> {
  const { change } = await getChange(c.var.house, callerOf(c), readId(c, 'chg'))
  const form = z.strictObject({ hours: z.string().max(10), reason: z.string().max(4_000) })
  const typed = await readForm(c, form)
  const wanted = BreakGlassInput.safeParse({ ...typed, hours: Number(typed.hours) })
  if (!wanted.success) {
    return showGlassForm(c, typed, { fields: problemsByField(wanted.error, FIELDS) })
  }
  try {
    const { id } = await breakGlass(c.var.house, callerOf(c), change.id, wanted.data)
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    if (!isTold(error)) throw error
    return showGlassForm(c, typed, { refusal: error.message })
  }
}
