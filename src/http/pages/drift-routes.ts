// The routes of drift. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const later = handlersOf(() => import('./drift.tsx'))

export function driftRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/w/:slug/drift', 'drift.read', later('showDrift')),
    pageRoute('POST', '/w/:slug/drift/scan', 'drift.resolve', later('scan')),
    pageRoute('POST', '/w/:slug/drift/prune', 'drift.resolve', later('prune')),
    pageRoute('GET', '/w/:slug/drift/:id', 'drift.read', later('showFinding')),
    pageRoute('POST', '/w/:slug/drift/:id/resolve', 'drift.resolve', later('resolve')),
  ]
}
