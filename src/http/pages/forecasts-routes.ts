// The routes of forecasts. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/forecasts'
const later = handlersOf(() => import('./forecasts.tsx'))

export function forecastRoutes(): readonly Route[] {
  return [
    pageRoute('GET', ROOT, 'search.run', later('showForecasts')),
    pageRoute('GET', `${ROOT}/new`, 'search.run', later('showNew')),
    pageRoute('POST', ROOT, 'search.run', later('ask')),
    pageRoute('GET', `${ROOT}/:id`, 'search.run', later('showForecast')),
    pageRoute('POST', `${ROOT}/:id/cancel`, 'search.run', later('cancel')),
  ]
}
