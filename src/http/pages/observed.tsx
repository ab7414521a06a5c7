// What stands on a target: the inventory, one rule of it, adopting and letting go. Loaded with the first
// reader.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import {
  countTypes,
  findPull,
  isReading,
  listObserved,
  previewRelease,
  proveBaseline,
  requestAdoption,
  requestPull,
  requestRelease,
  seeObserved,
} from '#domain/adoption/actions.ts'
import { listDependencies, listDependenciesOf } from '#domain/adoption/dependencies.ts'
import { giveDependency } from '#domain/adoption/giving.ts'
import { GivenDependency, ObservedFilter, SORTS, type AdoptWish } from '#domain/adoption/input.ts'
import { OWNERSHIPS } from '#domain/adoption/observed.ts'
import { previewAdoption } from '#domain/adoption/planning.ts'
import { releaseObserved } from '#domain/adoption/releasing.ts'
import { seeTarget } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import { AdoptPage } from '#views/adoption/adopt-page.tsx'
import { DependenciesPage } from '#views/adoption/dependencies-page.tsx'
import { InventoryPage, ObservedList, PullLine } from '#views/adoption/inventory-page.tsx'
import { ReleasePage } from '#views/adoption/release-page.tsx'
import { ObservedPage } from '#views/adoption/observed-page.tsx'
import { clip } from '#views/parts/format.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { headOf } from './target-frame.ts'

const PAGE_ROWS = 50
const PLANS_SHOWN = 100
const TITLE_CHARS = 40

const rootOf = (c: HttpContext, { id }: Pick<Target, 'id'>) => `${placeOf(c)}/targets/${id}/rules`

function trailOf(c: HttpContext, target: Target) {
  const targets = `${placeOf(c)}/targets`
  return [
    { label: 'Targets', href: targets },
    { label: target.name, href: `${targets}/${target.id}` },
    { label: 'Rules', href: rootOf(c, target) },
  ]
}

const seen = (c: HttpContext) => seeTarget(c.var.house, callerOf(c), readId(c, 'tgt'))

// A field left empty narrows nothing; what does not fit is left out: a link that somebody edited still
// shows the list.
const blank = (value: unknown) => (value === '' ? undefined : value)
const lenient = <S extends z.ZodType>(schema: S) =>
  z.preprocess(blank, schema).optional().catch(undefined)
