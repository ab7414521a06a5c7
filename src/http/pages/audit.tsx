// The audit log, for admins and auditors of a workspace and for the owner of the instance: the
// timeline, one entry with its proof, the whole as a download. The whole filter stands in the address.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { exportAudit, readAudit, readAuditEntry } from '#domain/audit/actions.ts'
import { isActor } from '#kernel/actor.ts'
import { forbidden } from '#kernel/error.ts'
import { DAY } from '#kernel/time.ts'
import type { AuditFilter } from '#platform/audit/list.ts'
import { AuditPage } from '#views/audit/audit-page.tsx'
import { EntryPage } from '#views/audit/entry-page.tsx'
import { callerOf } from '#http/caller.ts'
import { auditFile } from '#http/audit-file.ts'
import { sendDownload } from '#http/download.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readQuery } from '#http/input.ts'
import { page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const PAGE_ROWS = 50

export function auditRoutes(): readonly Route[] {
  return ['/w/:slug/audit', '/instance/audit'].flatMap((path) => [
    pageRoute('GET', path, 'audit.read', showAudit),
    pageRoute('GET', `${path}/:seq`, 'audit.read', showEntry),
    pageRoute('POST', `${path}/exports`, 'audit.export', download),
  ])
}

const day = z.iso.date().optional().catch(undefined)

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
  on: z.string().trim().min(1).max(200).optional().catch(undefined),
  outcome: z.enum(['done', 'refused', 'failed']).optional().catch(undefined),
  since: day,
  until: day,
  before: z.coerce.number().int().positive().optional().catch(undefined),
})

async function showAudit(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { before, ...query } = readQuery(c, Query)
  const filter = filterOf(query)
  const shown = await readAudit(c.var.house, caller, filter, {
    limit: PAGE_ROWS,
    ...(before !== undefined && { before }),
  })
  const props = {
    path: `${placeOf(c)}/audit`,
    filter,
    before: before ?? null,
    shown,
    may: { verify: can(caller, 'audit.verify'), export: can(caller, 'audit.export') },
  }
  return page(c, { title: 'Audit' }, <AuditPage {...props} />)
}

// Days are of UTC, as all times of the log; the last one counts whole.
function filterOf(query: Omit<z.infer<typeof Query>, 'before'>): AuditFilter {
  const { act, actor, on, outcome, since, until } = query
  return {
    ...(act !== undefined && { action: act }),
    ...(actor !== undefined && { actor }),
    ...(on !== undefined && { target: on }),
    ...(outcome !== undefined && { outcome }),
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) + DAY }),
  }
}

async function showEntry(c: HttpContext): Promise<Response> {
  const text = c.req.param('seq') ?? ''
  if (!/^[1-9]\d{0,14}$/.test(text)) throw forbidden()
  const shown = await readAuditEntry(c.var.house, callerOf(c), Number(text))
  const path = `${placeOf(c)}/audit`
  const trail = [{ label: 'Audit', href: path }]
  return page(c, { title: `Entry ${text}`, trail }, <EntryPage path={path} shown={shown} />)
}

async function download(c: HttpContext): Promise<Response> {
  const { format } = await readForm(c, z.strictObject({ format: z.enum(['ndjson', 'csv']) }))
  const lines = exportAudit(c.var.house, callerOf(c), format)
  return sendDownload(c, auditFile(lines, format, c.req.param('slug') ?? 'instance'))
}
