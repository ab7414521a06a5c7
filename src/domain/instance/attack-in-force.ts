// The version of ATT&CK that rules are compared with, for whoever reads rules.

import { permit } from '#domain/access/permission.ts'
import { openAttack, type Attack, type AttackTable } from '#languages/attack/attack.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { selectTable } from './attack-store.ts'

/**
 * Undefined for the version that came with the product. For actions that have asked for their own
 * verb: what MITRE publishes is nobody's secret. Read each time, so that an import counts at once.
 */
export function attackInForce(
  { db }: Pick<House, 'db'>,
  { scope }: Pick<Caller, 'scope'>,
): Promise<AttackTable | undefined> {
  return selectTable(db.read(scope))
}

/** The same, opened: for the picker and for the badges of rules. */
export async function readAttack(house: House, caller: Caller): Promise<Attack> {
  permit(caller, 'rule.read')
  return openAttack(await attackInForce(house, caller))
}
