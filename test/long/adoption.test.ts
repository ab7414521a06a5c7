// A company's SIEMs, about a thousand rules of every kind, pulled and adopted: what the product would write
// for each is what stands there, field by field, and nobody wrote anything. Whatever a write would change
// says so and is only observed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addSiem } from '#cli/demo/siems.ts'
import { findPull, listObserved } from '#domain/adoption/actions.ts'
import { listDependencies } from '#domain/adoption/dependencies.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { ObservedFilter } from '#domain/adoption/input.ts'
import { listStandings } from '#domain/adoption/standing.ts'
import { getObserved } from '#domain/adoption/store.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { Target } from '#domain/targets/target.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { fieldsThatDiffer } from '#languages/rule-formats/observed/observed.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { writesOn } from '#standins/estate/writes.ts'
import { startEstate } from '#standins/estate/estate.ts'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { Completeness, ObservedRule } from '#domain/targets/port.ts'
import { makeLondon } from '#standins/estate/splunk.ts'
import { adoptionWorld, splunkEstate, type AdoptionWorld } from '#test/support/adoption.ts'
import { fakeClock } from '#test/support/clock.ts'
import { connectionTo } from '#test/support/siem.ts'
import { smallSiem } from '#test/support/small-siem.ts'

test('every rule of five kinds of SIEM is adopted as it stands, and nothing is written', async (t) => {
  const world = await adoptionWorld(t)
  const { app, admin } = world
  const { house } = app
  const events = sampleEvents(addMs(house.clock.now(), -DAY))
  const estate = await startEstate({ clock: house.clock, events })
  t.after(estate.stop)
  const open = estate.targets.filter(({ isLocked }) => isLocked !== true)
  for (const siem of open) await addSiem(house, admin, siem)
  await app.runner.drain()
  const { items } = await listTargets(house, admin(), { limit: 50 })
  const kinds = new Set<string>()
  let total = 0
  for (const { target } of items.filter((one) => one.target.kind !== 'local')) {
    const pulled = await world.pull(target)
    assert.equal(pulled.reason, null, target.name)
    await world.adopt(target, { filter: {}, ownership: 'managed' })
    const pull = await findPull(house, admin(), target.id)
    assert.ok(pull?.adopted)
    assert.deepEqual(pull.adopted.refused, [], target.name)
    const { compared, observed } = await compareAll(world, target)
    const { rules } = pull.counts
    t.diagnostic(`${target.name}: ${rules} rules, ${compared} equal, ${observed.length} observed`)
    for (const why of new Set(observed)) t.diagnostic(`  ${why}`)
    assert.equal(compared + observed.length, rules, target.name)
    assert.ok(compared > observed.length, `${target.name}: ${observed.join('; ')}`)
    await expectTold(world, target)
    kinds.add(target.kind)
    total += rules
  }
  await nextTurn()
  const { items: closed } = await listSilenced(house, admin(), { kind: 'automation' })
  assert.deepEqual(
    closed.map(({ what, why, rules: named }) => [what, why, named.length > 0]),
    [
      [
        'The automation rule Close what the scanner sets off closes incidents of the rules it names as BenignPositive.',
        'The scanner sets it off every night.',
        true,
      ],
    ],
  )
  assert.ok(kinds.size >= 4 && total >= 800, `the premise: ${kinds.size} kinds, ${total} rules`)
  assert.deepEqual(writesOn(estate.standins), [])
})

