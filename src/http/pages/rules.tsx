// `/w/{slug}/rules`: the list. Its whole state stands in the address. The pages of one rule are loaded
// with their first reader.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { listWhere } from '#domain/placements/where.ts'
import { hasRule, listRules } from '#domain/rules/reading.ts'
import { forbidden } from '#kernel/error.ts'
import { RuleList } from '#views/rules/rules-list.tsx'
import { RulesPage } from '#views/rules/rules-page.tsx'
import { listViews } from '#domain/rules/views/actions.ts'
import { callerOf, workspaceCaller } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId, readQuery } from '#http/input.ts'
import { fragment, goTo, page, wantsOnly } from '#http/respond.tsx'
import { handlersOf, pageRoute, type Route } from '#http/routes.ts'
import { readListState } from './rule-choice.ts'

const PAGE_ROWS = 50

export function ruleRoutes(): readonly Route[] {
  const one = `${ROOT}/:id`
  return [
    pageRoute('GET', '/r/:id', 'signed-in', goToRule),
    pageRoute('GET', ROOT, 'rule.read', showRules),
    pageRoute('GET', `${ROOT}/new`, 'rule.write', editing('showNew')),
    pageRoute('POST', `${ROOT}/new`, 'rule.write', editing('writeNew')),
    pageRoute('GET', `${ROOT}/new/from`, 'rule.write', editing('showBeginnings')),
    pageRoute('POST', `${ROOT}/new/from`, 'rule.write', editing('beginWithEvent')),
    pageRoute('POST', `${ROOT}/starter`, 'rule.write', later('addStarter')),
    pageRoute('GET', `${ROOT}/words`, 'rule.read', editing('giveWords')),
    pageRoute('GET', one, 'rule.read', later('showRule')),
    pageRoute('GET', `${one}/query`, 'rule.read', later('showQuery')),
    pageRoute('POST', `${one}/sigma`, 'rule.write', later('addDetection')),
    pageRoute('POST', `${one}/renders`, 'rule.write', later('compileAgain')),
    pageRoute('GET', `${one}/tests`, 'rule.read', testing('showTests')),
    pageRoute('POST', `${one}/tests`, 'rule.test', testing('test')),
    pageRoute('POST', `${one}/tests/cases`, 'rule.write', testing('addTestCase')),
    pageRoute('GET', `${one}/tests/generated`, 'rule.read', testing('showGenerated')),
    pageRoute('POST', `${one}/tests/generated`, 'rule.write', testing('addGenerated')),
    pageRoute('GET', `${one}/tests/junit`, 'rule.read', testing('downloadJunit')),
    pageRoute('GET', `${one}/deployed`, 'rule.read', deployed('showDeployed')),
    pageRoute('GET', `${one}/versions`, 'rule.read', later('showVersions')),
    pageRoute('GET', `${one}/versions/:version`, 'rule.read', later('showComparison')),
    pageRoute('POST', `${one}/restore`, 'rule.write', later('restore')),
    pageRoute('GET', `${one}/edit`, 'rule.write', editing('showEdit')),
    pageRoute('POST', `${one}/edit`, 'rule.write', editing('writeEdit')),
    pageRoute('POST', `${one}/retirement`, 'rule.write', later('retire')),
    pageRoute('POST', `${one}/revival`, 'rule.write', later('revive')),
  ]
}

const ROOT = '/w/:slug/rules'
const later = handlersOf(() => import('./rule.tsx'))
const editing = handlersOf(() => import('./rule-edit.tsx'))
const deployed = handlersOf(() => import('./rule-deployed.tsx'))
const testing = handlersOf(() => import('./rule-tests.tsx'))

/** The short address that stands in alerts, in whichever of their workspaces the rule is. */
async function goToRule(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const session = c.var.session!
  for (const { slug } of session.person.memberships) {
    const caller = workspaceCaller(c, session, slug)
    if (can(caller, 'rule.read') && (await hasRule(c.var.house, caller, id))) {
      return goTo(c, `/w/${slug}/rules/${id}/triage${new URL(c.req.url).search}`)
    }
  }
  throw forbidden()
}

const Query = z.looseObject({ cursor: z.string().max(2_000).optional().catch(undefined) })

async function showRules(c: HttpContext): Promise<Response> {
  const caller = callerOf(c)
  const { cursor, ...given } = readQuery(c, Query)
  const views = await listViews(c.var.house, caller)
  const begins = views.find(({ isDefault }) => isDefault)
  if (begins && Object.keys(c.req.query()).length === 0) {
    return goTo(c, `${placeOf(c)}/rules?${begins.query}`)
  }
  const state = readListState(given)
  const { filter, sort } = state
  const wanted = { filter, sort, limit: PAGE_ROWS, cursor }
  const shown = await listRules(c.var.house, caller, wanted)
  const where = state.columns.includes('where')
    ? await listWhere(
        c.var.house,
        caller,
        shown.items.map(({ id }) => id),
      )
    : []
  const props = {
    ...shown,
    where,
    path: `${placeOf(c)}/rules`,
    home: placeOf(c),
    state,
    views,
    cursor: cursor ?? null,
    mayWrite: can(caller, 'rule.write'),
    mayTest: can(caller, 'rule.test'),
    mayDeploy: can(caller, 'change.write'),
  }
  if (wantsOnly(c, 'rule-list')) return fragment(c, <RuleList {...props} />)
  return page(c, { title: 'Rules' }, <RulesPage {...props} />)
}
