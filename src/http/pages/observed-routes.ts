// The routes of what stands on a target. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/targets/:id/rules'
const later = handlersOf(() => import('./observed.tsx'))

export function observedRoutes(): readonly Route[] {
  const one = `${ROOT}/:observed`
  return [
    pageRoute('GET', ROOT, 'target.read', later('showInventory')),
    pageRoute('POST', `${ROOT}/pull`, 'rule.write', later('pull')),
    pageRoute('GET', `${ROOT}/adopt`, 'rule.write', later('showPlan')),
    pageRoute('POST', `${ROOT}/adopt`, 'rule.write', later('adoptAll')),
    pageRoute('GET', `${ROOT}/release`, 'rule.write', later('showRelease')),
    pageRoute('POST', `${ROOT}/release`, 'rule.write', later('releaseAll')),
    pageRoute('GET', `${ROOT}/dependencies`, 'target.read', later('showDependencies')),
    pageRoute('POST', `${ROOT}/dependencies`, 'rule.write', later('give')),
    pageRoute('GET', one, 'target.read', later('showObserved')),
    pageRoute('POST', `${one}/adopt`, 'rule.write', later('adoptOne')),
    pageRoute('POST', `${one}/release`, 'rule.write', later('release')),
  ]
}
