// A hundred segments at once over stand-ins that run elsewhere: time, memory, and how free the event loop
// stays. Then half a million rows: kept as they come, and streamed to an export, in flat memory.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemCaller } from '#domain/access/system.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { exportRows, getSearch, readFound } from '#domain/searches/reading.ts'
import { isOver, ROWS_MAX } from '#domain/searches/search.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { OpenSiem } from '#domain/targets/port.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import { csvOfRows } from '#http/rows.ts'
import type { SearchId, TargetId } from '#kernel/id.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp } from '#src/app.ts'
import { answeringSiem, COMPLETE } from '#test/support/answering-siem.ts'
import { startStandins } from '#test/support/standins.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import type { Bench, Print } from './bench.ts'

const QUESTION = `title: Whoami
logsource: {category: process_creation, product: windows}
detection: {sel: {CommandLine|contains: whoami}, condition: sel}
`
const SEGMENTS = 100
const PER_SEARCH = 50

export const bench: Bench = {
  name: 'searches',
  async run(print: Print) {
    await manySegments(print)
    await manyRows(print)
  },
}

type App = Awaited<ReturnType<typeof startApp>>

interface Place {
  readonly app: App
  readonly caller: () => Caller
  /** Takes the highest resident memory so far. */
  readonly peakMb: () => number
}

