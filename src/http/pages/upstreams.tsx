// `/w/{slug}/upstreams`: repositories and bundles that rules come from, and what a newer one changes.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { ApplyInput, BundleInput, NewUpstreamInput, PlanChoiceInput } from '#domain/rules/input.ts'
import { choicesFor, UPSTREAM_FINDINGS } from '#domain/rules/upstreams/upstream.ts'
import { lookAtItem } from '#domain/rules/upstreams/looking.ts'
import {
  addUpstream,
  applyPlan,
  bringBundle,
  decide,
  getUpstream,
  listPlan,
  listUpstreams,
  planBundle,
  stopFollowing,
} from '#domain/rules/upstreams/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { UpstreamItemPage } from '#views/rules/upstream-item-page.tsx'
import { UpstreamPage } from '#views/rules/upstream-page.tsx'
import { UpstreamsPage } from '#views/rules/upstreams-page.tsx'
import { Files, readFiles } from '#http/brought.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'

const rootOf = (c: HttpContext) => `${placeOf(c)}/upstreams`
const rulesOf = (c: HttpContext) => `${placeOf(c)}/rules`
const trailOf = (c: HttpContext) => [{ label: 'Rules', href: rulesOf(c) }]
const trailInside = (c: HttpContext) => [...trailOf(c), { label: 'Upstreams', href: rootOf(c) }]

type Typed = Readonly<Record<string, string>>

export async function showUpstreams(
  c: HttpContext,
  typed: Typed = {},
  refusal: string | null = null,
) {
  const caller = callerOf(c)
  const upstreams = await listUpstreams(c.var.house, caller)
  const mayWrite = can(caller, 'rule.write')
  const props = { path: rootOf(c), upstreams, mayWrite, refusal, typed }
  const status = refusal === null ? 200 : 422
  return page(c, { title: 'Upstreams', trail: trailOf(c), status }, <UpstreamsPage {...props} />)
}

const Sent = { files: Files, folder: Files }
const BringForm = z.strictObject({ ...Sent, ...BundleInput.shape })
const AddForm = z.strictObject({ ...BringForm.shape, ...NewUpstreamInput.shape })

export async function add(c: HttpContext): Promise<Response> {
  const { files, folder, label, commit, ...about } = await readForm(c, AddForm)
  const { house } = c.var
  const caller = callerOf(c)
  try {
    const read = await readFiles([...files, ...folder])
    if (read.length === 0) throw new AppError('invalid', 'Nothing was sent. Choose a bundle.')
    const { id } = await addUpstream(house, caller, about)
    await bringBundle(house, caller, id, { files: read, label, commit })
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    const said = Object.entries({ ...about, label, commit })
    const typed = Object.fromEntries(said.map(([key, value]) => [key, value ?? '']))
    return showUpstreams(c, typed, refusalOf(error))
  }
}

function refusalOf(error: unknown): string {
  const codes = ['invalid', 'too_large', 'unsupported', 'conflict']
  if (!(error instanceof AppError) || !codes.includes(error.code)) throw error
  return error.message
}

export async function bring(c: HttpContext): Promise<Response> {
  const id = readId(c, 'ups')
  await getUpstream(c.var.house, callerOf(c), id)
  const { files, folder, label, commit } = await readForm(c, BringForm)
  const read = await readFiles([...files, ...folder])
  await bringBundle(c.var.house, callerOf(c), id, { files: read, label, commit })
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The plan is being made.' })
}

const ITEMS_SHOWN = 50
const ShowQuery = z.object({
  finding: z.enum(UPSTREAM_FINDINGS).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showUpstream(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const id = readId(c, 'ups')
  const { finding, cursor } = readQuery(c, ShowQuery)
  const shown = await getUpstream(house, caller, id)
  const items = await listPlan(house, caller, id, { finding, cursor, limit: ITEMS_SHOWN })
  const actors = shown.updates.map(({ createdBy }) => createdBy)
  const names = await namesOf(house, caller, actors)
  const props = {
    ...shown,
    ...items,
    names,
    path: `${rootOf(c)}/${id}`,
    rules: rulesOf(c),
    jobs: `${placeOf(c)}/jobs`,
    mayWrite: can(caller, 'rule.write'),
    finding: finding ?? null,
    cursor: cursor ?? null,
  }
  const { name } = shown.upstream
  return page(c, { title: name, trail: trailInside(c) }, <UpstreamPage {...props} />)
}

export async function planAgain(c: HttpContext): Promise<Response> {
  const id = readId(c, 'ups')
  await planBundle(c.var.house, callerOf(c), id)
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The plan is being made.' })
}

const ApplyForm = z.strictObject({ addsNew: z.literal('on').optional() })

export async function apply(c: HttpContext): Promise<Response> {
  const id = readId(c, 'ups')
  await getUpstream(c.var.house, callerOf(c), id)
  const { addsNew } = await readForm(c, ApplyForm)
  const wish = ApplyInput.parse({ addsNew: addsNew === 'on' })
  await applyPlan(c.var.house, callerOf(c), id, wish)
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'The update is being applied.' })
}

function positionOf(c: HttpContext): number {
  const position = z.coerce.number().int().min(1).safeParse(c.req.param('position'))
  if (!position.success) throw forbidden()
  return position.data
}

export async function showItem(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const id = readId(c, 'ups')
  const shown = await lookAtItem(c.var.house, caller, id, positionOf(c))
  const { item, upstream } = shown
  const isOpen = item.result === null && can(caller, 'rule.write')
  const path = `${rootOf(c)}/${id}`
  const props = { ...shown, path, rules: rulesOf(c), choices: isOpen ? choicesFor(item) : [] }
  const trail = [...trailInside(c), { label: upstream.name, href: path }]
  return page(c, { title: item.title ?? item.path, trail }, <UpstreamItemPage {...props} />)
}

export async function choose(c: HttpContext): Promise<Response> {
  const id = readId(c, 'ups')
  await getUpstream(c.var.house, callerOf(c), id)
  const position = positionOf(c)
  const { choice } = await readForm(c, PlanChoiceInput)
  await decide(c.var.house, callerOf(c), id, { position, choice })
  return changed(c, {
    redirect: `${rootOf(c)}/${id}`,
    notice: 'Chosen. It is applied with the rest.',
  })
}

export async function leave(c: HttpContext): Promise<Response> {
  const { id } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  await stopFollowing(c.var.house, callerOf(c), id)
  return changed(c, {
    redirect: `${rulesOf(c)}/${id}`,
    notice: 'The rule hears of no update any more.',
  })
}
