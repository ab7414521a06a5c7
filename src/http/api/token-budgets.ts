// `/tokens/{id}/budget`: what an agent's token may ask, and what it asked today.

import { z } from 'zod'
import { AgentBudget, OwnBudget } from '#domain/access/agent-budget.ts'
import { operation } from './operation.ts'
import { accepted, named, TokenIdText } from './shapes.ts'

const actions = () => import('#domain/access/agent-budget-actions.ts')

const TokenPath = z.strictObject({ id: TokenIdText })
const OwnShape = z.strictObject(OwnBudget.shape)

const BudgetShape = z
  .strictObject({
    token: TokenIdText,
    budget: z.strictObject(AgentBudget.shape),
    own: OwnShape,
    usedToday: z.strictObject({
      calls: z.int(),
      rows: z.int(),
      searches: z.int(),
      bytes: z.int(),
    }),
  })
  .register(named, { id: 'TokenBudget' })

const OwnTold = z
  .strictObject({ token: TokenIdText, own: OwnShape })
  .register(named, { id: 'OwnTokenBudget' })

const read = operation({
  method: 'GET',
  path: '/tokens/{id}/budget',
  name: 'getTokenBudget',
  summary: 'What an agent’s token may ask, and what it asked today',
  about:
    'Of a token for MCP clients. `budget` is in force; `own` is what an admin gave this one, null where the policies of the workspace hold. Days are those of UTC.',
  permission: 'token.read',
  params: TokenPath,
  answer: BudgetShape,
  async run({ house, caller, holder, params }) {
    const { readAgentBudget } = await actions()
    const { userId } = holder.token
    const { budget, own, used } = await readAgentBudget(house, caller, { userId }, params.id)
    return { token: params.id, budget, own, usedToday: used }
  },
})

const give = operation({
  method: 'PUT',
  path: '/tokens/{id}/budget',
  name: 'setTokenBudget',
  summary: 'Give an agent’s token a budget of its own',
  about: 'Null leaves it to the policies of the workspace. In force within a minute of use.',
  permission: 'token.manage',
  params: TokenPath,
  body: z.strictObject(OwnBudget.shape).register(accepted, { id: 'NewTokenBudget' }),
  answer: OwnTold,
  async run({ house, caller, params, body }) {
    const { giveAgentBudget } = await actions()
    return { token: params.id, own: await giveAgentBudget(house, caller, params.id, body) }
  },
})

export const TOKEN_BUDGET_OPERATIONS = [read, give]
