// What fits the operations about how rules fare.

import { createRule } from '#domain/rules/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

const TEXT = `title: Watched
logsource: {category: process_creation, product: windows}
detection: {selection: {Image: 'a.exe'}, condition: selection}
`

async function ruleIn({ app }: World, place: Workspace) {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const { rule } = await createRule(app.house, caller, { text: TEXT, origin: 'written', reason: '' })
  return { id: rule.id }
}

export const HEALTH_INPUTS = {
  listRuleHealth: async () => ({ query: '?limit=2&state=dead&q=who' }),
  getRuleHealth: ruleIn,
  listSilenced: async () => ({ query: '?kind=throttle' }),
}
