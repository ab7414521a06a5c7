// What every face of a rule stands in: where it lies, its head and its trail.

import { can } from '#domain/access/permission.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { RuleId } from '#kernel/id.ts'
import type { RuleTab } from '#views/rules/rule-head.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'

export const listPath = (c: HttpContext) => `${placeOf(c)}/rules`
export const pathOf = (c: HttpContext, id: RuleId) => `${listPath(c)}/${id}`

export function headOf(c: HttpContext, rule: RuleSummary, tab: RuleTab) {
  const caller = callerOf(c)
  const mayRead = can(caller, 'audit.read')
  return {
    path: pathOf(c, rule.id),
    rule,
    tab,
    may: { write: can(caller, 'rule.write') },
    search: can(caller, 'search.run') ? `${placeOf(c)}/searches/new?rule=${rule.id}` : null,
    deploy: can(caller, 'change.write') ? `${placeOf(c)}/changes/new?rule=${rule.id}` : null,
    activity: mayRead ? `${placeOf(c)}/audit?on=${rule.id}` : null,
  }
}

export function trailOf(c: HttpContext, rule?: RuleSummary) {
  const rules = { label: 'Rules', href: listPath(c) }
  return rule ? [rules, { label: rule.title, href: pathOf(c, rule.id) }] : [rules]
}
