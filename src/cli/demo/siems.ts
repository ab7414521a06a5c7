// The steps about SIEMs, with `--with-siems`: those that stand in for real ones become targets, the rules
// that live there are adopted and looked at without a write, and one question goes to all of them at once.
// One lets nobody in, and is told apart.

import {
  findPull,
  listObserved,
  proveBaseline,
  requestAdoption,
  requestPull,
} from '#domain/adoption/actions.ts'
import { AdoptWish } from '#domain/adoption/input.ts'
import { listHealth } from '#domain/health/actions.ts'
import { takeSamples } from '#domain/health/sampling.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { systemCaller } from '#domain/access/system.ts'
import { listRules } from '#domain/rules/reading.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { getSearch } from '#domain/searches/reading.ts'
import type { Search } from '#domain/searches/search.ts'
import { addTarget, listTargets, requestCheck, seeTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Target, TargetHealth } from '#domain/targets/target.ts'
import type { UserId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { EstateTarget } from '#cli/shell.ts'
import { followJob } from './follow-job.ts'
import type { DemoWorld } from './steps.ts'
import { expect, type Step } from './story.ts'

/** Before everything else: how a team with a thousand rules begins. */
export const ESTATE_STEPS: readonly Step<DemoWorld>[] = [
  { title: 'start SIEMs that stand in for real ones', run: startSiems },
  { title: 'add each as a target that is only read, and check it', run: addTargets },
  { title: 'read the rules that live there', run: readRules },
  { title: 'adopt the rules of the head office as they are', run: adoptHeadOffice },
  { title: 'see what is broken, silenced or late there', run: seeWhatIsWrong },
  { title: 'see that nothing was written', run: seeNoWrites },
]

/** With the rules that were added meanwhile. */
export const ASKING_STEPS: readonly Step<DemoWorld>[] = [
  { title: 'ask one question of all of them at once', run: askAll },
]

/** As they are looked for: it fires at every site. */
const RULE = 'whoami as system'
const HEAD_OFFICE = 'splunk-london'

/** How the same is asked at a terminal: with a token of ravi's that reads rules and searches. */
export async function tellTerminal(
  { app, acme, asked }: DemoWorld,
  ravi: UserId,
): Promise<readonly string[]> {
  if (!app || !acme || asked === undefined) return []
  const { house } = app
  const admin = systemCaller(house, 'demo', undefined, acme.id)
  const maker = await getMaker(house, admin, ravi)
  const { text } = await addToken(house, admin, maker, {
    name: 'Searches at a terminal',
    kind: 'pat',
    scopes: ['searches:run', 'rules:read'],
    networks: [],
  })
  return [
    'the same question at a terminal:',
    `  RULEWRIGHT_TOKEN=${text} rulewright search --server ${app.url} --rule ${asked}`,
  ]
}

/** What a person finds where. */
export function* tellTargets({ estate }: DemoWorld): Iterable<string> {
  if (estate === undefined) return
  yield 'targets of Acme:'
  const width = Math.max(...estate.targets.map(({ name }) => name.length))
  for (const { name, about, settings } of estate.targets) {
    yield `  ${name.padEnd(width)}  ${addressesIn(settings)}  ${about}`
  }
}

/** Each once: some vendors' services stand in on one port. */
function addressesIn(settings: EstateTarget['settings']): string {
  const texts = Object.values(settings).map(String)
  return [...new Set(texts.filter((text) => text.startsWith('http')))].join(' ')
}

async function startSiems(world: DemoWorld): Promise<string> {
  world.estate = await world.startEstate()
  const { targets } = world.estate
  expect(targets.length > 0, 'there are SIEMs')
  return `${targets.length} of them on loopback, each in its vendor’s words`
}

async function addTargets(world: DemoWorld): Promise<string> {
  const { house, targets } = parts(world)
  const caller = () => callerOf(world)
  const told = await Promise.all(
    targets.map(async (siem) => {
      const { state, reason } = await addSiem(house, caller, siem)
      const wanted = siem.isLocked ? 'unauthorised' : 'healthy'
      expect(state === wanted, `${siem.name} is ${wanted} (${state}: ${reason})`)
      return `${siem.name} ${state}`
    }),
  )
  for (const { id, kind } of await listAll(world)) {
    if (kind === 'local') await followJob(house, caller(), await requestCheck(house, caller(), id))
  }
  return told.join('; ')
}

/** Adds it, tells its credential for reading, and waits until it was checked with it. */
export async function addSiem(
  house: House,
  caller: () => Caller,
  { name, kind, settings, credential }: EstateTarget,
): Promise<TargetHealth> {
  const input = NewTarget.parse({ name, kind, settings, stage: 'production' })
  const { target } = await addTarget(house, caller(), input)
  await nextTurn()
  await setCredential(house, caller(), target.id, { purpose: 'read', credential })
  await followJob(house, caller(), await requestCheck(house, caller(), target.id))
  await nextTurn()
  return (await seeTarget(house, caller(), target.id)).health
}

/** All that stands there, of every target that lets somebody in. */
async function readRules(world: DemoWorld): Promise<string> {
  const { house } = parts(world)
  const told = await Promise.all(
    (await listOpen(world)).map(async ({ id, name }) => {
      const job = await requestPull(house, callerOf(world), id)
      await followJob(house, callerOf(world), job)
      await nextTurn()
      const pull = await findPull(house, callerOf(world), id)
      expect(pull?.state === 'done', `the rules of ${name} are read (${pull?.reason})`)
      expect(pull.completeness?.kind === 'complete', `all rules of ${name} are read`)
      return { name, count: pull.counts.rules }
    }),
  )
  const total = told.reduce((sum, { count }) => sum + count, 0)
  return `${total} rules: ${told.map(({ name, count }) => `${name} ${count}`).join(', ')}`
}

/** All that can be, bound as they are and only watched. */
async function adoptHeadOffice(world: DemoWorld): Promise<string> {
  const { house } = parts(world)
  const target = await headOffice(world)
  const wish = AdoptWish.parse({ filter: {}, ownership: 'observe' })
  const job = await requestAdoption(house, callerOf(world), target.id, wish)
  await followJob(house, callerOf(world), job)
  await nextTurn()
  const adopted = (await findPull(house, callerOf(world), target.id))?.adopted
  expect(adopted && adopted.created > 0, 'rules are adopted')
  const { items } = await listObserved(house, callerOf(world), target.id, {
    filter: { adopted: 'yes' },
    sort: 'name',
    limit: 20,
  })
  for (const { id } of items) {
    const verdict = await proveBaseline(house, callerOf(world), id)
    expect(verdict?.isSound, 'what stood there then is signed')
  }
  return `${adopted.created} rules of ${target.name}, each with a signed baseline`
}

async function headOffice(world: DemoWorld): Promise<Target> {
  const target = (await listOpen(world)).find(({ name }) => name === HEAD_OFFICE)
  expect(target, `there is ${HEAD_OFFICE}`)
  return target
}

/** As its own telemetry tells, and what takes something away from a rule. */
async function seeWhatIsWrong(world: DemoWorld): Promise<string> {
  const { house } = parts(world)
  const { id } = await headOffice(world)
  const { signal } = new AbortController()
  await takeSamples(house, callerOf(world), id, signal)
  await nextTurn()
  const { states } = await listHealth(house, callerOf(world), { filter: {}, limit: 1 })
  const told = Object.entries(states).filter(([, count]) => count > 0)
  expect(told.length > 1, 'not every rule fares alike')
  const { count, counts } = await listSilenced(house, callerOf(world))
  expect(count > 0, 'something is silenced')
  const health = told.map(([state, of]) => `${of} ${state.replaceAll('_', ' ')}`).join(', ')
  const silenced = [...counts].map(([kind, of]) => `${of} ${kind.replaceAll('_', ' ')}`)
  return `${health}; silenced in ${count} ways: ${silenced.join(', ')}`
}

async function seeNoWrites(world: DemoWorld): Promise<string> {
  const writes = await world.estate!.writes()
  expect(writes.length === 0, `nothing was written (${writes.slice(0, 3).join(', ')})`)
  return 'the logs of their requests hold reads alone'
}

async function listOpen(world: DemoWorld): Promise<readonly Target[]> {
  const { targets } = parts(world)
  const open = targets.filter(({ isLocked }) => !isLocked).map(({ name }) => name)
  return (await listAll(world)).filter(({ name }) => open.includes(name))
}

async function askAll(world: DemoWorld): Promise<string> {
  const { house, targets } = parts(world)
  const caller = callerOf(world)
  const filter = { filter: { q: RULE }, sort: 'title', limit: 1 } as const
  const [rule] = (await listRules(house, caller, filter)).items
  expect(rule, `there is a rule “${RULE}”`)
  world.asked = rule.id
  const targetIds = (await listAll(world)).map(({ id }) => id)
  const asked = { question: { ruleId: rule.id }, targetIds, from: caller.now - DAY, to: caller.now }
  const input = SearchInput.parse({ ...asked, purpose: 'the demonstration' })
  const { id, segments } = await startSearch(house, caller, input)
  for (const { jobId } of segments) if (jobId !== null) await followJob(house, caller, jobId)
  await nextTurn()
  const ended = await getSearch(house, callerOf(world), id)
  const locked = new Set(targets.filter(({ isLocked }) => isLocked).map(({ name }) => name))
  for (const { targetName, state, reason, rowCount } of ended.segments) {
    const wanted = locked.has(targetName) ? 'failed' : 'succeeded'
    expect(state === wanted, `${targetName} has ${wanted} (${state}: ${reason})`)
    if (wanted === 'succeeded') expect(rowCount > 0, `${targetName} finds something`)
  }
  return `“${rule.title}”: ${answersOf(ended)}`
}

function answersOf({ segments }: Search): string {
  return segments
    .map(({ targetName, state, rowCount }) =>
      state === 'succeeded' ? `${targetName} ${rowCount}` : `${targetName} did not answer`,
    )
    .join(', ')
}

async function listAll(world: DemoWorld): Promise<readonly Target[]> {
  const { house } = parts(world)
  const { items } = await listTargets(house, callerOf(world), { limit: 50 })
  return items.map(({ target }) => target)
}

function parts({ app, estate }: DemoWorld) {
  expect(app && estate, 'the SIEMs were started')
  return { house: app.house, targets: estate.targets }
}

/** Made for each act: it carries the time. */
function callerOf({ app, acme }: DemoWorld): Caller {
  expect(app && acme, 'there is a workspace for targets')
  return systemCaller(app.house, 'demo', undefined, acme.id)
}
