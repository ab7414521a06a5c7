// What follows exclusions without a person: rules compiled and tested under those in force now, and the
// end of those whose day has passed.

import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { renderPending } from '#domain/rules/renders/actions.ts'
import { runManyTests, type TestsTold, type TestsWatch } from '#domain/rules/testing/actions.ts'
import { renderAffected, tellExclusion } from './save.ts'
import { selectBoundRules, selectExclusions, updateExclusion } from './store.ts'

/** Compiles what is pending of these rules and runs their cases. */
export async function applyExclusions(
  house: House,
  caller: Caller,
  ruleIds: readonly RuleId[],
  watch: TestsWatch,
): Promise<TestsTold> {
  await renderPending(house, caller, new Set(ruleIds))
  await nextTurn() // the reader is not used in the turn of a commit
  return runManyTests(house, caller, { ruleIds }, watch)
}

const AT_ONCE = 50

/** How many there were. Each is an entry of the log; what it was compiled into follows in a job. */
export async function endOverdue(house: House, caller: Caller): Promise<number> {
  let ended = 0
  for (;;) {
    const found = await house.db.write(caller, async (tx) => {
      const wanted = { state: 'overdue', limit: AT_ONCE, after: null, now: caller.now } as const
      const rows = await selectExclusions(tx, tx.scope, wanted)
      const rules = await selectBoundRules(
        tx,
        tx.scope,
        rows.map(({ id }) => id),
      )
      for (const { id, title, endsAt } of rows) {
        await updateExclusion(tx, id, { state: 'ended' })
        await house.audit.record(tx, caller, {
          action: 'exclusion.over',
          target: id,
          data: { title: title.slice(0, 200).toWellFormed(), endsAt },
        })
        tellExclusion(tx, house, id, 'changed')
      }
      await renderAffected(
        tx,
        house,
        caller,
        rules.map(({ id }) => id),
      )
      return rows.length
    })
    ended += found
    if (found < AT_ONCE) return ended
    await nextTurn()
  }
}
