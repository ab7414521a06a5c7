// Where a rule stands, and what follows for its state: it is active while something it is bound to runs.

import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { permit } from '#domain/access/permission.ts'
import { selectStandings } from './adoption-store.ts'
import { standingOf, type Standing } from './observed.ts'

type Row = Awaited<ReturnType<typeof selectStandings>>[number]

export interface StandsAt extends Row {
  readonly standing: Standing
}

/** The targets on which it was adopted, by name; none for a rule that is not here. */
export async function listStandings(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<readonly StandsAt[]> {
  permit(caller, 'rule.read')
  const rows = await selectStandings(house.db.read(caller.scope), caller.scope, ruleId)
  return rows.map((row) => ({ ...row, standing: standingOfRow(row) }))
}

export async function runningState(tx: Tx, ruleId: RuleId): Promise<'active' | 'paused' | 'draft'> {
  const standings = (await selectStandings(tx, tx.scope, ruleId)).map(standingOfRow)
  const present = standings.filter((one) => one !== 'missing')
  if (present.length === 0) return 'draft'
  return present.every((one) => one === 'paused') ? 'paused' : 'active'
}

function standingOfRow({ isEnabled, hash, missingSince, baseHash }: Row): Standing {
  const observed = { hash, missingSince, isEnabled: isEnabled === null ? null : isEnabled === 1 }
  return standingOf(observed, { hash: baseHash })
}
