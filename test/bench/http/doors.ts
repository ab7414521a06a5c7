// A server process for test/bench/doors.ts: a workspace of 5,000 rules, a token of the API and some of
// MCP clients, each good for the calls of one minute.

import { saveRules } from '#domain/rules/save-many.ts'
import { systemCaller } from '#domain/access/system.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp } from '#test/support/start-app.ts'

export interface DoorsListening {
  readonly url: string
  readonly token: string
  readonly agents: readonly string[]
  readonly ruleId: string
}

const RULES = 5_000
const AGENTS = 15

const textOf = (at: number) => `title: Rule ${at} of a large workspace
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\tool${at}.exe'}, condition: selection}
level: high
`

const app = await startApp(
  { after: (end) => process.on('disconnect', () => void end()) },
  {
    env: {
      RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '1000000',
      RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '1000000',
      RULEWRIGHT_SERVER_WORKSPACE_REQUESTS_PER_SECOND_MAX: '1000000',
      RULEWRIGHT_SERVER_CONNECTIONS_PER_CLIENT_MAX: '1000',
    },
  },
)
const caller = systemCaller(app.house, 'bench', undefined, app.acme.id)
const items = Array.from({ length: RULES }, (_, at) => ({
  text: textOf(at),
  reason: '',
  origin: 'written' as const,
}))
const outcomes = await saveRules(app.house, caller, items)
const [first] = outcomes.flatMap((one) => ('rule' in one ? [one.rule.id] : []))
const { text: token } = await startProgram(app, app.cast.ada, { scopes: ['rules:read'] })
const agents: string[] = []
for (let at = 0; at < AGENTS; at += 1) {
  const agent = await startProgram(app, app.cast.ravi, { scopes: ['rules:read'], kind: 'mcp' })
  agents.push(agent.text)
}
process.send!({ url: app.url, token, agents, ruleId: first! } satisfies DoorsListening)
