// `/w/{slug}/as-of`: what stood where at an instant, and the signed file of it.

import { z } from 'zod'
import { asOf } from '#domain/deployments/as-of-actions.ts'
import { makeBundle } from '#domain/deployments/as-of-bundle.ts'
import { policyAt } from '#domain/deployments/as-of-log.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { ID_PREFIXES, isId, type TargetId } from '#kernel/id.ts'
import { formatInstant, instant } from '#kernel/time.ts'
import { AsOfPage } from '#views/as-of/as-of-page.tsx'
import { callerOf } from '#http/caller.ts'
import { sendDownload } from '#http/download.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { page } from '#http/respond.tsx'

const PAGE_ROWS = 50
const TARGETS_SHOWN = 200

// A field of date and time says no zone: it is UTC, as its label says.
const At = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?$/)
  .transform((text) => Date.parse(text.endsWith('Z') ? text : `${text}Z`))
  .refine((at) => Number.isSafeInteger(at) && at >= 0)

const Query = z.object({
  at: At.optional().catch(undefined),
  // No control of a form may be called target.
  on: z
    .string()
    .refine((text): text is TargetId => isId(ID_PREFIXES.target, text))
    .optional()
    .catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

function wishOf(c: HttpContext) {
  const { at, on: targetId, cursor } = readQuery(c, Query)
  const { now } = callerOf(c)
  return { at: instant(Math.min(at ?? now, now)), targetId, cursor }
}

export async function showAsOf(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { at, targetId, cursor } = wishOf(c)
  const { items, next } = await asOf(house, caller, { at, targetId, limit: PAGE_ROWS, cursor })
  const place = placeOf(c)
  const path = `${place}/as-of`
  const query = new URLSearchParams({ at: formatInstant(at) })
  if (targetId !== undefined) query.set('on', targetId)
  const first = `${path}?${query.toString()}`
  const { items: targets } = await listTargets(house, caller, { limit: TARGETS_SHOWN })
  const props = {
    path,
    rules: `${place}/rules`,
    changes: `${place}/changes`,
    at,
    target: targetId ?? '',
    targets: targets.map(({ target }) => [target.id, target.name] as const),
    policy: await policyAt(house, caller, at),
    items,
    first: cursor === undefined ? null : first,
    next: next === null ? null : `${first}&${new URLSearchParams({ cursor: next }).toString()}`,
    bundle: `${path}/bundle?${query.toString()}`,
  }
  return page(c, { title: 'As of' }, <AsOfPage {...props} />)
}

export async function downloadAsOf(c: HttpContext): Promise<Response> {
  const { at, targetId } = wishOf(c)
  const lines = await makeBundle(c.var.house, callerOf(c), { at, targetId })
  const chunks = (async function* () {
    yield* lines
  })()
  return sendDownload(c, { name: 'as-of.ndjson', type: 'application/x-ndjson', chunks })
}
