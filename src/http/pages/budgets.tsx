// `/w/{slug}/health/budgets`: how many alerts a day rules may make, and how many they make.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { BUDGET_SCOPES, ON_BREACH } from '#domain/health/budget.ts'
import { listBudgets, setBudget } from '#domain/health/budgets.ts'
import { BudgetInput } from '#domain/health/input.ts'
import { listGroups } from '#domain/rules/groups/actions.ts'
import { findRules } from '#domain/rules/reading.ts'
import { AppError } from '#kernel/error.ts'
import { isId } from '#kernel/id.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { BudgetsPage } from '#views/health/budgets-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'

const rootOf = (c: HttpContext) => `${placeOf(c)}/health/budgets`

export async function showBudgets(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const budgets = await listBudgets(house, caller)
  const ids = budgets.flatMap(({ name }) => (isId('rul', name) ? [name] : []))
  const rules = await findRules(house, caller, ids)
  const groups = await listGroups(house, caller, { limit: PAGE_LIMIT_MAX })
  const props = {
    path: rootOf(c),
    rules: `${placeOf(c)}/rules`,
    changes: `${placeOf(c)}/changes`,
    budgets,
    titles: new Map<string, string>([...rules].map(([id, { title }]) => [id, title])),
    groups: groups.items,
    maySet: can(caller, 'budget.write'),
  }
  const trail = [{ label: 'Health', href: `${placeOf(c)}/health` }]
  return page(c, { title: 'Noise budgets', trail }, <BudgetsPage {...props} />)
}

const BudgetForm = z.strictObject({
  scope: z.enum(BUDGET_SCOPES),
  name: z.string().max(100).default(''),
  perDay: z.string().max(10),
  onBreach: z.enum(ON_BREACH).default('flag'),
})

export async function changeBudget(c: HttpContext): Promise<Response> {
  const { perDay, ...form } = await readForm(c, BudgetForm)
  const read = BudgetInput.safeParse({ ...form, perDay: perDay === '' ? null : Number(perDay) })
  if (!read.success) throw new AppError('invalid', 'A budget is a whole number of alerts a day.')
  await setBudget(c.var.house, callerOf(c), read.data)
  return changed(c, { redirect: rootOf(c), notice: 'The budget is set.' })
}
