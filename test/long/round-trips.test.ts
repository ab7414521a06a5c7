// Many rules deployed to all vendors at once, version after version, and read again after each: what was
// written is what is read, and nothing ever seems to drift.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openChange } from '#domain/changes/actions.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { RuleId } from '#kernel/id.ts'
import { MINUTE } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { starterFor, VENDORS, vendorWorld, type Vendor } from '#test/support/vendors.ts'

/** RULEWRIGHT_ROUND_TRIPS=1000 is the long proof. */
const WANTED = Number(process.env['RULEWRIGHT_ROUND_TRIPS'] ?? '100')
const RULES_EACH = 10
const ROUNDS = Math.ceil(WANTED / (RULES_EACH * VENDORS.length))

const LEVELS = ['low', 'medium', 'high', 'critical']
const RHYTHMS = ['1h', '3h', '12h']
/** What vendors trim, escape, reorder or spell in other ways. */
const TEXTS = [
  'Plain words.',
  '"Quoted" and \\escaped\\, $with$ signs & ümläuts 検知',
  ' Two lines,\nthe second with blanks at its end  ',
  "It's: <b>50 %</b> \t of them",
]

test(`${ROUNDS * RULES_EACH * VENDORS.length} times what was deployed is read, and nothing drifts`, async (t) => {
  const world = await vendorWorld({ after })
  const { app, admin, targets, keep, ended, scan } = world
  const { house } = app
  const rules: { readonly id: RuleId; readonly vendor: Vendor; readonly number: number }[] = []
  for (const vendor of VENDORS) {
    for (let number = 0; number < RULES_EACH; number++) {
      rules.push({ id: await keep(textOf(vendor, number, 0)), vendor, number })
    }
  }
  const drifted: string[] = []
  let trips = 0
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) {
      for (const { id, vendor, number } of rules) await keep(textOf(vendor, number, round), id)
    }
    app.clock.advance(MINUTE)
    const items = rules.map(({ id, vendor }) => ({ ruleId: id, targetId: targets[vendor].id }))
    const wish = { title: `Round ${round}`, why: 'A test', origin: 'rules', items } as const
    const { id } = await openChange(house, admin(), wish)
    await nextTurn()
    const { deployment } = await ended((await deployChange(house, admin(), id)).id)
    assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
    assert.equal(deployment.counts.done, rules.length, 'each was written')
    for (const [vendor, fields] of await scan()) {
      drifted.push(`${round} ${vendor}: ${fields.map(({ name }) => name).join()}`)
    }
    const ruleIds = rules.map((one) => one.id)
    const places = await listPlacements(house, admin(), { ruleIds })
    assert.ok(places.every((one) => one.state === 'live' && one.version === round + 1))
    trips += places.length
    await nextTurn()
  }
  assert.deepEqual(drifted, [])
  t.diagnostic(`${trips} round trips, ${drifted.length} that seemed to drift`)
})

function textOf(vendor: Vendor, number: number, round: number): string {
  const of = <Item>(list: readonly Item[], more: number) =>
    list[(number + round + more) % list.length]
  const sigmaId = `a0167ada-7a12-41ed-b8e9-${VENDORS.indexOf(vendor)}${String(number).padStart(11, '0')}`
  const text = starterFor(vendor)
    .replace(/^title: (.*)$/m, (_, title) => `title: ${title} ${number}`)
    .replace(/^id: .*$/m, `id: ${sigmaId}`)
    .replace(/^description:.*\n(?: .*\n)*/m, () => `description: ${JSON.stringify(of(TEXTS, 0))}\n`)
    .replace(/^level: .*$/m, `level: ${of(LEVELS, 1)}`)
    .replace(/schedule: \{every: \w+/, `schedule: {every: ${of(RHYTHMS, 2)}`)
    .replace(/window: \w+/, 'window: 12h')
  // References come and go, so that what one version says the next one takes back.
  const references = round % 2 === 0 ? `references: [https://acme.example/${number}]\n` : ''
  return text.replace(/^level:/m, `${references}level:`)
}
