// `/w/{slug}/exclusions`: what rules shall not find, over all of them. The pages are loaded with their
// first reader, because they bring the reader of rules along.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/exclusions'
const later = handlersOf(() => import('./exclusion.tsx'))

export function exclusionRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  return [
    pageRoute('GET', ROOT, 'exclusion.read', later('showExclusions')),
    pageRoute('GET', `${ROOT}/new`, 'exclusion.write', later('showNew')),
    pageRoute('POST', `${ROOT}/new`, 'exclusion.write', later('writeNew')),
    pageRoute('GET', one, 'exclusion.read', later('showExclusion')),
    pageRoute('GET', `${one}/edit`, 'exclusion.write', later('showEdit')),
    pageRoute('POST', `${one}/edit`, 'exclusion.write', later('writeEdit')),
    pageRoute('POST', `${one}/term`, 'exclusion.write', later('prolong')),
    pageRoute('POST', `${one}/end`, 'exclusion.write', later('end')),
  ]
}
