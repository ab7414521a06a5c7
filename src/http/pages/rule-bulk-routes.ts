// The routes of what is done to many rules. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const RULES = '/w/:slug/rules'
const later = handlersOf(() => import('./rule-bulk.tsx'))

export function ruleBulkRoutes(): readonly Route[] {
  return [
    pageRoute('GET', `${RULES}/export`, 'rule.read', later('giveFiles')),
    pageRoute('GET', `${RULES}/layer`, 'rule.read', later('giveLayer')),
    pageRoute('POST', `${RULES}/tests`, 'rule.test', later('testChosen')),
    pageRoute('GET', `${RULES}/bulk`, 'rule.write', later('showChoice')),
    pageRoute('POST', `${RULES}/bulk`, 'rule.write', later('start')),
    pageRoute('GET', `${RULES}/bulk/:id`, 'rule.read', later('showBulk')),
    pageRoute('POST', `${RULES}/bulk/:id/undo`, 'rule.write', later('undo')),
  ]
}
