// `/instance`: how the instance is, its backups and the settings in force, for its owner. Long work asked
// for here runs as a job, shown like any other.

import { z } from 'zod'
import { readAudit } from '#domain/audit/actions.ts'
import { requestAuditCheck } from '#domain/audit/request.ts'
import { readBackups } from '#domain/backups/actions.ts'
import { requestBackup } from '#domain/backups/request.ts'
import { can } from '#domain/access/permission.ts'
import { readAttackStatus, resetAttack } from '#domain/instance/attack-actions.ts'
import { decideDomain, listWaitingDomains } from '#domain/identity/domains.ts'
import { releaseInstance } from '#domain/instance/actions.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type JobId } from '#kernel/id.ts'
import { BackupsPanel, type BackupsShown } from '#views/instance/backups-panel.tsx'
import { InstancePage } from '#views/instance/instance-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm } from '#http/input.ts'
import { instanceState, loadRunningJobs } from '#http/frame.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

export function instanceRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/instance', 'instance.read', showInstance),
    pageRoute('POST', '/instance/backups', 'backup.create', backUp),
    pageRoute('POST', '/instance/audit/checks', 'audit.verify', checkAudit),
    pageRoute('POST', '/instance/attack/reset', 'attack.import', resetToShipped),
    pageRoute('POST', '/instance/domains', 'domain.confirm', decideOn, { needsProof: true }),
    pageRoute('POST', '/instance/release', 'instance.release', release, { needsProof: true }),
  ]
}

async function showInstance(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { house, face } = c.var
  const backups = await loadBackups(c)
  if (wantsOnly(c, 'backups')) return fragment(c, <BackupsPanel shown={backups} />)
  const [workspaces, jobs, audit, attack] = await Promise.all([
    listWorkspaces(house, caller),
    loadRunningJobs(c, caller),
    readAudit(house, caller, {}, { limit: 1 }),
    readAttackStatus(house, caller),
  ])
  const waiting = await listWaitingDomains(house, caller)
  const shown = {
    ...face.about,
    backups,
    state: instanceState(c),
    domains: waiting.map((domain) => ({
      ...domain,
      workspaceName: workspaces.find(({ id }) => id === domain.workspaceId)?.name ?? '',
    })),
    installId: house.keys.installId,
    workspaceCount: workspaces.length,
    runningCount: jobs.runningCount,
    audit,
    attack,
    mayResetAttack: can(caller, 'attack.import'),
  }
  return page(c, { title: 'Overview' }, <InstancePage shown={shown} />)
}

const DomainForm = z.strictObject({
  providerId: z.string().max(100),
  domain: z.string().max(300),
  decision: z.enum(['confirm', 'refuse']),
})

async function decideOn(c: HttpContext): Promise<Response> {
  const { providerId, domain, decision } = await readForm(c, DomainForm)
  if (!isId(ID_PREFIXES.provider, providerId)) throw forbidden()
  await decideDomain(c.var.house, callerOf(c), { providerId, domain }, decision)
  const notice = decision === 'confirm' ? `${domain} is in force.` : `${domain} is refused.`
  return changed(c, { redirect: '/instance', notice })
}

async function loadBackups(c: HttpContext): Promise<BackupsShown> {
  const caller = callerOf(c)
  const { house, face } = c.var
  return {
    ...face.about.backups,
    backups: await readBackups(house, caller),
    mkId: house.keys.mkId,
    mayCreate: can(caller, 'backup.create'),
  }
}

async function backUp(c: HttpContext): Promise<Response> {
  const { folder, keep } = c.var.face.about.backups
  const id = await requestBackup(c.var.house, callerOf(c), { folder, keep })
  return begun(c, id, 'The backup has begun.')
}

async function checkAudit(c: HttpContext): Promise<Response> {
  const id = await requestAuditCheck(c.var.house, callerOf(c))
  return begun(c, id, 'The log is being verified.')
}

/** With htmx one stays and sees the job in the top bar; a plain form goes to the job. */
function begun(c: HttpContext, id: JobId, notice: string): Response {
  return changed(c, { fragment: <></>, redirect: `/instance/jobs/${id}`, notice })
}

async function release(c: HttpContext): Promise<Response> {
  await releaseInstance(c.var.house, callerOf(c))
  return changed(c, { redirect: '/instance', notice: 'The instance is released.' })
}

async function resetToShipped(c: HttpContext): Promise<Response> {
  await resetAttack(c.var.house, callerOf(c))
  const notice = 'Rules are compared with the shipped version of ATT&CK again.'
  return changed(c, { redirect: '/instance', notice })
}
