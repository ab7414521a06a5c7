// `/instance`: how the instance is and which settings are in force, for its owner.

import { readAudit } from '#domain/audit/actions.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { InstancePage } from '#views/instance/instance-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { instanceState, loadRunningJobs } from '#http/frame.ts'
import { page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

export function instanceRoutes(): readonly Route[] {
  return [pageRoute('GET', '/instance', 'instance.read', showInstance)]
}

async function showInstance(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { house, face } = c.var
  const [workspaces, jobs, audit] = await Promise.all([
    listWorkspaces(house, caller),
    loadRunningJobs(c, caller),
    readAudit(house, caller, {}, { limit: 1 }),
  ])
  const shown = {
    ...face.about,
    state: instanceState(c),
    installId: house.keys.installId,
    workspaceCount: workspaces.length,
    runningCount: jobs.runningCount,
    audit,
  }
  return page(c, { title: 'Overview' }, <InstancePage shown={shown} />)
}
