// The steps about SIEMs, with `--with-siems`: those that stand in for real ones become targets, each is
// checked, and one question goes to all of them at once. One lets nobody in, and is told apart.

import { systemCaller } from '#domain/access/system.ts'
import { listRules } from '#domain/rules/reading.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { getSearch } from '#domain/searches/reading.ts'
import type { Search } from '#domain/searches/search.ts'
import { addTarget, listTargets, requestCheck, seeTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Target, TargetHealth } from '#domain/targets/target.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { EstateTarget } from '#cli/shell.ts'
import { followJob } from './follow-job.ts'
import type { DemoWorld } from './steps.ts'
import { expect, type Step } from './story.ts'

export const SIEM_STEPS: readonly Step<DemoWorld>[] = [
  { title: 'start SIEMs that stand in for real ones', run: startSiems },
  { title: 'add each as a target that is only read, and check it', run: addTargets },
  { title: 'read the rules that live there', run: readRules },
  { title: 'ask one question of all of them at once', run: askAll },
]

/** As they are looked for: it fires at every site. */
const RULE = 'whoami as system'

/** What a person finds where. */
export function* tellTargets({ estate }: DemoWorld): Iterable<string> {
  if (estate === undefined) return
  yield 'targets of Acme:'
  const width = Math.max(...estate.targets.map(({ name }) => name.length))
  for (const { name, about, settings } of estate.targets) {
    yield `  ${name.padEnd(width)}  ${addressesIn(settings)}  ${about}`
  }
}

function addressesIn(settings: EstateTarget['settings']): string {
  const texts = Object.values(settings).map(String)
  return texts.filter((text) => text.startsWith('http')).join(' ')
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

async function readRules(world: DemoWorld): Promise<string> {
  const { house, targets } = parts(world)
  const { signal } = new AbortController()
  const told: string[] = []
  for (const target of await listAll(world)) {
    const known = targets.find(({ name }) => name === target.name)
    if (known === undefined || known.isLocked) continue
    const port = await connectTarget(house, callerOf(world), target, { purpose: 'read' })
    const { rules, completeness } = await port.rules!.list(signal)
    expect(completeness.kind === 'complete', `all rules of ${target.name} are read`)
    told.push(`${target.name} ${rules.length}`)
  }
  return told.join(', ')
}

async function askAll(world: DemoWorld): Promise<string> {
  const { house, targets } = parts(world)
  const caller = callerOf(world)
  const filter = { filter: { q: RULE }, sort: 'title', limit: 1 } as const
  const [rule] = (await listRules(house, caller, filter)).items
  expect(rule, `there is a rule “${RULE}”`)
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
