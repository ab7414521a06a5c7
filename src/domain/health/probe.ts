// Whether a rule that never fires could have: what stands there is asked as a search over the last day, up
// to its last run. A few rules a look, each once a day, and only those that ran and made no alert.

import type { SiemPort } from '#domain/targets/port.ts'
import type { RuleId } from '#kernel/id.ts'
import { addMs, DAY, MINUTE, type Instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { askOnce } from './ask.ts'
import type { Known } from './rule-store.ts'

export interface OwnMatches {
  readonly found: number
  readonly at: Instant
}

/** Each is a search on the target. */
const RULES_AT_ONCE = 5

/** Those that were not looked at for the longest time first. */
function rulesToProbe(known: readonly Known[], now: Instant): readonly Known[] {
  return known
    .filter(({ outline, figures }) => {
      const { day, month, lastRunAt, own, flow } = figures
      const isSilent = day.alerts === 0 && month.alerts === 0 && (day.ran ?? 0) > 0
      const isDue = own === null || now - own.at >= DAY
      return outline.query !== null && lastRunAt !== null && isSilent && isDue && flow !== 'stopped'
    })
    .toSorted((a, b) => (a.figures.own?.at ?? 0) - (b.figures.own?.at ?? 0))
    .slice(0, RULES_AT_ONCE)
}

/** What cannot be asked says nothing, and is tried again with the next look. */
export async function probeRules(
  house: House,
  port: SiemPort,
  { known, now }: { readonly known: readonly Known[]; readonly now: Instant },
  signal: AbortSignal,
): Promise<ReadonlyMap<RuleId, OwnMatches>> {
  const found = new Map<RuleId, OwnMatches>()
  for (const { ruleId, outline, figures } of rulesToProbe(known, now)) {
    // What came in after the last run was not seen by it.
    const to = addMs(figures.lastRunAt!, -Math.max(outline.everyMs, MINUTE))
    const from = addMs(now, -DAY)
    if (to <= from) continue
    const purpose = 'Whether a rule that does not fire could'
    const answer = await askOnce(house, port, { query: outline.query!, from, to, purpose }, signal)
    const count = answer?.found ?? null
    if (count !== null) found.set(ruleId, { found: count, at: now })
  }
  return found
}
