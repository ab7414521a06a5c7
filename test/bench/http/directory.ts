// A server process for test/bench/provisioning.ts: a directory of a workspace, a session of an admin, and
// how long the loop kept others waiting. Its clock runs fast, so that the brake of directories is never
// what is measured.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startDirectory } from '#test/support/scim.ts'
import { startApp } from '#test/support/start-app.ts'

export interface DirectoryListening {
  readonly url: string
  readonly token: string
  readonly session: string
  /** The directory's page. */
  readonly page: string
}

/** In milliseconds, since it was last asked. */
export interface Lag {
  readonly p99: number
  readonly max: number
  /** Time of the processor. */
  readonly worked: number
}

const app = await startApp(
  { after: (end) => process.on('disconnect', () => void end()) },
  { env: { RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '1000000' } },
)
const { token, provider } = await startDirectory(app)
const session = await app.signIn(app.cast.ada)
const hurry = setInterval(() => app.clock.advance(2_000), 10)
process.on('disconnect', () => clearInterval(hurry))

let before = process.cpuUsage()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
process.on('message', () => {
  const { user, system } = process.cpuUsage(before)
  const worked = (user + system) / 1e3
  const lag: Lag = { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, worked }
  delay.reset()
  before = process.cpuUsage()
  process.send!(lag)
})
const page = `/w/acme/settings/single-sign-on/${provider.id}/directory`
process.send!({ url: app.url, token, session, page } satisfies DirectoryListening)
