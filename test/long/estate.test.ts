// The estate of the demonstration is what it says: searches that parse and run but for those that are
// broken on purpose, rules that are Sigma, and a story that some of them tell.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, DAY } from '#kernel/time.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { makeLab } from '#standins/estate/opensearch.ts'
import { makeLondon, makeNewYork } from '#standins/estate/splunk.ts'
import { runSpl } from '#standins/splunk/job.ts'
import { fakeClock, START } from '#test/support/clock.ts'

const clock = fakeClock()
const events = sampleEvents(instant(START - DAY))

test('saved searches of both sites run, but for those that miss something on purpose', () => {
  for (const [estate, brokenCount, leastHits] of [
    [makeLondon(clock, events), 4, 20],
    [makeNewYork(clock, events), 0, 10],
  ] as const) {
    const ran = estate.savedSearches.map(({ name, settings }) => {
      const { answer, problems } = runSpl(estate, `search ${settings.get('search')}`, 'reader', {})
      return { name, hits: answer?.rows.length, problem: problems[0]?.message ?? '' }
    })
    const broken = ran.filter(({ hits }) => hits === undefined)
    assert.equal(broken.length, brokenCount, JSON.stringify(broken))
    assert.ok(broken.every(({ problem }) => /ldn_vip_users|tools_2019/.test(problem)))
    assert.ok(ran.filter(({ hits = 0 }) => hits > 0).length >= leastHits)
    const names = estate.savedSearches.map(({ app, name }) => `${app}/${name}`)
    assert.equal(new Set(names).size, names.length)
  }
})

test('rules of the laboratory are Sigma without an error, and detectors hold what is there', () => {
  const { rules, detectors } = makeLab(clock, events)
  assert.ok(rules.size >= 50)
  for (const { text } of rules.values()) {
    const { problems } = parseSigma(text)
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
      text,
    )
  }
  const held = JSON.stringify([...detectors.values()].map(({ body }) => body))
  for (const [, id = ''] of held.matchAll(/"id":"([0-9a-f-]{36})"/g)) assert.ok(rules.has(id), id)
})
