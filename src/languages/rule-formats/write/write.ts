// The write body of a rule at a kind of place.

import { writeDefender } from './defender.ts'
import { writeKibana } from './kibana.ts'
import { writeLocal } from './local.ts'
import { writeOpensearch } from './opensearch.ts'
import type { RuleToWrite, Written } from './rule.ts'
import { writeSentinel } from './sentinel.ts'
import { writeSplunk } from './splunk.ts'

const WRITERS = {
  local: writeLocal,
  splunk: writeSplunk,
  sentinel: writeSentinel,
  defender: writeDefender,
  elastic: writeKibana,
  opensearch: writeOpensearch,
} as const satisfies Record<string, (rule: RuleToWrite) => Written>

/** Pure: the same rule is the same body. */
export function writeRule(kind: keyof typeof WRITERS, rule: RuleToWrite): Written {
  return WRITERS[kind](rule)
}
