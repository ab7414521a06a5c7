// `/w/{slug}`: what needs a person in this workspace, and how the instance is.

import { OverviewPage } from '#views/workspaces/overview-page.tsx'
import type { HttpContext } from '#http/env.ts'
import { page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { membershipOf } from '#http/caller.ts'

export function overviewRoutes(): readonly Route[] {
  return [pageRoute('GET', '/w/:slug', 'workspace.read', showOverview)]
}

function showOverview(c: HttpContext): Promise<Response> {
  const { name } = membershipOf(c.var.session!, c.req.param('slug')!)
  return page(c, { title: 'Overview' }, <OverviewPage workspace={name} />)
}
