// The routes of searches. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/searches'
const later = handlersOf(() => import('./searches.tsx'))

export function searchRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  return [
    pageRoute('GET', ROOT, 'search.run', later('showSearches')),
    pageRoute('GET', `${ROOT}/new`, 'search.run', later('showNew')),
    pageRoute('POST', ROOT, 'search.run', later('ask')),
    pageRoute('GET', one, 'search.run', later('showSearch')),
    pageRoute('GET', `${one}/rows.ndjson`, 'search.run', later('giveLines')),
    pageRoute('GET', `${one}/rows.csv`, 'search.run', later('giveTable')),
    pageRoute('POST', `${one}/cancel`, 'search.run', later('cancel')),
    pageRoute('POST', `${one}/save`, 'search.run', later('save')),
    pageRoute('POST', `${one}/delete`, 'search.run', later('remove')),
    pageRoute('POST', `${one}/segments/:n/retry`, 'search.run', later('retry')),
  ]
}
