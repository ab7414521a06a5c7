// Targets of all six kinds at once, by the whole product over the stand-ins of the demonstration: how long
// until fifty are known, and until one Sigma rule was asked of each, and whether the event loop stays free
// meanwhile. The stand-ins run in this very process, so their work is in the lag.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemCaller } from '#domain/access/system.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { getSearch } from '#domain/searches/reading.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp, startEstate } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import type { Bench, Print } from './bench.ts'

/** Beside them stands the sandbox, which every workspace has. */
const TARGETS = 49

type App = Awaited<ReturnType<typeof startApp>>

export const bench: Bench = {
  name: 'kinds',
  async run(print: Print) {
    const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    const estate = await startEstate()
    const env = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' }
    const app = await startApp({ configuration: testConfiguration(folder, env) })
    try {
      const { house } = app
      const owner = systemCaller(house, 'bench')
      const { id } = await addWorkspace(house, owner, { slug: 'bench', name: 'Bench' })
      await nextTurn()
      await sweep(app, id, estate, print)
      await askAll(app, id, print)
    } finally {
      await app.stop()
      await estate.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function callerIn({ house }: App, workspace: WorkspaceId): Caller {
  return systemCaller(house, 'bench', undefined, workspace)
}

/** Seconds, and the lag of the event loop meanwhile. */
async function measured(work: () => Promise<void>): Promise<readonly [time: string, lag: string]> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now()
  await work()
  const seconds = (performance.now() - startedAt) / 1_000
  delay.disable()
  return [`${seconds.toFixed(1)} s`, `${(delay.percentile(99) / 1e6).toFixed(0)} ms`]
}

async function sweep(
  app: App,
  workspace: WorkspaceId,
  estate: Awaited<ReturnType<typeof startEstate>>,
  print: Print,
): Promise<void> {
  const { house, runner } = app
  const caller = callerIn(app, workspace)
  const siems = [
    ...new Map(
      estate.targets.filter(({ isLocked }) => !isLocked).map((siem) => [siem.kind, siem]),
    ).values(),
  ]
  const [time, lag] = await measured(async () => {
    for (let at = 0; at < TARGETS; at++) {
      const { kind, settings, credential } = siems[at % siems.length]!
      const input = { name: `${kind}-${at}`, kind, settings, checkMinutes: 60 }
      const { target } = await addTarget(house, caller, NewTarget.parse(input))
      await nextTurn()
      await setCredential(house, caller, target.id, { purpose: 'read', credential })
    }
    await runner.drain()
  })
  await nextTurn()
  const { items } = await listTargets(house, caller, { limit: 100 })
  const healthy = items.filter(({ health }) => health.state === 'healthy').length
  print(`${TARGETS} targets of ${siems.length} kinds added and checked`, time)
  print('of them healthy', `${healthy}`)
  print('event loop lag p99 meanwhile', lag)
}

const RULE = `title: Whoami
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\whoami.exe'}
  condition: selection
`

async function askAll(app: App, workspace: WorkspaceId, print: Print): Promise<void> {
  const { house, runner } = app
  const caller = callerIn(app, workspace)
  const { items } = await listTargets(house, caller, { limit: 100 })
  const input = SearchInput.parse({
    question: { language: 'sigma', text: RULE },
    targetIds: items.map(({ target }) => target.id),
    from: caller.now - DAY,
    to: caller.now,
    purpose: 'a measure',
  })
  const started = await startSearch(house, caller, input)
  const [time, lag] = await measured(() => runner.drain())
  await nextTurn()
  const { segments } = await getSearch(house, callerIn(app, workspace), started.id)
  print(`one Sigma rule asked of ${segments.length} targets`, time)
  for (const [kind, own] of Map.groupBy(segments, (segment) => segment.kind)) {
    const ended = own.filter(({ state }) => state === 'succeeded')
    const took = ended.map(({ startedAt, endedAt }) => (endedAt ?? 0) - (startedAt ?? 0))
    const rows = ended.reduce((sum, { rowCount }) => sum + rowCount, 0)
    const most = `${Math.max(0, ...took)} ms`
    print(`  ${kind}: ${ended.length} of ${own.length} answered, ${rows} rows; the slowest`, most)
  }
  print('event loop lag p99 meanwhile', lag)
}
