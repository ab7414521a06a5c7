// The audit log, for admins and auditors of a workspace and for the owner of the instance. The whole
// filter stands in the address.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { isActor } from '#kernel/actor.ts'
import type { AuditFilter } from '#platform/audit/list.ts'
import { AuditPage } from '#views/audit/audit-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const PAGE_ROWS = 50

export function auditRoutes(): readonly Route[] {
  return ['/w/:slug/audit', '/instance/audit'].map((path) =>
    pageRoute('GET', path, 'audit.read', showAudit),
  )
}

// What does not fit is left out: a link that somebody edited still shows the log.
const Query = z.object({
  act: z
    .string()
    .trim()
    .regex(/^[a-z_]+(\.[a-z_]+)?$/)
    .max(64)
    .optional()
    .catch(undefined),
  actor: z.string().max(100).refine(isActor).optional().catch(undefined),
  outcome: z.enum(['done', 'refused', 'failed']).optional().catch(undefined),
  before: z.coerce.number().int().positive().optional().catch(undefined),
})

async function showAudit(c: HttpContext): Promise<Response> {
  const { act, actor, outcome, before } = readQuery(c, Query)
  const filter: AuditFilter = {
    ...(act !== undefined && { action: act }),
    ...(actor !== undefined && { actor }),
    ...(outcome !== undefined && { outcome }),
  }
  const shown = await readAudit(c.var.house, callerOf(c), filter, {
    limit: PAGE_ROWS,
    ...(before !== undefined && { before }),
  })
  const mayVerify = can(callerOf(c), 'audit.verify')
  const props = { path: `${placeOf(c)}/audit`, filter, before: before ?? null, shown, mayVerify }
  return page(c, { title: 'Audit' }, <AuditPage {...props} />)
}
