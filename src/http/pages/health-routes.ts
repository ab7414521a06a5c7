// The routes of health. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const later = handlersOf(() => import('./health.tsx'))
const budgets = handlersOf(() => import('./budgets.tsx'))
const triage = handlersOf(() => import('./triage.tsx'))
const coverage = handlersOf(() => import('./coverage.tsx'))
const silenced = handlersOf(() => import('./silenced.tsx'))

export function healthRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/w/:slug/health', 'health.read', later('showHealth')),
    pageRoute('GET', '/w/:slug/rules/:id/health', 'health.read', later('showRuleHealth')),
    pageRoute('POST', '/w/:slug/rules/:id/health/backfill', 'search.run', later('makeUp')),
    pageRoute('POST', '/w/:slug/health/backfill', 'search.run', later('makeUpAll')),
    pageRoute('GET', '/w/:slug/health/budgets', 'health.read', budgets('showBudgets')),
    pageRoute('POST', '/w/:slug/health/budgets', 'budget.write', budgets('changeBudget')),
    pageRoute('GET', '/w/:slug/rules/:id/triage', 'health.read', triage('showTriage')),
    pageRoute('POST', '/w/:slug/alerts/:id/disposition', 'disposition.write', triage('dispose')),
    pageRoute('GET', '/w/:slug/coverage', 'health.read', coverage('showCoverage')),
    pageRoute('POST', '/w/:slug/coverage/starters', 'rule.write', coverage('adoptStarters')),
    pageRoute('GET', '/w/:slug/coverage/layer', 'health.read', coverage('sendLayer')),
    pageRoute('POST', '/w/:slug/exclusions/:id/count', 'search.run', silenced('countHits')),
    pageRoute('GET', '/w/:slug/silenced', 'health.read', silenced('showSilenced')),
  ]
}
