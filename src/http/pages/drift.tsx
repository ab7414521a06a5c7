// `/w/{slug}/drift`: where targets are not as they should be, one finding of it, and what becomes of it.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { listForgotten, type Forgotten } from '#domain/adoption/forgotten.ts'
import { getDrift, listDrift, scanDrift } from '#domain/deployments/drift-actions.ts'
import type { Drift } from '#domain/deployments/drift.ts'
import { DriftFilter, DriftWish } from '#domain/deployments/drift-input.ts'
import { resolveDrift } from '#domain/deployments/drift-resolving.ts'
import { pruneForgotten } from '#domain/deployments/pruning.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { AppError } from '#kernel/error.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { DriftPage } from '#views/drift/drift-page.tsx'
import { FindingPage, type Contested } from '#views/drift/finding-page.tsx'
import { clip } from '#views/parts/format.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'

const PAGE_ROWS = 50
const TITLE_CHARS = 40
const { shape } = DriftFilter

// What does not fit is left out: a link that somebody edited still shows the list.
const Query = z.object({
  state: shape.state.catch('found'),
  target: shape.target.catch(undefined),
  rule: shape.rule.catch(undefined),
  kind: shape.kind.catch(undefined),
  q: z.string().max(200).default('').catch(''),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

const rootOf = (c: HttpContext) => `${placeOf(c)}/drift`

export async function showDrift(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { cursor, q, ...asked } = readQuery(c, Query)
  const filter = DriftFilter.parse(asked)
  const { house } = c.var
  const found = await listDrift(house, caller, { filter, text: q, limit: PAGE_ROWS, cursor })
  const { items: targets } = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const props = {
    path: rootOf(c),
    targets: `${placeOf(c)}/targets`,
    filter: {
      state: filter.state,
      target: filter.target ?? '',
      rule: filter.rule ?? '',
      kind: filter.kind ?? '',
      q,
    },
    choices: targets.map(({ target: { id, name } }) => [id, name] as const),
    items: found.items,
    count: found.count,
    cursor: cursor ?? null,
    next: found.next,
    forgotten: await forgottenOn(c, filter, cursor === undefined),
    rules: `${placeOf(c)}/rules`,
    mayResolve: can(caller, 'drift.resolve'),
  }
  return page(c, { title: 'Drift' }, <DriftPage {...props} />)
}

export async function scan(c: HttpContext): Promise<Response> {
  const scans = await scanDrift(c.var.house, callerOf(c), {})
  const notice =
    scans.length === 0 ? 'Nothing of yours stands on a target yet.' : 'The targets are being read.'
  return changed(c, { redirect: rootOf(c), notice })
}

/** On the first page of what is open. */
async function forgottenOn(
  c: HttpContext,
  { state, target: targetId }: DriftFilter,
  isFirst: boolean,
): Promise<readonly Forgotten[]> {
  if (state !== 'found' || !isFirst) return []
  return listForgotten(c.var.house, callerOf(c), { targetId })
}

export async function prune(c: HttpContext): Promise<Response> {
  const change = await pruneForgotten(c.var.house, callerOf(c), { targetId: null })
  const redirect = `${placeOf(c)}/changes/${change.id}`
  return changed(c, { redirect, notice: 'A change was opened that removes them.' })
}

export async function showFinding(c: HttpContext): Promise<Response> {
  const drift = await getDrift(c.var.house, callerOf(c), readId(c, 'drf'))
  return finding(c, drift, [])
}

function finding(
  c: HttpContext,
  drift: Drift,
  contested: readonly Contested[],
): Promise<Response> | Response {
  const place = placeOf(c)
  const props = {
    path: `${rootOf(c)}/${drift.id}`,
    rules: `${place}/rules`,
    targets: `${place}/targets`,
    changes: `${place}/changes`,
    drift,
    contested,
    mayResolve: can(callerOf(c), 'drift.resolve'),
  }
  const trail = [{ label: 'Drift', href: rootOf(c) }]
  const title = clip(drift.ruleTitle ?? drift.name, TITLE_CHARS)
  return page(c, { title, trail }, <FindingPage {...props} />)
}

const ResolveForm = z.object({
  resolution: DriftWish.shape.resolution,
  prefer: z.enum(['mine', 'theirs', '']).default(''),
  why: DriftWish.shape.why,
})

export async function resolve(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const drift = await getDrift(house, caller, readId(c, 'drf'))
  const { prefer, ...form } = await readForm(c, ResolveForm)
  const wish = DriftWish.parse({ ...form, ...(prefer !== '' && { prefer }) })
  try {
    const resolved = await resolveDrift(house, caller, { ...wish, id: drift.id })
    const { changeId, deploymentId, version } = resolved
    if (deploymentId !== null) {
      const redirect = `${placeOf(c)}/deployments/${deploymentId}`
      return changed(c, { redirect, notice: 'It is being put back.' })
    }
    if (changeId !== null) {
      const redirect = `${placeOf(c)}/changes/${changeId}`
      return changed(c, { redirect, notice: 'A change was opened.' })
    }
    const notice = version === null ? 'It is known.' : `Version ${version} of the rule has it.`
    return changed(c, { redirect: `${rootOf(c)}/${drift.id}`, notice })
  } catch (error) {
    const contested = contestedOf(error)
    if (contested === undefined) throw error
    return finding(c, drift, contested)
  }
}

function contestedOf(error: unknown): readonly Contested[] | undefined {
  if (!(error instanceof AppError) || error.code !== 'conflict') return undefined
  const { conflicts } = (error.details ?? {}) as { readonly conflicts?: readonly Contested[] }
  return conflicts
}