/** What there is to tell of: named by rules, and there. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'splunk-london': ['macro', 'lookup', 'datamodel'],
  'elastic-factory': ['exception_list', 'connector'],
  'sentinel-cloud': ['watchlist', 'function', 'automation_rule'],
}

async function expectTold({ app, admin }: AdoptionWorld, { id, name }: Target) {
  const { items } = await listDependencies(app.house, admin(), { targetId: id, limit: 500 })
  for (const what of TOLD[name] ?? []) {
    const told = items.filter((one) => one.kind === what && one.state === 'told')
    assert.ok(told.length > 0, `${name} tells of a ${what}`)
    assert.ok(
      told.every(({ hash, version }) => hash !== null && version === 1),
      `${what} of ${name}`,
    )
    const used = told.filter(({ rules }) => rules > 0)
    assert.ok(used.length > 0, `rules of ${name} build on a ${what}`)
  }
}

test('1,200 rules are pulled, and a change written back by a writer leaves each as it is', async (t) => {
  const clock = fakeClock()
  const london = makeLondon(clock, []).savedSearches
  const many = Array.from({ length: 1_200 }, (_, at) => {
    const like = london[at % london.length]!
    return { ...like, name: `${like.name} ${at}`, settings: new Map(like.settings) }
  })
  const { estate, standin } = await splunkEstate(t, many)
  estate.apps['acme_soc'] = { label: 'Acme SOC', writers: ['writer', 'admin'] }
  const world = await adoptionWorld(t)
  const { app, admin } = world
  const target = await world.addSiem('london', 'splunk', standin.url)
  const began = performance.now()
  await world.pull(target)
  const pull = await findPull(app.house, admin(), target.id)
  const told = pull!.counts.rules
  t.diagnostic(`${told} rules pulled in ${Math.round(performance.now() - began)} ms`)
  assert.ok(told >= 800, `${told} of them are rules`)
  assert.deepEqual(pull!.counts, { rules: told, added: told, changed: 0, missing: 0 })
  assert.deepEqual(writesOn([standin]), [])

  const wanted = { filter: { enabled: 'yes' }, sort: 'name', limit: 30 } as const
  const { items } = await listObserved(app.house, admin(), target.id, wanted)
  await world.adopt(target, { ids: items.map(({ id }) => id), ownership: 'managed' })
  const credential = { kind: 'basic', user: 'writer', password: 'writer' } as const
  const connection = connectionTo({ api: standin.url }, { kind: 'splunk', credential, clock })
  t.after(() => connection.close())
  const { rules } = openSplunk(connection)
  const { signal } = new AbortController()
  const before = new Map((await rules!.list(signal)).rules.map((one) => [one.ref, one]))
  const bound = await listObserved(app.house, admin(), target.id, wanted)
  let written = 0
  for (const { ref, adoption } of bound.items) {
    const renders = await listRenders(app.house, admin(), adoption!.ruleId)
    const body = renders.find(({ kind }) => kind === 'splunk')?.bodies[0]?.body
    const replaces = before.get(ref)!
    await rules!.put({ ref, body: body!, replaces }, signal)
    written++
  }
  assert.equal(written, 30)
  for (const one of (await rules!.list(signal)).rules) {
    const { raw: _, changedAt: _a, ...now } = one
    const { raw: _r, changedAt: _c, ...then } = before.get(one.ref)!
    assert.deepEqual(now, then, one.name)
  }
})

test('a list that was cut marks nothing as gone; a whole one does, and what is back is back', async (t) => {
  const names = ['one', 'two', 'three']
  const rule = (name: string, search = 'index=main'): ObservedRule => ({
    ref: `nobody/search/${name}`,
    name,
    isEnabled: true,
    raw: { name },
    normalised: { search, is_scheduled: '1', cron_schedule: '* * * * *' },
    etag: null,
    changedAt: null,
    changedBy: null,
    notices: [],
  })
  let given: { rules: readonly ObservedRule[]; completeness: Completeness } = {
    rules: names.map((name) => rule(name)),
    completeness: { kind: 'complete' },
  }
  const siem = smallSiem()
  const world = await adoptionWorld(t, (connection) => {
    const port = siem.open(connection)
    return { ...port, rules: { ...port.rules!, list: async () => given } }
  })
  const { app, admin } = world
  siem.accounts.set('reader', { name: 'reader', may: ['search'] })
  const target = await world.addSiem('small', 'splunk', 'https://splunk.example:8089')
  const counts = async () => {
    app.clock.advance(1_000)
    const { reason } = await world.pull(target)
    assert.equal(reason, null)
    return (await findPull(app.house, admin(), target.id))!.counts
  }
  assert.deepEqual(await counts(), { rules: 3, added: 3, changed: 0, missing: 0 })
  await world.adopt(target, { filter: {}, ownership: 'managed' })
  given = { rules: [rule('one', 'index=other')], completeness: { kind: 'partial', reason: 'Cut.' } }
  assert.deepEqual(await counts(), { rules: 1, added: 0, changed: 1, missing: 0 })
  const standings = async (filter: ObservedFilter) => {
    const wanted = { filter, sort: 'name', limit: 10 } as const
    const { items } = await listObserved(app.house, admin(), target.id, wanted)
    return items.map(({ name, adoption }) => `${name} ${adoption?.standing}`)
  }
  assert.deepEqual(await standings({}), ['one drifted', 'three live', 'two live'])
  given = { ...given, completeness: { kind: 'complete' } }
  assert.deepEqual(await counts(), { rules: 1, added: 0, changed: 0, missing: 2 })
  assert.deepEqual(await standings({ missing: 'yes' }), ['three missing', 'two missing'])
  given = { ...given, rules: names.map((name) => rule(name)) }
  assert.deepEqual(await counts(), { rules: 3, added: 0, changed: 1, missing: 0 })
  assert.deepEqual(await standings({}), ['one live', 'three live', 'two live'])
})

/** The body of our rule in the adapter's spelling, against what stands there. */
async function compareAll({ app, admin }: AdoptionWorld, target: Target) {
  const { house } = app
  const { rules } = await connectTarget(house, admin(), target, { purpose: 'read' })
  const observed: string[] = []
  let compared = 0
  let cursor: string | undefined
  do {
    const wanted = { filter: ObservedFilter.parse({}), sort: 'name', limit: 200, cursor } as const
    const page = await listObserved(house, admin(), target.id, wanted)
    for (const { id, name, adoption, observeOnly } of page.items) {
      assert.ok(adoption, name)
      if (observeOnly !== null) {
        observed.push(observeOnly)
        assert.equal(adoption.ownership, 'observe', name)
        continue
      }
      const renders = await listRenders(house, admin(), adoption.ruleId)
      const bodies = renders.find(({ kind }) => kind === target.kind)?.bodies ?? []
      const body = (bodies.find(({ overlay }) => overlay === target.name) ?? bodies[0])?.body
      assert.ok(body, name)
      const standing = await getObserved(house.db.read(admin().scope), admin().scope, id)
      const theirs = standing.body as Readonly<Record<string, Json>>
      assert.deepEqual(fieldsThatDiffer(target.kind, rules!.normalise(body), theirs), [], name)
      const [first] = await listStandings(house, admin(), adoption.ruleId)
      assert.ok(first, 'the rule knows where it stands')
      compared++
    }
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return { compared, observed }
}
