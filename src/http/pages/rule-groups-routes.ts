// The routes of groups and of saved views. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const GROUPS = '/w/:slug/groups'
const VIEWS = '/w/:slug/rules/views'
const later = handlersOf(() => import('./rule-groups.tsx'))

export function ruleGroupRoutes(): readonly Route[] {
  return [
    pageRoute('GET', GROUPS, 'rule.read', later('showGroups')),
    pageRoute('POST', GROUPS, 'rule.write', later('add')),
    pageRoute('GET', `${GROUPS}/:id`, 'rule.read', later('showGroup')),
    pageRoute('POST', `${GROUPS}/:id`, 'rule.write', later('rename')),
    pageRoute('POST', `${GROUPS}/:id/policy`, 'policy.change', later('ask'), { needsProof: true }),
    pageRoute('POST', `${GROUPS}/:id/move`, 'rule.write', later('move')),
    pageRoute('POST', `${GROUPS}/:id/removal`, 'rule.write', later('remove')),
    pageRoute('GET', VIEWS, 'rule.read', later('showViews')),
    pageRoute('POST', VIEWS, 'rule.read', later('keepView')),
    pageRoute('POST', `${VIEWS}/:id`, 'rule.read', later('alterView')),
    pageRoute('POST', `${VIEWS}/:id/removal`, 'rule.read', later('dropView')),
  ]
}
