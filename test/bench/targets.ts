// A health sweep: fifty targets checked at once by the whole product over a stand-in, each with both of
// its credentials; how long until all are known, and whether the event loop stays free meanwhile.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemCaller } from '#domain/access/system.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import { systemClock } from '#platform/clock.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp } from '#src/app.ts'
import { startStandin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import type { Bench, Print } from './bench.ts'

const TARGETS = 50

export const bench: Bench = {
  name: 'targets',
  async run(print: Print) {
    const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    const standin = await startStandin(splunkAnswers(makeEstate({ clock: systemClock })), {
      clock: systemClock,
    })
    const env = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' }
    const app = await startApp({ configuration: testConfiguration(folder, env) })
    try {
      await sweep(app, standin, print)
    } finally {
      await app.stop()
      await standin.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function sweep(
  { house, runner }: Awaited<ReturnType<typeof startApp>>,
  { url, requests }: Awaited<ReturnType<typeof startStandin>>,
  print: Print,
): Promise<void> {
  const owner = systemCaller(house, 'bench')
  const { id } = await addWorkspace(house, owner, { slug: 'bench', name: 'Bench' })
  const caller = systemCaller(house, 'bench', undefined, id)
  await nextTurn()
  const names = Array.from({ length: TARGETS }, (_, at) => `splunk-${at}`)
  const targets = []
  for (const name of names) {
    const input = { name, kind: 'splunk', settings: { url }, mode: 'read_write', checkMinutes: 60 }
    targets.push((await addTarget(house, caller, NewTarget.parse(input))).target)
  }
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  const startedAt = performance.now()
  for (const target of targets) {
    for (const [purpose, user] of [
      ['read', 'reader'],
      ['write', 'writer'],
    ] as const) {
      const credential = { kind: 'basic', user, password: user } as const
      await setCredential(house, caller, target.id, { purpose, credential })
    }
  }
  await runner.drain()
  const seconds = (performance.now() - startedAt) / 1_000
  lag.disable()
  await nextTurn()
  const { items } = await listTargets(house, caller, { limit: 100 })
  const known = items.filter(({ health }) => health.facts.identity === 'reader')
  print(
    `${TARGETS} targets, ${2 * TARGETS} credentials typed and checked`,
    `${seconds.toFixed(1)} s`,
  )
  print('of them known', `${known.length}`, String(TARGETS))
  const healthy = items.filter(({ health }) => health.state === 'healthy').length
  print('of them healthy, the sandbox beside them', `${healthy}`)
  print('calls that it took', `${requests.length}`)
  print('event loop lag p99 meanwhile', `${(lag.percentile(99) / 1e6).toFixed(0)} ms`, '≤ 200 ms')
}
