// `/budgets`: how many alerts a day rules may make.

import { z } from 'zod'
import { BUDGET_SCOPES, ON_BREACH, type BurntBudget } from '#domain/health/budget.ts'
import { BudgetInput } from '#domain/health/input.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { accepted, idOf, InstantText, named, PAGE_QUERY, pageIn, pageShape } from './shapes.ts'

/** Loaded by the first request and not by the start. */
const actions = () => import('#domain/health/budgets.ts')

const BudgetShape = z
  .strictObject({
    scope: z.enum(BUDGET_SCOPES),
    name: z.string(),
    perDay: z.int(),
    onBreach: z.enum(ON_BREACH),
    used: z.number().nullable(),
    rules: z.int(),
    setAt: InstantText,
    setBy: z.string(),
    proposed: idOf(ID_PREFIXES.change).nullable(),
  })
  .register(named, { id: 'Budget' })
const BudgetPage = pageShape(BudgetShape).register(named, { id: 'BudgetPage' })

const list = operation({
  method: 'GET',
  path: '/budgets',
  name: 'listBudgets',
  summary: 'Noise budgets, with what each has used',
  about:
    '`used` is alerts a day over the last 30 days of all rules that the budget is over, null where no target tells. `proposed` is the change that the last breach of one that pauses opened, or paused a rule by.',
  permission: 'health.read',
  query: z.strictObject(PAGE_QUERY),
  answer: BudgetPage,
  async run(call) {
    const all = await (await actions()).listBudgets(call.house, call.caller)
    const { items, next } = pageIn(call, 'budgets', all, ({ scope, name }) => `${scope} ${name}`)
    return { items: items.map(shapeOf), next }
  },
})

const set = operation({
  method: 'PUT',
  path: '/budgets',
  name: 'setBudget',
  summary: 'Set a noise budget, or take it away',
  about:
    '`name` is the slug of a group, the id of a rule, or empty for the workspace; `perDay` null takes the budget away.',
  permission: 'budget.write',
  body: BudgetInput.register(accepted, { id: 'NewBudget' }),
  async run({ house, caller, body }) {
    await (await actions()).setBudget(house, caller, body)
    return undefined
  },
})

function shapeOf({ setAt, proposedId: proposed, proposedAt: _, ...budget }: BurntBudget) {
  return { ...budget, proposed, setAt: formatInstant(setAt) }
}

export const BUDGET_OPERATIONS = [list, set]
