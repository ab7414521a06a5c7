// The routes of upstreams. Their pages are loaded with the first reader.

import { ZIP_BYTES_MAX } from '#kernel/limits.ts'
import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/upstreams'
const later = handlersOf(() => import('./upstreams.tsx'))

export function upstreamRoutes(): readonly Route[] {
  const large = { bodyBytesMax: ZIP_BYTES_MAX }
  const one = `${ROOT}/:id`
  return [
    pageRoute('GET', ROOT, 'rule.read', later('showUpstreams')),
    pageRoute('POST', ROOT, 'rule.write', later('add'), large),
    pageRoute('GET', one, 'rule.read', later('showUpstream')),
    pageRoute('POST', `${one}/updates`, 'rule.write', later('bring'), large),
    pageRoute('POST', `${one}/plan`, 'rule.write', later('planAgain')),
    pageRoute('POST', `${one}/apply`, 'rule.write', later('apply')),
    pageRoute('GET', `${one}/plan/:position`, 'rule.read', later('showItem')),
    pageRoute('POST', `${one}/plan/:position`, 'rule.write', later('choose')),
    pageRoute('POST', '/w/:slug/rules/:id/upstream', 'rule.write', later('leave')),
  ]
}
