// What only some providers have beside their page: metadata of those by SAML, and the directory that tells
// of people. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/settings/single-sign-on'
const saml = handlersOf(() => import('./saml-provider.tsx'))
const directory = handlersOf(() => import('./directory.tsx'))

export function providerPartsRoutes(): readonly Route[] {
  const at = `${ROOT}/:id`
  const proved = { needsProof: true }
  return [
    pageRoute('GET', `${ROOT}/new/saml`, 'provider.manage', saml('showNew')),
    pageRoute('POST', `${ROOT}/new/saml`, 'provider.manage', saml('add'), proved),
    pageRoute('GET', `${at}/saml`, 'provider.read', saml('show')),
    pageRoute('POST', `${at}/saml`, 'provider.manage', saml('renew'), proved),
    pageRoute('POST', `${at}/saml/keys`, 'provider.manage', saml('makeKey'), proved),
    pageRoute('POST', `${at}/saml/keys/end`, 'provider.manage', saml('endKey'), proved),
    pageRoute('GET', `${at}/directory`, 'provider.read', directory('showDirectory')),
    pageRoute('GET', `${at}/directory/people`, 'provider.read', directory('showPeople')),
    pageRoute('GET', `${at}/directory/groups`, 'provider.read', directory('showGroups')),
    pageRoute('POST', `${at}/directory`, 'provider.manage', directory('makeToken'), proved),
    pageRoute('POST', `${at}/directory/end`, 'provider.manage', directory('endToken'), proved),
  ]
}
