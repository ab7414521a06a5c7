// A server process for test/bench/doors.ts: a workspace of 5,000 rules, a token of the API, some of MCP
// clients, each good for the calls of one minute, and a job that waits to be followed. Whoever started
// it asks for what it used so far, for something to happen to the job, and for the end of the token.

import { saveRules } from '#domain/rules/save-many.ts'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { revokeToken } from '#domain/access/token-actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { cancelJob } from '#domain/jobs/actions.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp } from '#test/support/start-app.ts'

export interface DoorsListening {
  readonly url: string
  readonly token: string
  /** May follow jobs, and is revoked while it does. */
  readonly follower: string
  readonly agents: readonly string[]
  readonly ruleId: string
  /** One that ends, and one that stays. */
  readonly jobIds: readonly [string, string]
}

export type DoorsAsked = 'usage' | 'end-job' | 'revoke-follower'

/** Answers each of them. */
export interface DoorsUsage {
  /** Of the processor, since it started. */
  readonly cpuMs: number
  readonly rssBytes: number
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
const { house, cast } = app
const caller = systemCaller(house, 'bench', undefined, app.acme.id)
const items = Array.from({ length: RULES }, (_, at) => ({
  text: textOf(at),
  reason: '',
  origin: 'written' as const,
}))
const outcomes = await saveRules(house, caller, items)
const [first] = outcomes.flatMap((one) => ('rule' in one ? [one.rule.id] : []))
const { text: token } = await startProgram(app, cast.ada, { scopes: ['rules:read'] })
const follower = await startProgram(app, cast.ada, { scopes: ['tests:run'] })
const agents: string[] = []
for (let at = 0; at < AGENTS; at += 1) {
  const agent = await startProgram(app, cast.ravi, { scopes: ['rules:read'], kind: 'mcp' })
  agents.push(agent.text)
}
const startJob = () =>
  house.db.write(caller, (tx) => {
    const options = { title: 'A job', runAt: addMs(app.clock.now(), DAY) }
    return house.jobs.enqueue(tx, caller, verifyAuditJob, {}, options)
  })
const jobIds = [await startJob(), await startJob()] as const

const answers: Readonly<Record<DoorsAsked, () => Promise<unknown>>> = {
  usage: async () => undefined,
  'end-job': () => cancelJob(house, caller, jobIds[0]),
  'revoke-follower': () =>
    revokeToken(house, caller, { userId: cast.ada.userId }, follower.token.id),
}
async function answer(asked: DoorsAsked): Promise<void> {
  await answers[asked]()
  const { user, system } = process.cpuUsage()
  const usage = { cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss() }
  process.send!(usage satisfies DoorsUsage)
}
process.on('message', (asked: DoorsAsked) => void answer(asked))
process.send!({
  url: app.url,
  token,
  follower: follower.text,
  agents,
  ruleId: first!,
  jobIds,
} satisfies DoorsListening)
