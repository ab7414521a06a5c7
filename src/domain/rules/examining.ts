// Texts of rules looked at as whoever keeps or shows them must: by today's date and the version of
// ATT&CK in force, in a worker thread, because they are foreign.

import { attackInForce } from '#domain/instance/attack-in-force.ts'
import { formatInstant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import type { ExaminedRule } from './examined.ts'
import { readRules } from './read-task.ts'

/** In the order of the texts. For actions that have asked for their own verb. Throws `timeout` and `busy`. */
export async function examineTexts(
  house: House,
  caller: Caller,
  texts: readonly string[],
  limits: TaskLimits,
): Promise<readonly ExaminedRule[]> {
  const today = formatInstant(caller.now).slice(0, 10)
  const attack = await attackInForce(house, caller)
  return house.workers.run(readRules, { texts, today, attack }, limits)
}
