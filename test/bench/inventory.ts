// What stands on a target, at the size of a large one: reading 1,200 rules and what they build on, reading
// them again, and the pages of an inventory of 5,000 as somebody signed in gets them.

import type { TestContext } from 'node:test'
import { requestPull } from '#domain/adoption/actions.ts'
import { listDependencies } from '#domain/adoption/dependencies.ts'
import type { Target } from '#domain/targets/target.ts'
import { makeLondon } from '#standins/estate/splunk.ts'
import type { Estate, SavedSearch } from '#standins/splunk/estate.ts'
import { adoptionWorld, splunkEstate, type AdoptionWorld } from '#test/support/adoption.ts'
import { fakeClock } from '#test/support/clock.ts'
import type { Bench, Print } from './bench.ts'

const LARGE = 5_000
const REQUESTS = 100

export const bench: Bench = {
  name: 'inventory of a target',
  async run(print: Print) {
    const ends: (() => unknown)[] = []
    const t = { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
    try {
      const world = await adoptionWorld(t)
      await pullSome(t, world, print)
      await showMany(t, world, print)
    } finally {
      for (const end of ends.toReversed()) await end()
    }
  },
}

async function pullSome(t: TestContext, world: AdoptionWorld, print: Print): Promise<void> {
  const { standin } = await london(t, 1_200)
  const target = await world.addSiem('some', 'splunk', standin.url)
  const first = await cost(() => world.pull(target))
  print('1,200 rules with what they build on, read', `${first.seconds.toFixed(1)} s`, '≤ 60 s')
  print('processor time of that, on all cores', `${first.cpuSeconds.toFixed(1)} s`)
  const again = await cost(() => world.pull(target))
  print('the same once more, nothing changed', `${again.seconds.toFixed(1)} s`)
}

async function showMany(t: TestContext, world: AdoptionWorld, print: Print): Promise<void> {
  const { standin } = await london(t, LARGE)
  const target = await world.addSiem('many', 'splunk', standin.url)
  const { seconds } = await cost(async () => {
    await requestPull(world.app.house, world.admin(), target.id)
    await world.app.runner.drain()
  })
  print('5,000 rules read', `${seconds.toFixed(1)} s`)
  const pages = await pagesOf(world, target)
  for (const [what, path] of pages) {
    const times = await timesOf(world, path)
    const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(1)
    print(`${what}: p50, p95`, `${at(0.5)}, ${at(0.95)} ms`)
  }
}

async function pagesOf({ app, admin }: AdoptionWorld, { id }: Target) {
  const root = `/w/acme/targets/${id}/rules`
  const { items } = await listDependencies(app.house, admin(), { targetId: id, limit: 100 })
  const [most] = items.toSorted((a, b) => b.rules - a.rules)
  return [
    ['the list', root],
    ['by date of change', `${root}?sort=-changedAt`],
    ['narrowed by a word', `${root}?q=shell`],
    ['by type and state', `${root}?type=correlation&enabled=yes&adopted=no`],
    [`what builds on one thing, ${most!.rules} rules`, `${root}?dependency=${most!.id}`],
    ['what rules build on', `${root}/dependencies`],
    ['what adopting all would do', `${root}/adopt`],
  ] as const
}

async function timesOf({ app }: AdoptionWorld, path: string): Promise<readonly number[]> {
  const cookie = `session=${await app.signIn(app.cast.ada)}`
  const times: number[] = []
  for (let at = 0; at < REQUESTS; at++) {
    const began = performance.now()
    const answer = await app.fetch(path, { headers: { cookie } })
    await answer.text()
    times.push(performance.now() - began)
    if (answer.status !== 200) throw new Error(`${answer.status} for ${path}`)
  }
  // The first ones load the code of the page.
  return times.slice(5).toSorted((a, b) => a - b)
}

/** As many rules as wanted: those of one site again and again, under other names. */
async function london(t: TestContext, wanted: number) {
  const estate: Estate = makeLondon(fakeClock(), [])
  const rules = estate.savedSearches.filter(({ settings }) => settings.get('is_scheduled') === '1')
  const many = Array.from({ length: wanted }, (_, at): SavedSearch => {
    const like = rules[at % rules.length]!
    return { ...like, name: `${like.name} ${at}`, settings: new Map(like.settings) }
  })
  const { macros, lookups, dataModels, apps } = estate
  return splunkEstate(t, many, { macros, lookups, dataModels, apps })
}

async function cost(body: () => Promise<unknown>) {
  const [began, used] = [performance.now(), process.cpuUsage()]
  await body()
  const { user, system } = process.cpuUsage(used)
  return { seconds: (performance.now() - began) / 1_000, cpuSeconds: (user + system) / 1e6 }
}
