// `/w/{slug}/groups` and the views of the list that a person keeps.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { startBulkEdit } from '#domain/rules/bulk/edit.ts'
import {
  addGroup,
  getGroup,
  listGroups,
  removeGroup,
  renameGroup,
} from '#domain/rules/groups/actions.ts'
import { changeGroupPolicy, readGroupPolicy } from '#domain/rules/groups/policy.ts'
import { GroupPolicy } from '#domain/workspaces/group-policy.ts'
import { BulkRequest, GroupChangeInput, NewGroupInput } from '#domain/rules/input.ts'
import { NewViewInput } from '#domain/rules/input.ts'
import { countListed } from '#domain/rules/reading.ts'
import { RULE_STATES } from '#domain/rules/rule.ts'
import {
  changeView,
  getView,
  listViews,
  removeView,
  saveView,
} from '#domain/rules/views/actions.ts'
import { GroupPage, GroupsPage } from '#views/rules/groups-page.tsx'
import { listQuery } from '#views/rules/address.ts'
import { ViewsPage } from '#views/rules/views-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, readForm, readId, readQuery } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'
import { readListState } from './rule-choice.ts'

const groupsPath = (c: HttpContext) => `${placeOf(c)}/groups`
const rulesPath = (c: HttpContext) => `${placeOf(c)}/rules`
const viewsPath = (c: HttpContext) => `${rulesPath(c)}/views`
const rulesTrail = (c: HttpContext) => [{ label: 'Rules', href: rulesPath(c) }]

const GROUPS_SHOWN = 100
const GROUPS_OFFERED = 500
const Query = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showGroups(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { cursor } = readQuery(c, Query)
  const list = await listGroups(c.var.house, caller, { limit: GROUPS_SHOWN, cursor })
  const props = {
    ...list,
    path: groupsPath(c),
    rules: rulesPath(c),
    isFirst: cursor === undefined,
    mayWrite: can(caller, 'rule.write'),
  }
  return page(c, { title: 'Groups', trail: rulesTrail(c) }, <GroupsPage {...props} />)
}

export async function add(c: HttpContext): Promise<Response> {
  const { id, name } = await addGroup(c.var.house, callerOf(c), await readForm(c, NewGroupInput))
  return changed(c, { redirect: `${groupsPath(c)}/${id}`, notice: `The group ${name} is there.` })
}

export async function showGroup(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const group = await getGroup(house, caller, readId(c, 'grp'))
  const inIt = { group: group.slug, state: RULE_STATES }
  const count = await countListed(house, caller, inIt)
  const { items } = await listGroups(house, caller, { limit: GROUPS_OFFERED })
  const asks = can(caller, 'policy.read') ? await readGroupPolicy(house, caller, group.id) : null
  const props = {
    path: `${groupsPath(c)}/${group.id}`,
    rules: rulesPath(c),
    group,
    ruleCount: count,
    groups: items.map(({ slug }) => slug),
    asks,
    mayAsk: can(caller, 'policy.change'),
    settings: `${placeOf(c)}/settings`,
    mayWrite: can(caller, 'rule.write'),
    deploy: can(caller, 'change.write')
      ? `${placeOf(c)}/changes/new?all=1&of=${encodeURIComponent(`group=${group.slug}`)}`
      : null,
  }
  const trail = [...rulesTrail(c), { label: 'Groups', href: groupsPath(c) }]
  return page(c, { title: group.name, trail }, <GroupPage {...props} />)
}

export async function rename(c: HttpContext): Promise<Response> {
  const { id } = await getGroup(c.var.house, callerOf(c), readId(c, 'grp'))
  const { name } = await readForm(c, GroupChangeInput)
  await renameGroup(c.var.house, callerOf(c), id, name)
  return changed(c, { redirect: `${groupsPath(c)}/${id}`, notice: `It is called ${name} now.` })
}

const Switch = z.literal('on').optional()
const AskForm = z.strictObject({
  version: z.string().max(20),
  review: Switch,
  passkeySigning: Switch,
  testGate: Switch,
  signatures: z.string().max(10),
  soakDays: z.string().max(10),
  windows: z.string().max(2_100),
})

