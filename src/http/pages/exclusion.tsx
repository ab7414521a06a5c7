// Exclusions: the list, one of them, and writing them from an event or as text.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { findOwnEmail } from '#domain/access/own-email.ts'
import { can } from '#domain/access/permission.ts'
import { isEndingSoon, lastDay } from '#domain/rules/exclusions/exclusion.ts'
import { fieldsOfEvent, writeExclusion } from '#domain/rules/exclusions/event.ts'
import { ExclusionListQuery } from '#domain/rules/exclusions/input.ts'
import { lookAtExclusions, type ExclusionShown } from '#domain/rules/exclusions/looking.ts'
import {
  addExclusion,
  changeExclusion,
  endExclusion,
  getExclusion,
  listExclusions,
  listExclusionVersions,
} from '#domain/rules/exclusions/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type ExclusionId, type RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { ExclusionFormPage, type ExclusionFormProps } from '#views/exclusions/exclusion-form.tsx'
import { ExclusionPage } from '#views/exclusions/exclusion-page.tsx'
import { ExclusionsPage } from '#views/exclusions/exclusions-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'

const listPath = (c: HttpContext) => `${placeOf(c)}/exclusions`
const rulesPath = (c: HttpContext) => `${placeOf(c)}/rules`
const trailOf = (c: HttpContext) => [{ label: 'Exclusions', href: listPath(c) }]

