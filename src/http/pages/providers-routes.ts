// The routes of identity providers in a workspace's settings. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/settings/single-sign-on'
const list = handlersOf(() => import('./providers.tsx'))
const one = handlersOf(() => import('./provider.tsx'))

export function providerRoutes(): readonly Route[] {
  const at = `${ROOT}/:id`
  const proved = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'provider.read', list('showProviders')),
    pageRoute('GET', `${ROOT}/new`, 'provider.manage', list('showNew')),
    pageRoute('POST', ROOT, 'provider.manage', list('add'), proved),
    pageRoute('POST', `${ROOT}/break-in`, 'provider.manage', list('nameBreakIn'), proved),
    pageRoute('GET', at, 'provider.read', one('showProvider')),
    pageRoute('POST', at, 'provider.manage', one('save'), proved),
    pageRoute('POST', `${at}/remove`, 'provider.manage', one('remove'), proved),
    pageRoute('POST', `${at}/domains`, 'provider.manage', one('addDomainOf'), proved),
    pageRoute('POST', `${at}/domains/remove`, 'provider.manage', one('removeDomainOf'), proved),
    pageRoute('POST', `${at}/domains/enforce`, 'provider.manage', one('enforceDomainOf'), proved),
    pageRoute('GET', `${at}/test`, 'provider.manage', one('test')),
    pageRoute('GET', `${at}/test/begin`, 'provider.manage', one('beginTest'), proved),
  ]
}