const {
  q,
  type,
  enabled,
  adopted,
  managed,
  changed: since,
  missing,
  editable,
  dependency,
} = ObservedFilter.shape
const Narrowed = z.object({
  q: lenient(q),
  type: lenient(type),
  enabled: lenient(enabled),
  adopted: lenient(adopted),
  managed: lenient(managed),
  changed: lenient(since),
  missing: lenient(missing),
  editable: lenient(editable),
  dependency: lenient(dependency),
})
const Query = Narrowed.extend({
  sort: z.enum(SORTS).catch('name').default('name'),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showInventory(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const found = await seen(c)
  const { target } = found
  const { sort, cursor, ...filter } = readQuery(c, Query)
  const wanted = { filter: ObservedFilter.parse(filter), sort, limit: PAGE_ROWS, cursor }
  const { items, next, count } = await listObserved(house, caller, target.id, wanted)
  const pulled = await findPull(house, caller, target.id)
  const path = rootOf(c, target)
  const query = new URLSearchParams(
    Object.entries({ ...filter, sort }).filter(([, value]) => value !== undefined),
  )
  const first = `${path}?${query.toString()}`
  if (next !== null) query.set('cursor', next)
  const shown = {
    path,
    jobs: `${placeOf(c)}/jobs`,
    pull: pulled,
    isReading: pulled !== undefined && (await isReading(house, caller, pulled)),
    filter: wanted.filter,
    sort,
    types: await countTypes(house, caller, target.id),
    items,
    count,
    first: cursor === undefined ? null : first,
    next: next === null ? null : `${path}?${query.toString()}`,
    mayAdopt: can(caller, 'rule.write'),
  }
  if (wantsOnly(c, 'observed-list')) return fragment(c, <ObservedList shown={shown} />)
  if (wantsOnly(c, 'pull')) return fragment(c, <PullLine shown={shown} />)
  const head = headOf(c, found, '/rules')
  const trail = trailOf(c, target).slice(0, 2)
  return page(c, { title: 'Rules', trail }, <InventoryPage head={head} shown={shown} />)
}

const CursorQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showDependencies(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const { cursor } = readQuery(c, CursorQuery)
  const wanted = { targetId: target.id, limit: PAGE_ROWS, cursor }
  const { items, next } = await listDependencies(c.var.house, callerOf(c), wanted)
  const path = rootOf(c, target)
  const own = `${path}/dependencies`
  const shown = {
    path,
    target,
    items,
    first: cursor === undefined ? null : own,
    next: next === null ? null : `${own}?${new URLSearchParams({ cursor: next }).toString()}`,
    mayGive: can(callerOf(c), 'rule.write'),
  }
  const trail = trailOf(c, target)
  return page(c, { title: 'Dependencies', trail }, <DependenciesPage shown={shown} />)
}

const GiveForm = z.strictObject({
  kind: GivenDependency.shape.kind,
  name: GivenDependency.shape.name,
  definition: z.string().trim().min(1).max(64_000),
  arguments: z.string().max(2_000).default(''),
})

export async function give(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const { kind, name, definition, arguments: listed } = await readForm(c, GiveForm)
  const names = listed.split(',').map((one) => one.trim())
  const given = GivenDependency.parse({
    kind,
    name,
    definition: kind === 'macro' ? { definition, arguments: names.filter(Boolean) } : definition,
  })
  const { version } = await giveDependency(c.var.house, callerOf(c), target.id, given)
  const redirect = `${rootOf(c, target)}/dependencies`
  return changed(c, { redirect, notice: `Kept as version ${version}.` })
}

export async function pull(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  await requestPull(c.var.house, callerOf(c), target.id)
  return changed(c, { redirect: rootOf(c, target), notice: 'The rules are being read.' })
}

export async function showPlan(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const filter = ObservedFilter.parse(readQuery(c, Narrowed))
  const asked = { chosen: { filter }, shown: PLANS_SHOWN }
  const preview = await previewAdoption(c.var.house, callerOf(c), target, asked)
  const shown = { path: rootOf(c, target), rules: `${placeOf(c)}/rules`, target, filter, preview }
  return page(c, { title: 'Adopt', trail: trailOf(c, target) }, <AdoptPage shown={shown} />)
}

const AdoptForm = ObservedFilter.extend({ ownership: z.enum(OWNERSHIPS) })

export async function adoptAll(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const { ownership, ...filter } = await readForm(c, AdoptForm)
  await requestAdoption(c.var.house, callerOf(c), target.id, { filter, ownership })
  return changed(c, { redirect: rootOf(c, target), notice: 'The rules are being adopted.' })
}

const FIRST_SHOWN = 100

export async function showRelease(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const filter = ObservedFilter.parse(readQuery(c, Narrowed))
  const asked = { chosen: { filter }, shown: FIRST_SHOWN }
  const preview = await previewRelease(c.var.house, callerOf(c), target.id, asked)
  const shown = { path: rootOf(c, target), target, filter, ...preview }
  return page(c, { title: 'Let go', trail: trailOf(c, target) }, <ReleasePage shown={shown} />)
}

export async function releaseAll(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const filter = await readForm(c, ObservedFilter)
  await requestRelease(c.var.house, callerOf(c), target.id, { filter })
  return changed(c, { redirect: rootOf(c, target), notice: 'The rules are being let go.' })
}

async function seenObserved(c: HttpContext) {
  const { target } = await seen(c)
  const id = c.req.param('observed')
  if (!isId(ID_PREFIXES.observed, id)) throw forbidden()
  const found = await seeObserved(c.var.house, callerOf(c), id)
  if (found.target.id !== target.id) throw forbidden()
  return found
}

export async function showObserved(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { target, observed } = await seenObserved(c)
  const verdict = await proveBaseline(c.var.house, caller, observed.id)
  const shown = {
    path: `${rootOf(c, target)}/${observed.id}`,
    rules: `${placeOf(c)}/rules`,
    target,
    observed,
    flaw: verdict === undefined || verdict.isSound ? null : verdict.reason,
    dependencies: await listDependenciesOf(c.var.house, caller, observed.id),
    inventory: rootOf(c, target),
    mayAdopt: can(caller, 'rule.write'),
  }
  const trail = trailOf(c, target)
  return page(c, { title: clip(observed.name, TITLE_CHARS), trail }, <ObservedPage shown={shown} />)
}

const OneForm = z.strictObject({ managed: z.literal('yes').optional() })

export async function adoptOne(c: HttpContext): Promise<Response> {
  const { target, observed } = await seenObserved(c)
  const form = await readForm(c, OneForm)
  const ownership = form.managed === 'yes' ? 'managed' : 'observe'
  const wish = { ids: [observed.id], ownership } satisfies AdoptWish
  await requestAdoption(c.var.house, callerOf(c), target.id, wish)
  return changed(c, { redirect: rootOf(c, target), notice: 'The rule is being adopted.' })
}

export async function release(c: HttpContext): Promise<Response> {
  const { target, observed } = await seenObserved(c)
  await releaseObserved(c.var.house, callerOf(c), observed.id)
  const redirect = `${rootOf(c, target)}/${observed.id}`
  return changed(c, { redirect, notice: 'It is no longer bound. Nothing changed on the target.' })
}
