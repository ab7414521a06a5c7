// Rules that stand on a target for the looks, each worth something else as cover of ATT&CK.

import { systemCaller } from '#domain/access/system.ts'
import type { Proof } from '#domain/health/coverage.ts'
import { saveDay, saveProof } from '#domain/health/coverage-store.ts'
import { nextSeries, saveKnown, type Known } from '#domain/health/rule-store.ts'
import { place } from '#domain/placements/actions.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { addMs, DAY, instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'

const STOPPED = 'Its log source process_creation windows stopped: no event for 26 hours.'
const CASES: readonly (readonly [Proof['verdict'], Proof['why'], string, readonly string[]])[] = [
  ['proves', null, '', ['T1059.001', 'T1033', 'T1027', 'T1105']],
  ['fails', 'source', STOPPED, ['T1053.005', 'T1490']],
  ['doubtful', 'tests', 'No test shows that it fires.', ['T1110.003', 'T1566']],
  ['untold', 'untold', 'The target does not answer.', ['T1078']],
]

/** After the targets. */
export async function fillCoverage(
  house: House,
  workspaceId: string,
): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const caller = systemCaller(house, 'test', undefined, workspaceId)
  const { items } = await listTargets(house, caller, { limit: 1 })
  const targetId = items[0]!.target.id
  const { now } = caller
  for (const [at, [verdict, why, reason, techniques]] of CASES.entries()) {
    const text = `title: A rule that is ${verdict}\nlogsource: {product: windows}\ndetection: {a: {Id: ${at}}, condition: a}\n`
    const { rule } = await createRule(house, caller, { text, origin: 'written', reason: '' })
    const { id: ruleId, version } = rule
    await house.db.write(caller, async (tx) => {
      await place(tx, house, caller, {
        ruleId,
        targetId,
        ref: `rw-${ruleId}`,
        ownership: 'managed',
        state: 'live',
        version,
        hash: 'a'.repeat(64),
        body: {},
        raw: {},
        etag: null,
        origin: 'deployment',
        deploymentId: null,
        isSigned: true,
        soakUntil: null,
        since: now,
        checkedAt: now,
      })
      const series = await nextSeries(tx)
      const watched = { state: 'unknown', reason, since: now, judgedAt: now, watchedFrom: now }
      // What the list of Health shows; nothing else of them is read here.
      const figures = { perDay: null, lastRunAt: null, budgetPerDay: null }
      const kept = { figures, outline: {} } as unknown as Pick<Known, 'figures' | 'outline'>
      await saveKnown(tx, { series, ruleId, targetId, ...watched, ...kept } as Known)
      const told = { verdict, why, reason, since: now, judgedAt: now }
      const proved = techniques
      await saveProof(tx, { series, version, techniques, proved, tests: 'passed', ...told })
    })
    await nextTurn()
  }
  const today = now - (now % DAY)
  const cells = CASES[0]![3].map((technique) => ({ technique, state: 'covered' as const }))
  await house.db.write(caller, async (tx) => {
    for (let day = 0; day < 40; day++) {
      await saveDay(tx, addMs(instant(today), -day * DAY), cells.slice(day % 7 === 3 ? 1 : 0))
    }
  })
  await nextTurn()
  return [{ name: 'coverage', path: '/w/acme/coverage?technique=T1053' }]
}
