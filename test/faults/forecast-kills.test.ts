// The process is killed during a forecast, at requests it sends and a little after: what was answered is
// not asked again, every rule is asked by one search, and each is measured or unknown with the reason.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { BacktestItem } from '#domain/changes/backtest.ts'
import { selectItems } from '#domain/changes/backtest-store.ts'
import { getForecast, startForecast, type Forecast } from '#domain/changes/forecast.ts'
import { NewForecast } from '#domain/changes/forecast-input.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listSearches } from '#domain/searches/reading.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { BacktestId, RuleId } from '#kernel/id.ts'
import { addMs, formatInstant, HOUR, SECOND, type Instant } from '#kernel/time.ts'
import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { placeEvents, type SampleEvent } from '#standins/estate/events.ts'
import type { Fault } from '#standins/faults.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeFolder } from '#test/support/database.ts'
import { liveAndDie } from '#test/support/killing.ts'
import { ruleText } from '#test/support/rule-text.ts'
import { callerIn, openCrashApp, prepareCrash } from '#test/support/search-crash.ts'

/** Of a life each; RULEWRIGHT_KILLS=100 is the long proof. */
const KILLS = Number(process.env['RULEWRIGHT_KILLS'] ?? '5')
/** So many that a forecast outlives its kills. */
const RULES = Math.min(500, 6 * KILLS + 4)
/** About as many as two rules send. */
const REQUESTS_A_LIFE = 14
/** For a life that sends fewer than it was to be killed at. */
const LEFT_MS = 4 * SECOND
const EVENTS = 60

test(`killed ${KILLS} times during a forecast, it asks each rule once and comes to its end`, async (t) => {
  const clock = { now: () => Date.now() as Instant }
  const placed = placeEvents(splunkRows(), makeEvents(clock.now()))
  const events = placed.map(({ atMs, fields }) => ({
    _time: atMs / 1_000,
    index: 'windows',
    host: 'ws-01',
    ...fields,
  }))
  const estate = makeEstate({ clock, events, jobsMax: 10_000, pollsToDone: 2 })
  const splunk = await startStandin(splunkAnswers(estate), { clock })
  t.after(() => splunk.stop())
  const submitted = countSubmits(splunk)
  const folder = makeFolder(t)
  const workspaceId = await prepareCrash(folder, { splunk: splunk.url, opensearch: splunk.url })
  const id = await begin(folder, workspaceId)
  for (let kill = 0; kill < KILLS; kill++) {
    await liveAndDie({
      run: ['test/support/forecast-crash.ts', folder],
      standins: [splunk],
      path: /\/search\//,
      requests: REQUESTS_A_LIFE,
      leftMs: LEFT_MS,
    })
  }

  const { house, stop } = await openCrashApp(folder)
  t.after(stop)
  const caller = callerIn(house, workspaceId)
  const { state, reason } = await ended(house, workspaceId, id)
  const items = await selectItems(house.db.read(caller.scope), caller.scope, id)
  const count = (wanted: BacktestItem['state']) =>
    items.filter((one) => one.state === wanted).length
  t.diagnostic(
    `${state}: ${count('measured')} measured, ${count('unknown')} unknown; ${submitted.size} jobs`,
  )
  assert.equal(state, 'done', reason ?? '')
  assert.equal(count('measured') + count('unknown'), RULES)
  assert.ok(count('measured') > RULES / 2, 'the premise: many go on')
  for (const { state: of, reason: why, result } of items) {
    if (of === 'unknown') assert.ok(why, 'whoever does not know says why')
    else assert.equal(result!.after, EVENTS / 10)
  }
  const { items: searches } = await listSearches(house, caller, { limit: 500 })
  assert.equal(searches.length, RULES)
  for (const [sid, times] of submitted) assert.equal(times, 1, sid)
  assert.ok(submitted.size <= RULES, 'one job a rule at most')
})

/** Of ten programs. */
function makeEvents(now: Instant): readonly SampleEvent[] {
  return Array.from({ length: EVENTS }, (_, n) => ({
    logsource: { category: 'process_creation', product: 'windows' },
    '@timestamp': formatInstant(addMs(now, -HOUR - n * SECOND)),
    Computer: 'ws-01.acme.example',
    Image: `C:\\p${n % 10}.exe`,
    User: 'ada',
  }))
}

/** A forecast, none of which is asked yet. */
async function begin(folder: string, workspaceId: string): Promise<BacktestId> {
  const { house, runner, stop } = await openCrashApp(folder)
  const caller = () => callerIn(house, workspaceId)
  const ids: RuleId[] = []
  for (let rule = 0; rule < RULES; rule++) {
    const sigmaId = `80167ada-7a12-41ed-b8e9-${String(rule).padStart(12, '0')}`
    const detection = `{sel: {Image|endswith: '\\p${rule % 10}.exe'}, condition: sel}`
    const text = ruleText(`title: Rule ${rule}\nid: ${sigmaId}\ndetection: ${detection}\n`)
    const made = await createRule(house, caller(), { text, reason: '', origin: 'written' })
    ids.push(made.rule.id)
    await nextTurn()
  }
  const { items } = await listTargets(house, caller(), { limit: 10 })
  const targetId = items.find(({ target }) => target.kind === 'splunk')!.target.id
  const wanted = NewForecast.parse({ targetId, ids, days: 1, atOnce: 2, perHour: 3_600 })
  await runner.stop(0)
  const { id } = await startForecast(house, caller(), wanted)
  await stop()
  return id
}

function countSubmits(splunk: Standin): ReadonlyMap<string, number> {
  const jobs = new Map<string, number>()
  const counted: Fault = {
    name: 'counted',
    apply(answer, { body }) {
      const sid = new URLSearchParams(body).get('id')
      // What has none of our ids is no search: readings of the target's state.
      if (sid !== null) jobs.set(sid, (jobs.get(sid) ?? 0) + 1)
      return answer()
    },
  }
  splunk.faults.on({ method: 'POST', path: /\/search\/(?:v2\/)?jobs$/ }, counted)
  return jobs
}

async function ended(house: House, workspaceId: string, id: BacktestId): Promise<Forecast> {
  for (;;) {
    await nextTurn()
    const forecast = await getForecast(house, callerIn(house, workspaceId), id)
    if (forecast.state !== 'running') return forecast
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
