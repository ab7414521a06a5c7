// A forecast on a target that is away: its round ends until the searches are tried again, holding no slot
// meanwhile, and whoever stops it then stops these searches, too.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { cancelBacktest } from '#domain/changes/backtest-start.ts'
import { selectItems } from '#domain/changes/backtest-store.ts'
import { getForecast, startForecast } from '#domain/changes/forecast.ts'
import { NewForecast } from '#domain/changes/forecast-input.ts'
import { createRule } from '#domain/rules/actions.ts'
import { getSearch } from '#domain/searches/reading.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { nextTurn } from '#platform/turns.ts'
import { startStandin } from '#standins/server.ts'
import { ruleText } from '#test/support/rule-text.ts'
import { startApp } from '#test/support/start-app.ts'

test('while its target is away a forecast holds no slot, and can be stopped', async (t) => {
  const app = await startApp(t, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  const { house, clock, runner } = app
  const caller = () => systemCaller(house, 'test', undefined, app.acme.id)
  const standin = await startStandin(() => new Response('away', { status: 503 }), { clock })
  t.after(() => standin.stop())
  const wish = NewTarget.parse({ name: 'away', kind: 'splunk', settings: { url: standin.url } })
  const { target } = await addTarget(house, caller(), wish)
  const credential = { kind: 'basic', user: 'reader', password: 'reader' } as const
  await setCredential(house, caller(), target.id, { purpose: 'read', credential })
  await nextTurn()
  const made = { text: ruleText('title: Away\n'), reason: '', origin: 'written' } as const
  const { rule } = await createRule(house, caller(), made)
  await nextTurn()
  const wanted = NewForecast.parse({ targetId: target.id, ids: [rule.id], days: 1 })
  const { id } = await startForecast(house, caller(), wanted)
  await runner.drain()
  await nextTurn()
  const { counts, jobId, state } = await getForecast(house, caller(), id)
  assert.deepEqual([state, counts.asking], ['running', 1])
  const round = await house.jobs.find(caller().scope, jobId!)
  const [item] = await selectItems(house.db.read(caller().scope), caller().scope, id)
  const search = await getSearch(house, caller(), item!.afterSearchId!)
  const attempt = await house.jobs.find(caller().scope, search.segments[0]!.jobId!)
  assert.deepEqual([round.state, attempt.state], ['queued', 'queued'])
  assert.equal(round.runAt, attempt.runAt, 'it looks again when the target is asked again')
  await cancelBacktest(house, caller(), id)
  await app.runner.drain()
  assert.equal((await getForecast(house, caller(), id)).state, 'cancelled')
  const { segments } = await getSearch(house, caller(), item!.afterSearchId!)
  assert.equal(segments[0]!.state, 'cancelled')
})
