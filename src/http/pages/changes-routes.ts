// The routes of changes. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/changes'
const list = handlersOf(() => import('./changes.tsx'))
const one = handlersOf(() => import('./change.tsx'))
const acts = handlersOf(() => import('./change-acts.tsx'))

export function changeRoutes(): readonly Route[] {
  const at = `${ROOT}/:id`
  return [
    pageRoute('GET', ROOT, 'change.read', list('showChanges')),
    pageRoute('GET', `${ROOT}/new`, 'change.write', list('showNew')),
    pageRoute('POST', ROOT, 'change.write', list('open')),
    pageRoute('GET', at, 'change.read', one('showOne')),
    pageRoute('GET', `${at}/items/:n`, 'change.read', one('showItem')),
    pageRoute('GET', `${at}/edit`, 'change.write', one('showEdit')),
    pageRoute('POST', `${at}/edit`, 'change.write', acts('edit')),
    pageRoute('POST', `${at}/refresh`, 'change.write', acts('refresh')),
    pageRoute('POST', `${at}/submit`, 'change.write', acts('submit')),
    pageRoute('POST', `${at}/withdraw`, 'change.write', acts('withdraw')),
    pageRoute('POST', `${at}/waivers`, 'change.write', acts('waive')),
    pageRoute('POST', `${at}/comments`, 'change.read', acts('comment')),
    pageRoute('POST', `${at}/signatures`, 'change.sign', acts('sign'), { needsProof: true }),
    // What the passkey answers is the proof.
    pageRoute('POST', `${at}/signatures/passkey`, 'change.sign', acts('signByPasskey')),
    pageRoute('GET', `${at}/signatures/challenge`, 'change.sign', acts('challenge')),
    pageRoute('POST', `${at}/impact`, 'search.run', acts('askImpact')),
    pageRoute('POST', `${at}/impact/cancel`, 'search.run', acts('stopImpact')),
  ]
}
