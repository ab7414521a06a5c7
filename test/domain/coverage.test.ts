// What covers a technique: decided from facts, and seen on the sandbox while a log source stops and comes
// back, with a clock that is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsOf, judgeWorth, type PlaceFacts, type Proof } from '#domain/health/coverage.ts'
import { coverageLayer, readCoverage, readTrend } from '#domain/health/covering.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { listRules } from '#domain/rules/reading.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { START } from '#test/support/clock.ts'
import { healthWorld, type HealthWorld } from '#test/support/health.ts'

const FINE: PlaceFacts = {
  placement: 'live',
  isAway: false,
  health: 'healthy',
  healthReason: 'so',
  flow: 'flowing',
  tests: 'passed',
  silencedBy: null,
}

const WORTHS: readonly (readonly [Partial<PlaceFacts>, verdict: string])[] = [
  [{}, 'proves null'],
  [{ placement: 'paused' }, 'fails silenced'],
  [{ placement: 'missing' }, 'fails drifted'],
  [{ placement: 'drifted' }, 'fails drifted'],
  [{ placement: 'soaking' }, 'doubtful soaking'],
  [{ placement: 'unknown' }, 'untold untold'],
  [{ isAway: true, health: 'unknown' }, 'untold untold'],
  [{ isAway: true, placement: 'paused' }, 'fails silenced'],
  [{ silencedBy: 'an exclusion' }, 'fails silenced'],
  [{ health: 'silently_broken', flow: 'stopped' }, 'fails source'],
  [{ health: 'silently_broken' }, 'fails broken'],
  [{ health: 'failing' }, 'fails broken'],
  [{ health: 'dead' }, 'doubtful doubtful'],
  [{ health: 'unknown' }, 'doubtful doubtful'],
  [{ flow: 'unknown' }, 'doubtful doubtful'],
  [{ flow: 'stopped' }, 'fails source'],
  [{ tests: 'failed' }, 'fails tests'],
  [{ tests: 'missing' }, 'doubtful tests'],
]

test('a rule proves what it names only while all holds that it takes', () => {
  for (const [change, expected] of WORTHS) {
    const { verdict, why } = judgeWorth({ ...FINE, ...change })
    assert.equal(`${verdict} ${why}`, expected, JSON.stringify(change))
  }
})

test('only what was covered is lost, and only for a known reason', () => {
  const place = (verdict: Proof['verdict'], proved: readonly string[]): Proof => ({
    series: 1,
    version: 1,
    techniques: ['T1033'],
    proved,
    tests: 'passed',
    verdict,
    why: null,
    reason: '',
    since: START,
    judgedAt: START,
  })
  const once = ['T1033']
  const cases: readonly (readonly [readonly Proof[], string])[] = [
    [[place('proves', once), place('fails', once)], 'covered'],
    [[place('fails', once), place('doubtful', [])], 'lost'],
    [[place('fails', [])], 'unproven'],
    [[place('doubtful', once)], 'unproven'],
    [[place('untold', once), place('fails', once)], 'unknown'],
    [[place('untold', []), place('fails', once)], 'lost'],
    [[place('untold', [])], 'unknown'],
  ]
  for (const [places, state] of cases) {
    assert.equal(cellsOf(places).get('T1033')?.state, state, JSON.stringify(places))
  }
})

const ruleText = (
  title: string,
  technique: string,
  category: string,
  image: string,
) => `title: ${title}
level: high
tags: [attack.discovery, attack.${technique}]
logsource: {category: ${category}, product: windows}
detection: {selection: {Image|endswith: '\\${image}'}, condition: selection}
rulewright:
  tests:
    - {name: fires, expect: match, events: [{Image: 'C:\\${image}'}]}
    - {name: rests, expect: no_match, events: [{Image: 'C:\\other.exe'}]}
`

async function deployTested(world: HealthWorld, text: string) {
  const rule = await world.deploy(text)
  await runTests(world.app.house, world.admin(), rule.id)
  await nextTurn()
  return rule
}

