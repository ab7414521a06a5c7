// `/w/{slug}/lists`: values that rules name instead of repeating them.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/lists'
const later = handlersOf(() => import('./lists.tsx'))

export function listRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  return [
    pageRoute('GET', ROOT, 'rule.read', later('showLists')),
    pageRoute('GET', `${ROOT}/new`, 'rule.write', later('showNew')),
    pageRoute('POST', `${ROOT}/new`, 'rule.write', later('writeNew')),
    pageRoute('GET', one, 'rule.read', later('showList')),
    pageRoute('GET', `${one}/edit`, 'rule.write', later('showEdit')),
    pageRoute('POST', `${one}/edit`, 'rule.write', later('writeEdit')),
    pageRoute('POST', `${one}/remove`, 'rule.write', later('remove')),
  ]
}
