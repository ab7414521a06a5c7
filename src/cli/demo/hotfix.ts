// At night nobody is there to sign: a rule is paused at once, for a short time, and runs again by itself.

import { setTimeout as wait } from 'node:timers/promises'
import { getHotfix } from '#domain/deployments/hotfix-actions.ts'
import { startHotfix } from '#domain/deployments/hotfix-making.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { RuleId } from '#kernel/id.ts'
import { HOUR, SECOND } from '#kernel/time.ts'
import { as, localTarget, type Team } from './changes.ts'
import { expect } from './story.ts'

const LOOK_MS = 100
const PATIENCE_MS = 60 * SECOND
/** Hours in earnest; seconds here, so that its end can be watched. */
const LASTS_MS = 3 * SECOND

export async function pauseForAWhile(team: Team, ruleId: RuleId): Promise<string> {
  const { house } = team
  const { id: targetId } = await localTarget(team)
  const stateNow = async () => {
    const [found] = await listPlacements(house, as(team, 'ravi'), { ruleIds: [ruleId], targetId })
    return found?.state
  }
  const seen: unknown[] = [await stateNow()]
  const { id } = await startHotfix(house, as(team, 'ravi'), {
    ruleId,
    kind: 'pause',
    values: [],
    hours: LASTS_MS / HOUR,
    reason: 'the inventory server is being moved',
  })
  const until = house.clock.monotonicMs() + PATIENCE_MS
  for (;;) {
    const { state } = await getHotfix(house, as(team, 'ravi'), id)
    const standing = await stateNow()
    if (seen.at(-1) !== standing) seen.push(standing)
    if (state === 'reverted' && seen.length > 2) break
    expect(house.clock.monotonicMs() < until, 'the hotfix ends by itself')
    await wait(LOOK_MS)
  }
  expect(seen.join(' → ') === 'live → paused → live', `it is as it was (${seen.join(' → ')})`)
  return `${seen.join(' → ')}: without a signature, for ${LASTS_MS / SECOND} s here and at most 24 h elsewhere`
}