test('a log source that stops loses exactly what hangs on it within one look, and brings it back', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const whoami = await deployTested(
    world,
    ruleText('Who', 't1033', 'process_creation', 'whoami.exe'),
  )
  await deployTested(world, ruleText('Loaded', 't1574.001', 'image_load', 'bad.exe'))
  await world.deploy(ruleText('Untested', 't1007', 'image_load', 'sc.exe'))
  const event = (n: number, category: string, Image: string) => ({
    ...(world.whoami(n) as object),
    logsource: { category, product: 'windows' },
    Image,
  })
  const load = (n: number) => event(n, 'image_load', 'C:\\bad.exe')
  const states = async () => {
    await nextTurn()
    const { cells } = await readCoverage(app.house, admin(), {})
    return Object.fromEntries([...cells.values()].map((cell) => [cell.technique, cell.state]))
  }
  const lookOn = async () => {
    await world.run()
    app.clock.advance(MINUTE)
    await world.look()
    return states()
  }
  await world.look()
  const unproven = { T1033: 'unproven', 'T1574.001': 'unproven', T1007: 'unproven' }
  assert.deepEqual(await states(), unproven, 'nothing has come in yet')

  await world.send([world.whoami(0), load(0)])
  const covered = { ...unproven, T1033: 'covered', 'T1574.001': 'covered' }
  assert.deepEqual(await lookOn(), covered)

  for (let hour = 0; hour < 26; hour++) {
    app.clock.advance(HOUR)
    await world.run()
  }
  await world.send([load(1)])
  assert.deepEqual(await lookOn(), { ...covered, T1033: 'lost' })
  const { cells } = await readCoverage(app.house, admin(), {})
  assert.match(cells.get('T1033')!.places[0]!.reason, /process_creation.* stopped/)
  assert.equal(cells.get('T1033')!.places[0]!.why, 'source')
  const layer = await coverageLayer(app.house, admin(), {})
  assert.deepEqual(
    layer.techniques.map(({ techniqueID, score }) => [techniqueID, score]),
    [
      ['T1007', 40],
      ['T1033', 0],
      ['T1574.001', 100],
    ],
  )
  assert.equal((await readTrend(app.house, admin())).at(-1)?.counts?.lost, 1)

  const shown = await app.fetchAs(app.cast.vera, '/w/acme/coverage?technique=T1033')
  assert.match(await shown.text(), /Lost[\s\S]*stopped: no event for 26 hours/)

  await world.send([world.whoami(2)])
  assert.deepEqual(await lookOn(), covered, 'it comes back with the first event')

  await addExclusion(app.house, admin(), {
    text: `title: Ours\nlogsource: {product: windows}\nfilter: {rules: [${whoami.id}], selection: {User: ci}, condition: not selection}\n`,
    owner: 'ravi@acme.example',
    reason: 'the build',
  })
  await nextTurn()
  assert.deepEqual(await lookOn(), { ...covered, T1033: 'lost' }, 'what is silenced never counts')
  const none = await readCoverage(app.house, admin(), { product: 'linux' })
  assert.equal(none.cells.size, 0)

  // Starter rules for gaps are added many at once, with what they build on, and a change begins with them.
  const { ravi, vera } = app.cast
  const ticked = ['okta/okta-push-fatigue.yml', 'linux/cron-entry-written.yml']
  const press = (starter: readonly string[], who = ravi) =>
    app.fetchAs(who, '/w/acme/coverage/starters', {
      method: 'POST',
      headers: { Origin: app.url, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(starter.map((path): [string, string] => ['starter', path])),
      redirect: 'manual',
    })
  const gaps = async (who = ravi) => (await app.fetchAs(who, '/w/acme/coverage')).text()
  assert.ok(/Add ticked rules[^]*name="starter"/.test(await gaps()))
  assert.ok(!/name="starter"/.test(await gaps(vera)))
  assert.equal((await press(ticked, vera)).status, 403)
  assert.equal((await press(['no/such.yml'])).status, 422)
  const added = await press(ticked)
  assert.equal(added.status, 303)
  await nextTurn()
  const form = await (await app.fetchAs(ravi, added.headers.get('Location')!)).text()
  assert.ok(/Okta - many pushes denied by one person/.test(form) && /2 rules/.test(form))
  const wanted = { filter: {}, sort: 'title', limit: 50 } as const
  const { items: all } = await listRules(app.house, admin(), wanted)
  const items = all.filter(({ title }) => title.startsWith('Okta'))
  assert.equal(items.length, 2, 'the rule that it counts came with it')
})
