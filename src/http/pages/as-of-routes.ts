// The routes of what stood where. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const later = handlersOf(() => import('./as-of.tsx'))

export function asOfRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/w/:slug/as-of', 'deployment.read', later('showAsOf')),
    pageRoute('GET', '/w/:slug/as-of/bundle', 'deployment.read', later('downloadAsOf')),
  ]
}