const ROWS = 25
const { state: State, rule: Rule } = ExclusionListQuery.shape
const ListQuery = z.object({
  state: State.catch(undefined),
  rule: Rule.catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showExclusions(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { state, rule, cursor } = readQuery(c, ListQuery)
  const of = rule === undefined ? null : await getRule(house, caller, rule)
  const found = await listExclusions(house, caller, { state, rule, cursor, limit: ROWS })
  const shown = await lookAtExclusions(house, caller, found.items)
  const props = {
    path: listPath(c),
    rules: rulesPath(c),
    state: state === 'overdue' || state === 'ended' ? state : null,
    of,
    items: shown.map((one) => withEnding(c, one)),
    count: found.count,
    cursor: cursor ?? null,
    next: found.next,
    mayWrite: can(caller, 'exclusion.write'),
  }
  return page(c, { title: 'Exclusions' }, <ExclusionsPage {...props} />)
}

function withEnding(c: HttpContext, one: ExclusionShown) {
  return { ...one, isEnding: isEndingSoon(one, callerOf(c).now) }
}

export async function showExclusion(c: HttpContext): Promise<Response> {
  return showOne(c, readId(c, ID_PREFIXES.exclusion), null)
}

async function showOne(c: HttpContext, id: ExclusionId, refusal: string | null): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const found = await getExclusion(house, caller, id)
  const [one] = await lookAtExclusions(house, caller, [found])
  const versions = await listExclusionVersions(house, caller, id)
  const props = {
    path: `${listPath(c)}/${id}`,
    rules: rulesPath(c),
    one: withEnding(c, one!),
    versions,
    names: await namesOf(
      house,
      caller,
      versions.map(({ createdBy }) => createdBy),
    ),
    lastDay: lastDay(caller.now),
    mayWrite: can(caller, 'exclusion.write'),
    mayCount: can(caller, 'search.run'),
    refusal,
  }
  const status = refusal === null ? 200 : 422
  return page(c, { title: found.title, trail: trailOf(c), status }, <ExclusionPage {...props} />)
}

const NewQuery = z.object({ rule: Rule.catch(undefined) })

export async function showNew(c: HttpContext): Promise<Response> {
  const { rule: id } = readQuery(c, NewQuery)
  const rule = id === undefined ? null : await getRule(c.var.house, callerOf(c), id)
  const owner = (await findOwnEmail(c.var.house, callerOf(c))) ?? ''
  const text = textFor(rule, [])
  return showForm(c, { ...newProps(c, rule), text, owner, reason: '', ends: usualEnd(c) })
}

function textFor(rule: RuleSummary | null, fields: Parameters<typeof writeExclusion>[0]['fields']) {
  return writeExclusion({
    title: rule === null ? 'What is known and harmless' : `Known: ${rule.title.slice(0, 100)}`,
    reference: rule?.sigmaId ?? rule?.name ?? rule?.id ?? 'id of the rule',
    logsource: rule?.logsource ?? null,
    fields,
  })
}

const usualEnd = (c: HttpContext) => lastDay(callerOf(c).now)

type Fixed = Omit<ExclusionFormProps, 'text' | 'owner' | 'reason' | 'ends'>
const UNTOUCHED = { event: null, refusal: null, problems: [] } as const

function newProps(c: HttpContext, rule: RuleSummary | null): Fixed {
  const back = rule === null ? listPath(c) : `${rulesPath(c)}/${rule.id}`
  const path = `${listPath(c)}/new`
  const last = lastDay(callerOf(c).now)
  return { path, back, title: 'New exclusion', rule, lastDay: last, edit: null, ...UNTOUCHED }
}

function editProps(
  c: HttpContext,
  { id, version }: { id: ExclusionId; version: number },
  why = '',
): Fixed {
  const back = `${listPath(c)}/${id}`
  const last = lastDay(callerOf(c).now)
  const fixed = { path: `${back}/edit`, back, title: 'Edit exclusion', rule: null, lastDay: last }
  return { ...fixed, edit: { version, why }, ...UNTOUCHED }
}

function showForm(c: HttpContext, props: ExclusionFormProps): Promise<Response> {
  const status = props.refusal === null ? 200 : 422
  return page(
    c,
    { title: props.title, trail: trailOf(c), status },
    <ExclusionFormPage {...props} />,
  )
}

const CHARS_MAX = 200_000
const Form = z.strictObject({
  rule: z
    .string()
    .refine((text): text is RuleId => isId(ID_PREFIXES.rule, text))
    .optional(),
  text: z.string().max(CHARS_MAX).default(''),
  event: z.string().max(CHARS_MAX).default(''),
  field: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((one) => new Set([one].flat())),
  owner: z.string().trim().max(300).default(''),
  reason: z.string().trim().max(2_000).default(''),
  ends: z.string().max(40).default(''),
  why: z.string().trim().max(2_000).default(''),
  version: z.coerce.number().int().min(1).optional(),
  act: z.enum(['save', 'fields', 'write']).default('save'),
})

export async function writeNew(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const form = await readForm(c, Form)
  const rule = form.rule === undefined ? null : await getRule(house, caller, form.rule)
  const { owner, reason, ends } = form
  const text = form.text.replaceAll(/\r?\n/g, '\n')
  const typed = { ...newProps(c, rule), text, owner, reason, ends, event: readEvent(form) }
  if (form.act !== 'save') {
    if (typed.event === null) {
      const refusal = 'The event is no JSON object with fields.'
      return showForm(c, { ...typed, refusal, event: { text: form.event, ...NO_FIELDS } })
    }
    const ticked = typed.event.fields.filter(([field]) => form.field.has(field))
    const isWritten = form.act === 'write' && ticked.length > 0
    return showForm(c, isWritten ? { ...typed, text: textFor(rule, ticked) } : typed)
  }
  try {
    const { id, rules } = await addExclusion(house, caller, { text, owner, reason, ends })
    const notice = `It is in force over ${rules.length === 1 ? '1 rule' : `${rules.length} rules`}.`
    return changed(c, { redirect: `${listPath(c)}/${id}`, notice })
  } catch (error) {
    return showForm(c, { ...typed, ...refusalOf(error) })
  }
}

const NO_FIELDS = { fields: [], ticked: new Set<string>() }

function readEvent({ event, field }: z.infer<typeof Form>): ExclusionFormProps['event'] {
  if (event.trim() === '') return null
  try {
    const fields = fieldsOfEvent(z.record(z.string(), z.unknown()).parse(JSON.parse(event)))
    return fields.length === 0 ? null : { text: event, fields, ticked: field }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    throw error
  }
}

export async function showEdit(c: HttpContext): Promise<Response> {
  const found = await getExclusion(c.var.house, callerOf(c), readId(c, ID_PREFIXES.exclusion))
  const { text, owner, reason, endsAt } = found
  const ends = new Date(endsAt - 1).toISOString().slice(0, 10)
  return showForm(c, { ...editProps(c, found), text, owner, reason, ends })
}

export async function writeEdit(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const before = await getExclusion(house, caller, readId(c, ID_PREFIXES.exclusion))
  const { id } = before
  const { text: typed, owner, reason, ends, why, version } = await readForm(c, Form)
  const text = typed.replaceAll(/\r?\n/g, before.text.includes('\r\n') ? '\r\n' : '\n')
  const expected = new Set([String(version ?? before.version)])
  try {
    const change = { text, owner, reason, ends: sameEnd(before.endsAt, ends), why, expected }
    const saved = await changeExclusion(house, caller, id, change)
    const isSame = saved.version === before.version
    const notice = isSame ? 'The text is as it was.' : `Version ${saved.version} is saved.`
    return changed(c, { redirect: `${listPath(c)}/${id}`, notice })
  } catch (error) {
    const shown = { text, owner, reason, ends }
    return showForm(c, { ...editProps(c, before, why), ...shown, ...refusalOf(error) })
  }
}

/** An end that the form shows as the day it was stays the instant that the text says. */
function sameEnd(endsAt: number, ends: string): string | undefined {
  return new Date(endsAt - 1).toISOString().startsWith(ends) ? undefined : ends
}

const TermForm = z.strictObject({
  version: z.coerce.number().int().min(1),
  ends: z.iso.date(),
  why: z.string().trim().max(2_000).default(''),
})

export async function prolong(c: HttpContext): Promise<Response> {
  const { id } = await getExclusion(c.var.house, callerOf(c), readId(c, ID_PREFIXES.exclusion))
  const { version, ends, why } = await readForm(c, TermForm)
  try {
    const change = { ends, why, expected: new Set([String(version)]) }
    await changeExclusion(c.var.house, callerOf(c), id, change)
    return changed(c, { redirect: `${listPath(c)}/${id}`, notice: `It ends after ${ends}.` })
  } catch (error) {
    return showOne(c, id, refusalOf(error).refusal)
  }
}

const EndForm = z.strictObject({ version: z.coerce.number().int().min(1) })

export async function end(c: HttpContext): Promise<Response> {
  const { id } = await getExclusion(c.var.house, callerOf(c), readId(c, ID_PREFIXES.exclusion))
  const { version } = await readForm(c, EndForm)
  const expected = new Set([String(version)])
  await endExclusion(c.var.house, callerOf(c), id, { why: '', expected })
  return changed(c, { redirect: `${listPath(c)}/${id}`, notice: 'The exclusion has ended.' })
}

/** What was typed stays on the page beside why it was not saved. Throws whatever is no such refusal. */
function refusalOf(error: unknown): {
  readonly refusal: string
  readonly problems: readonly Problem[]
} {
  const isRefusal =
    error instanceof AppError && ['invalid', 'conflict', 'stale'].includes(error.code)
  if (!isRefusal) throw error
  const details = error.details as { readonly problems?: readonly Problem[] } | undefined
  return { refusal: error.message, problems: details?.problems ?? [] }
}
