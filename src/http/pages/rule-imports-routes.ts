// The routes of imports. Their pages are loaded with the first reader.

import { ZIP_BYTES_MAX } from '#kernel/limits.ts'
import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/rules/imports'
const later = handlersOf(() => import('./rule-imports.tsx'))

export function ruleImportRoutes(): readonly Route[] {
  const large = { bodyBytesMax: ZIP_BYTES_MAX }
  return [
    pageRoute('GET', ROOT, 'rule.write', later('showImports')),
    pageRoute('POST', ROOT, 'rule.write', later('bring'), large),
    pageRoute('GET', `${ROOT}/:id`, 'rule.write', later('showImport')),
    pageRoute('POST', `${ROOT}/:id/start`, 'rule.write', later('start')),
    pageRoute('GET', `${ROOT}/:id/items/:position`, 'rule.write', later('showItem')),
    pageRoute('POST', `${ROOT}/:id/items/:position`, 'rule.write', later('mend')),
  ]
}
