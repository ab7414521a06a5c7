// `/w/{slug}`. The page is loaded with its first reader: it asks every domain.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const later = handlersOf(() => import('./overview.tsx'))

export function overviewRoutes(): readonly Route[] {
  return [pageRoute('GET', '/w/:slug', 'workspace.read', later('showOverview'))]
}