export async function ask(c: HttpContext): Promise<Response> {
  const { id, name } = await getGroup(c.var.house, callerOf(c), readId(c, 'grp'))
  const form = await readForm(c, AskForm)
  const isOn = (value: 'on' | undefined) => (value === 'on' ? true : undefined)
  const number = (text: string, none: number) =>
    text === '' || Number(text) === none ? undefined : Number(text)
  const windows = form.windows.replaceAll('\r\n', '\n').trim()
  const asked = checkInput(GroupPolicy, {
    review: isOn(form.review),
    passkeySigning: isOn(form.passkeySigning),
    testGate: isOn(form.testGate),
    signatures: number(form.signatures, 1),
    soakDays: number(form.soakDays, 0),
    ...(windows !== '' && { windows }),
  })
  const expected = new Set([form.version])
  const { waiting } = await changeGroupPolicy(c.var.house, callerOf(c), id, { asked, expected })
  const notice =
    waiting === undefined
      ? `What ${name} asks is in force.`
      : 'This asks less of changes, so it waits until another admin confirms it under Settings.'
  return changed(c, { redirect: `${groupsPath(c)}/${id}`, notice })
}

const MoveForm = z.strictObject({ to: z.string().trim() })

export async function move(c: HttpContext): Promise<Response> {
  const { slug } = await getGroup(c.var.house, callerOf(c), readId(c, 'grp'))
  const { to } = await readForm(c, MoveForm)
  const request = checkInput(BulkRequest, {
    edit: { kind: 'group', group: to || null },
    filter: { group: slug, state: RULE_STATES.join(',') },
  })
  const job = await startBulkEdit(c.var.house, callerOf(c), request)
  return goTo(c, `${rulesPath(c)}/bulk/${job}`)
}

export async function remove(c: HttpContext): Promise<Response> {
  const { id, name } = await getGroup(c.var.house, callerOf(c), readId(c, 'grp'))
  await removeGroup(c.var.house, callerOf(c), id)
  return changed(c, { redirect: groupsPath(c), notice: `The group ${name} is removed.` })
}

export async function showViews(c: HttpContext): Promise<Response> {
  const views = await listViews(c.var.house, callerOf(c))
  const props = { path: viewsPath(c), rules: rulesPath(c), views }
  return page(c, { title: 'Your views', trail: rulesTrail(c) }, <ViewsPage {...props} />)
}

const KeepForm = NewViewInput.extend({ begins: z.literal('yes').optional() })

export async function keepView(c: HttpContext): Promise<Response> {
  const { begins, name, query: typed } = await readForm(c, KeepForm)
  const state = readListState(Object.fromEntries(new URLSearchParams(typed)))
  const view = { name, query: listQuery(state).toString() }
  const { id, query } = await saveView(c.var.house, callerOf(c), view)
  if (begins) await changeView(c.var.house, callerOf(c), id, { isDefault: true })
  const redirect = `${rulesPath(c)}?${query}`
  return changed(c, { redirect, notice: `The view ${view.name} is kept.` })
}

const AlterForm = z.strictObject({
  name: NewViewInput.shape.name.optional(),
  begins: z.enum(['yes', 'no']).optional(),
})

export async function alterView(c: HttpContext): Promise<Response> {
  const { id } = await getView(c.var.house, callerOf(c), readId(c, 'vew'))
  const { name, begins } = await readForm(c, AlterForm)
  const isDefault = begins === undefined ? undefined : begins === 'yes'
  await changeView(c.var.house, callerOf(c), id, { name, isDefault })
  return changed(c, { redirect: viewsPath(c), notice: 'The view is changed.' })
}

export async function dropView(c: HttpContext): Promise<Response> {
  await removeView(c.var.house, callerOf(c), readId(c, 'vew'))
  return changed(c, { redirect: viewsPath(c), notice: 'The view is removed.' })
}
