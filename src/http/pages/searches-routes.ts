// The routes of searches. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/searches'
const later = handlersOf(() => import('./searches.tsx'))
const laterSaved = handlersOf(() => import('./saved-searches.tsx'))

export function searchRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  const saved = `${ROOT}/saved`
  return [
    pageRoute('GET', ROOT, 'search.run', later('showSearches')),
    pageRoute('GET', `${ROOT}/new`, 'search.run', later('showNew')),
    pageRoute('POST', ROOT, 'search.run', later('ask')),
    // Before the search of that id.
    pageRoute('GET', saved, 'search.run', laterSaved('showSavedList')),
    pageRoute('GET', `${saved}/:id`, 'search.run', laterSaved('showSaved')),
    pageRoute('POST', `${saved}/:id`, 'search.run', laterSaved('changeOne')),
    pageRoute('POST', `${saved}/:id/ask`, 'search.run', laterSaved('askOne')),
    pageRoute('POST', `${saved}/:id/delete`, 'search.run', laterSaved('removeOne')),
    pageRoute('GET', one, 'search.run', later('showSearch')),
    pageRoute('GET', `${one}/rows.ndjson`, 'search.run', later('giveLines')),
    pageRoute('GET', `${one}/rows.csv`, 'search.run', later('giveTable')),
    pageRoute('POST', `${one}/cancel`, 'search.run', later('cancel')),
    pageRoute('GET', `${one}/save`, 'search.run', laterSaved('showSave')),
    pageRoute('POST', `${one}/save`, 'search.run', laterSaved('save')),
    pageRoute('POST', `${one}/pins`, 'search.run', laterSaved('pin')),
    pageRoute('POST', `${one}/pins/:n/delete`, 'search.run', laterSaved('unpin')),
    pageRoute('POST', `${one}/delete`, 'search.run', later('remove')),
    pageRoute('POST', `${one}/segments/:n/retry`, 'search.run', later('retry')),
  ]
}
