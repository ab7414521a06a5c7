// The routes of hotfixes and broken glass. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/hotfixes'
const GLASS = '/w/:slug/changes/:id/breakglass'
const later = handlersOf(() => import('./hotfixes.tsx'))

export function hotfixRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  const proved = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'change.read', later('showHotfixes')),
    pageRoute('GET', `${ROOT}/new`, 'hotfix.make', later('showNew')),
    pageRoute('POST', ROOT, 'hotfix.make', later('make')),
    pageRoute('GET', one, 'change.read', later('showHotfix')),
    pageRoute('POST', `${one}/end`, 'hotfix.make', later('end')),
    pageRoute('POST', `${one}/keep`, 'change.sign', later('keep'), proved),
    pageRoute('POST', `${one}/review`, 'change.sign', later('review')),
    pageRoute('GET', GLASS, 'change.breakglass', later('showGlass'), proved),
    pageRoute('POST', GLASS, 'change.breakglass', later('breakIt'), proved),
  ]
}