async function inApp(openSiem: OpenSiem | undefined, body: (place: Place) => Promise<void>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
  const env = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1', RULEWRIGHT_JOBS_PER_WORKSPACE_MAX: '64' }
  const configuration = testConfiguration(folder, env)
  const app = await startApp({ configuration, ...(openSiem && { openSiem }) })
  let peak = 0
  const sample = () => (peak = Math.max(peak, process.memoryUsage.rss()))
  const sampling = setInterval(sample, 20)
  try {
    const owner = systemCaller(app.house, 'bench')
    const { id } = await addWorkspace(app.house, owner, { slug: 'bench', name: 'Bench' })
    const caller = () => systemCaller(app.house, 'bench', undefined, id)
    await nextTurn()
    await body({ app, caller, peakMb: () => sample() / 1e6 })
  } finally {
    clearInterval(sampling)
    await app.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function addSiem({ app, caller }: Place, name: string, kind: string, url: string) {
  const input = NewTarget.parse({ name, kind, settings: { url }, checkMinutes: 60 })
  const { target } = await addTarget(app.house, caller(), input)
  const credential = { kind: 'basic', user: 'reader', password: 'reader' } as const
  await setCredential(app.house, caller(), target.id, { purpose: 'read', credential })
  return target.id
}

async function ask({ app, caller }: Place, targetIds: readonly TargetId[], more: object = {}) {
  const { now } = caller()
  const range = { from: now - HOUR, to: now }
  const question = { language: 'sigma', text: QUESTION }
  const input = SearchInput.parse({ question, targetIds, ...range, ...more })
  return (await startSearch(app.house, caller(), input)).id
}

async function settled({ app, caller }: Place, id: SearchId) {
  for (;;) {
    await app.runner.drain()
    await nextTurn()
    const search = await getSearch(app.house, caller(), id)
    if (search.segments.every(({ state }) => isOver(state))) return search
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function manySegments(print: Print): Promise<void> {
  const { urls, stop } = await startStandins()
  await inApp(undefined, async (place) => {
    const targets: TargetId[] = []
    for (let at = 0; at < SEGMENTS; at++) {
      const kind = at % 2 === 0 ? 'splunk' : 'opensearch'
      targets.push(await addSiem(place, `${kind}-${at}`, kind, urls[kind]))
    }
    await place.app.runner.drain()
    const before = place.peakMb()
    const lag = monitorEventLoopDelay({ resolution: 1 })
    lag.enable()
    const startedAt = performance.now()
    const ids = []
    for (let at = 0; at < SEGMENTS; at += PER_SEARCH)
      ids.push(await ask(place, targets.slice(at, at + PER_SEARCH)))
    const searches = []
    for (const id of ids) searches.push(await settled(place, id))
    const seconds = (performance.now() - startedAt) / 1_000
    lag.disable()
    const segments = searches.flatMap((search) => search.segments)
    const rows = segments.reduce((sum, { rowCount }) => sum + rowCount, 0)
    const fine = segments.filter(({ state }) => state === 'succeeded').length
    print(`${SEGMENTS} segments of 500 rows, 16 at once`, `${seconds.toFixed(1)} s`)
    print('of them complete, with all rows', `${fine}, ${rows}`, `${SEGMENTS}, ${SEGMENTS * 500}`)
    print('memory that it took', `${(place.peakMb() - before).toFixed(0)} MB`, '≤ 100 MB')
    print('event loop lag p99 meanwhile', `${(lag.percentile(99) / 1e6).toFixed(0)} ms`, '≤ 200 ms')
    print('longest', `${(lag.max / 1e6).toFixed(0)} ms`)
  })
  stop()
}

const PAGE_ROWS = 1_000

/** Answers with as many rows as are asked for, made a page at a time. */
function endlessSiem(): OpenSiem {
  const { open } = answeringSiem()
  return async (connection) => {
    const port = await open(connection)
    const at = new Date(connection.now() - HOUR / 2).toISOString()
    const columns = ['_time', 'host', 'user', 'CommandLine'].map((name) => ({ name, type: null }))
    return {
      ...port,
      search: {
        ...port.search,
        poll: async () => ({
          kind: 'done',
          found: ROWS_MAX,
          scanned: ROWS_MAX,
          completeness: COMPLETE,
          notices: [],
        }),
        rows: async (_, { after }) => {
          const offset = typeof after === 'number' ? after : 0
          const rows = Array.from({ length: PAGE_ROWS }, (__, n) => {
            const row = offset + n
            return [
              at,
              `ws-${row % 4_000}`,
              'CORP\\ada',
              `powershell.exe -enc ${'SQBF'.repeat(40)}${row}`,
            ]
          })
          const next = offset + PAGE_ROWS >= ROWS_MAX ? null : offset + PAGE_ROWS
          return { columns, rows, next, completeness: COMPLETE }
        },
      },
    }
  }
}

async function manyRows(print: Print): Promise<void> {
  await inApp(endlessSiem(), async (place) => {
    const { app, caller } = place
    const input = {
      name: 'large',
      kind: 'splunk',
      settings: { url: 'https://large.example:8089/' },
    }
    const { target } = await addTarget(app.house, caller(), NewTarget.parse(input))
    const credential = { kind: 'token', token: 'reader-secret' } as const
    await setCredential(app.house, caller(), target.id, { purpose: 'read', credential })
    await app.runner.drain()
    const before = place.peakMb()
    const lag = monitorEventLoopDelay({ resolution: 1 })
    lag.enable()
    let startedAt = performance.now()
    const most = { rows: ROWS_MAX, bytes: 512 * 1024 * 1024 }
    const found = await settled(place, await ask(place, [target.id], most))
    const { segments } = found
    const keeping = (performance.now() - startedAt) / 1_000
    print('500,000 rows kept and sealed', `${keeping.toFixed(1)} s, ${segments[0]?.rowCount} rows`)
    print('memory that it took', `${(place.peakMb() - before).toFixed(0)} MB`, '≤ 100 MB')
    startedAt = performance.now()
    let bytes = 0
    const { search, rows } = await exportRows(app.house, caller(), found.id)
    for await (const line of csvOfRows(search, rows)) bytes += line.length
    const streaming = (performance.now() - startedAt) / 1_000
    print('streamed to an export', `${streaming.toFixed(1)} s, ${(bytes / 1e6).toFixed(0)} MB`)
    print('memory that both took', `${(place.peakMb() - before).toFixed(0)} MB`, '≤ 100 MB')
    startedAt = performance.now()
    await readFound(app.house, caller(), search, { offset: 499_950, limit: 50 })
    print('its last page', `${(performance.now() - startedAt).toFixed(0)} ms`, '≤ 200 ms')
    lag.disable()
    print('event loop lag p99 meanwhile', `${(lag.percentile(99) / 1e6).toFixed(0)} ms`, '≤ 200 ms')
    print('longest', `${(lag.max / 1e6).toFixed(0)} ms`)
  })
}
