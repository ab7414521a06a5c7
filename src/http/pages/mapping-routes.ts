// The routes of mappings: all of them, and each below its target. Their pages are loaded with the first
// reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/targets/:id/mapping'
const later = handlersOf(() => import('./mapping.tsx'))
const rows = handlersOf(() => import('./mapping-rows.tsx'))
const effects = handlersOf(() => import('./mapping-effects.tsx'))

const all = handlersOf(() => import('./mappings.tsx'))

export function mappingRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/w/:slug/mappings', 'target.read', all('showMappings')),
    pageRoute('GET', ROOT, 'target.read', later('showMapping')),
    pageRoute('GET', `${ROOT}/file`, 'target.read', later('giveFile')),
    pageRoute('POST', `${ROOT}/file`, 'mapping.write', later('bringFile')),
    pageRoute('GET', `${ROOT}/field`, 'mapping.write', rows('showField')),
    pageRoute('POST', `${ROOT}/field`, 'mapping.write', rows('writeField')),
    pageRoute('GET', `${ROOT}/source`, 'mapping.write', rows('showSource')),
    pageRoute('POST', `${ROOT}/source`, 'mapping.write', rows('writeSource')),
    pageRoute('POST', `${ROOT}/removal`, 'mapping.write', rows('removeRow')),
    pageRoute('POST', `${ROOT}/pipelines`, 'mapping.write', later('choosePipelines')),
    pageRoute('POST', `${ROOT}/save`, 'mapping.write', later('save')),
    pageRoute('POST', `${ROOT}/discard`, 'mapping.write', later('discard')),
    pageRoute('POST', `${ROOT}/recompile`, 'rule.write', later('compilePending')),
    pageRoute('GET', `${ROOT}/versions`, 'target.read', later('showVersions')),
    pageRoute('POST', `${ROOT}/versions`, 'mapping.write', later('takeVersion')),
    pageRoute('GET', `${ROOT}/suggestions`, 'target.read', effects('showSuggestions')),
    pageRoute('POST', `${ROOT}/suggestions`, 'mapping.write', effects('takeSuggestions')),
    pageRoute('POST', `${ROOT}/survey`, 'mapping.write', effects('survey')),
    pageRoute('GET', `${ROOT}/preview`, 'target.read', effects('showPreview')),
    pageRoute('POST', `${ROOT}/preview`, 'mapping.write', effects('preview')),
  ]
}
