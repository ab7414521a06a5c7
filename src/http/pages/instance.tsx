// `/instance`: for the owner. Version, storage, settings in force, backups.

import { InstancePage } from '#views/instance/instance-page.tsx'
import type { HttpContext } from '#http/env.ts'
import { page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

export function instanceRoutes(): readonly Route[] {
  return [pageRoute('GET', '/instance', 'instance.read', showInstance)]
}

function showInstance(c: HttpContext): Promise<Response> {
  return page(c, { title: 'Instance' }, <InstancePage />)
}
