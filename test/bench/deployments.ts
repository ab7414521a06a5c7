// Changes of many rules on their way to targets: what a plan of a thousand rules at three targets costs,
// deploying at the concurrency that is set, and looking for drift afterwards. The targets are stand-ins in
// this very process, so their work is in the figures.

import type { RuleId } from '#kernel/id.ts'
import { openChange } from '#domain/changes/actions.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { planChange } from '#domain/deployments/plan.ts'
import { nextTurn } from '#platform/turns.ts'
import { starterFor, vendorWorld, type Vendor, type VendorWorld } from '#test/support/vendors.ts'
import type { Bench, Print } from './bench.ts'

const RULES = 1_000
const DEPLOYED = 100
const TARGETS: readonly Vendor[] = ['splunk', 'sentinel', 'elastic']

export const bench: Bench = {
  name: 'deployments',
  async run(print: Print) {
    const ends: (() => unknown)[] = []
    try {
      const world = await vendorWorld({ after: (end) => void ends.push(end) })
      await measure(world, print)
    } finally {
      for (const end of ends.toReversed()) await end()
    }
  },
}

async function measure(world: VendorWorld, print: Print): Promise<void> {
  const { app, admin, scan } = world
  const ruleIds: RuleId[] = []
  for (let number = 0; number < RULES; number++) ruleIds.push(await world.keep(textOf(number)))
  const many = await cost(() => open(world, ruleIds, TARGETS))
  print('a change of 1,000 rules at 3 targets, compiled', seconds(many))
  const plan = await cost(() => planChange(app.house, admin(), many.value.id))
  print('the plan of it', seconds(plan), '≤ 5 s')

  const some = ruleIds.slice(0, DEPLOYED)
  const first = await open(world, some, TARGETS)
  const deployed = await cost(() => deploy(world, first.id))
  print(`${DEPLOYED * TARGETS.length} items at 3 targets, deployed`, seconds(deployed))
  const rest = await open(world, ruleIds.slice(DEPLOYED), ['elastic'])
  const large = await cost(() => deploy(world, rest.id))
  print(`${RULES - DEPLOYED} items at one target, deployed`, seconds(large))
  await scan('elastic')
  const sweep = await cost(() => scan('elastic'))
  print('1,000 rules of one target looked over for drift', seconds(sweep), '≤ 30 s')
  if (sweep.value.size > 0) throw new Error('Something seems to drift.')
}

async function open(
  { app, admin, targets }: VendorWorld,
  ruleIds: readonly RuleId[],
  vendors: readonly Vendor[],
) {
  const items = ruleIds.flatMap((ruleId) =>
    vendors.map((vendor) => ({ ruleId, targetId: targets[vendor].id })),
  )
  const wish = { title: 'Many', why: 'A benchmark', origin: 'rules', items } as const
  const change = await openChange(app.house, admin(), wish)
  await nextTurn()
  return change
}

async function deploy({ app, admin, ended }: VendorWorld, id: Parameters<typeof deployChange>[2]) {
  const { deployment } = await ended((await deployChange(app.house, admin(), id)).id)
  if (deployment.state !== 'deployed') throw new Error(deployment.reason ?? deployment.state)
}

function textOf(number: number): string {
  const sigmaId = `b0167ada-7a12-41ed-b8e9-${String(number).padStart(12, '0')}`
  return starterFor('splunk')
    .replace(/^title: (.*)$/m, (_, title) => `title: ${title} ${number}`)
    .replace(/^id: .*$/m, `id: ${sigmaId}`)
}

interface Cost<Value> {
  readonly value: Value
  readonly wallMs: number
  readonly cpuMs: number
}

async function cost<Value>(body: () => Promise<Value>): Promise<Cost<Value>> {
  const [began, used] = [performance.now(), process.cpuUsage()]
  const value = await body()
  const { user, system } = process.cpuUsage(used)
  return { value, wallMs: performance.now() - began, cpuMs: (user + system) / 1_000 }
}

const seconds = ({ wallMs, cpuMs }: Cost<unknown>) =>
  `${(wallMs / 1_000).toFixed(1)} s (${(cpuMs / 1_000).toFixed(1)} s of processor)`
