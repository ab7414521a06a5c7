// The process is killed during searches, at requests it sends and a little after: every segment goes on
// by its remote id or says that nobody can know, and no target is asked twice.

import assert from 'node:assert/strict'
import test from 'node:test'
import { getSearch, listSearches } from '#domain/searches/reading.ts'
import { isOver, type Search } from '#domain/searches/search.ts'
import { SECOND, type Instant } from '#kernel/time.ts'
import { documentsOf, makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import type { Fault } from '#standins/faults.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeFolder } from '#test/support/database.ts'
import { liveAndDie } from '#test/support/killing.ts'
import { callerIn, openCrashApp, prepareCrash } from '#test/support/search-crash.ts'

/** Of a life each; RULEWRIGHT_KILLS=200 is the long proof, for a quarter of an hour. */
const KILLS = Number(process.env['RULEWRIGHT_KILLS'] ?? '15')
/** About as many as a search sends when nobody kills it. */
const REQUESTS_A_LIFE = 9
/** For a life that sends fewer than it was to be killed at. */
const LEFT_MS = 2 * SECOND

test(`killed ${KILLS} times during searches, nothing is asked twice and everything has an end`, async (t) => {
  const clock = { now: () => Date.now() as Instant }
  const splunk = await startStandin(
    splunkAnswers(makeEstate({ clock, events: [], jobsMax: 10_000, pollsToDone: 3 })),
    { clock },
  )
  const cluster = makeCluster({ clock, documents: documentsOf('logs-windows', []) })
  const opensearch = await startStandin(opensearchAnswers(cluster), { clock })
  t.after(async () => {
    await splunk.stop()
    await opensearch.stop()
  })
  const submitted = countSubmits(splunk, opensearch)
  const folder = makeFolder(t)
  const workspaceId = await prepareCrash(folder, { splunk: splunk.url, opensearch: opensearch.url })
  for (let kill = 0; kill < KILLS; kill++) {
    await liveAndDie({
      run: ['test/support/search-crash.ts', folder, workspaceId],
      standins: [splunk, opensearch],
      path: /\/_?search\//,
      requests: REQUESTS_A_LIFE,
      leftMs: LEFT_MS,
    })
  }

  const { house, stop } = await openCrashApp(folder)
  t.after(stop)
  const searches = await settled(house, workspaceId)
  const segments = searches.flatMap((search) => search.segments)
  const count = (state: string) => segments.filter((one) => one.state === state).length
  t.diagnostic(
    `${segments.length} segments: ${count('succeeded')} succeeded, ${count('unknown')} unknown, ${count('failed')} failed; ${submitted.splunk.size} Splunk jobs, ${submitted.views()} views`,
  )
  assert.ok(count('succeeded') > segments.length / 4, 'the premise: many go on')
  for (const { state, reason, targetName } of segments) {
    assert.ok(state === 'succeeded' || state === 'unknown', `${targetName} ${state}: ${reason}`)
    if (state === 'unknown') assert.ok(reason, 'whoever does not know says why')
  }
  for (const [sid, times] of submitted.splunk) assert.equal(times, 1, sid)
  assert.ok(submitted.views() <= segments.length / 2, 'one view a segment at most')
})

function countSubmits(splunk: Standin, opensearch: Standin) {
  const jobs = new Map<string, number>()
  let views = 0
  const counts = (note: (body: string) => void): Fault => ({
    name: 'counted',
    apply: (answer, { body }) => {
      note(body)
      return answer()
    },
  })
  splunk.faults.on(
    { method: 'POST', path: /\/search\/(?:v2\/)?jobs$/ },
    counts((body) => {
      const sid = new URLSearchParams(body).get('id') ?? 'none'
      jobs.set(sid, (jobs.get(sid) ?? 0) + 1)
    }),
  )
  opensearch.faults.on(
    { method: 'POST', path: /\/_search\/point_in_time$/ },
    counts(() => (views += 1)),
  )
  return { splunk: jobs, views: () => views }
}

async function settled(
  house: Parameters<typeof getSearch>[0],
  workspaceId: string,
): Promise<readonly Search[]> {
  const caller = callerIn(house, workspaceId)
  const found: Search[] = []
  let cursor: string | undefined
  do {
    const page = await listSearches(house, caller, { limit: 200, cursor })
    for (const { id } of page.items) found.push(await ended(house, workspaceId, id))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return found
}

async function ended(
  house: Parameters<typeof getSearch>[0],
  workspaceId: string,
  id: Search['id'],
): Promise<Search> {
  for (;;) {
    const search = await getSearch(house, callerIn(house, workspaceId), id)
    if (search.segments.every(({ state }) => isOver(state))) return search
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
