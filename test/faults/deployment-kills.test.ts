// The process is killed during deployments, at requests it sends and a little after: each rule stands on
// each target exactly once, in the bytes that the product says, or its item is unknown to a person.

import assert from 'node:assert/strict'
import test from 'node:test'
import { isOver } from '#domain/deployments/deployment.ts'
import { getDeployment, listDeployments } from '#domain/deployments/reading.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { SECOND, type Instant } from '#kernel/time.ts'
import { findMarker } from '#languages/rule-formats/write/marker.ts'
import { nextTurn } from '#platform/turns.ts'
import { makeCluster, type Cluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin } from '#standins/server.ts'
import { makeEstate, type Estate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeFolder } from '#test/support/database.ts'
import { liveAndDie } from '#test/support/killing.ts'
import { callerIn, KINDS, openCrashApp, prepareCrash } from '#test/support/deployment-crash.ts'

/** Of a life each; RULEWRIGHT_KILLS=500 is the long proof. */
const KILLS = Number(process.env['RULEWRIGHT_KILLS'] ?? '15')
/** About as many as a life sends when nobody kills it. */
const REQUESTS_A_LIFE = 90
/** For a life that sends fewer than it was to be killed at. */
const LEFT_MS = 6 * SECOND

test(`killed ${KILLS} times during deployments, each rule stands there once or a person is asked`, async (t) => {
  const clock = { now: () => Date.now() as Instant }
  const estate = makeEstate({ clock })
  const cluster = makeCluster({ clock })
  const splunk = await startStandin(splunkAnswers(estate), { clock })
  const opensearch = await startStandin(opensearchAnswers(cluster), { clock })
  t.after(() => Promise.all([splunk.stop(), opensearch.stop()]))
  const folder = makeFolder(t)
  const urls = { splunk: splunk.url, opensearch: opensearch.url }
  const prepared = await prepareCrash(folder, urls)
  const { workspaceId, ruleIds } = prepared
  for (let kill = 0; kill < KILLS; kill++) {
    await liveAndDie({
      run: ['test/support/deployment-crash.ts', folder, workspaceId, ruleIds.join()],
      standins: [splunk, opensearch],
      path: /./,
      requests: REQUESTS_A_LIFE,
      leftMs: LEFT_MS,
    })
  }

  const { house, stop } = await openCrashApp(folder)
  t.after(stop)
  const caller = () => callerIn(house, workspaceId)
  const deployments = await settled(house, workspaceId)
  const count = (state: string) => deployments.filter((one) => one.state === state).length
  const unknown = new Set<string>()
  for (const { id, counts } of deployments) {
    if (counts.unknown === 0) continue
    const { items } = await getDeployment(house, caller(), id)
    for (const { state, ruleId, kind } of items) {
      if (state === 'unknown') unknown.add(`${ruleId} ${kind}`)
    }
  }
  for (const { state, reason } of deployments) {
    if (state !== 'deployed') t.diagnostic(`${state}: ${reason}`)
  }
  t.diagnostic(
    `${deployments.length} deployments: ${count('deployed')} deployed, ${count('rolled_back')} rolled back, ${count('failed')} failed; ${unknown.size} places unknown`,
  )
  assert.ok(count('deployed') > 0, 'the premise: some went on to their end')
  const placements = await listPlacements(house, caller(), {})
  for (const id of ruleIds) {
    for (const kind of KINDS) {
      if (unknown.has(`${id} ${kind}`)) continue
      const marks = marksOn(kind, estate, cluster).filter((one) => one?.ruleId === id)
      const placed = placements.find((one) => one.ruleId === id && one.kind === kind)
      const versions = placed ? [placed.version] : []
      assert.deepEqual(
        marks.map((one) => one?.version),
        versions,
        `${id} on ${kind}`,
      )
    }
  }
})

function marksOn(kind: (typeof KINDS)[number], estate: Estate, cluster: Cluster) {
  const texts =
    kind === 'splunk'
      ? estate.savedSearches.map(({ settings }) => settings.get('description') ?? '')
      : [...cluster.rules.values()].map(({ text }) => text)
  return texts.map(findMarker).filter((one) => one !== undefined)
}

async function settled(house: Parameters<typeof getDeployment>[0], workspaceId: string) {
  for (;;) {
    await nextTurn()
    const caller = callerIn(house, workspaceId)
    const page = await listDeployments(house, caller, { limit: 500 })
    const { items, next } = page
    assert.equal(next, null, 'they fit one page')
    if (items.every(({ state }) => isOver(state))) return items
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
