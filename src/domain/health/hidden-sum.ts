// What two answers say of what an exclusion hides, and what all places say together. Pure.

import type { Hidden } from '#domain/rules/exclusions/hidden.ts'
import type { Segment } from '#domain/searches/search.ts'

type Answer = Pick<
  Segment,
  'state' | 'completeness' | 'reason' | 'rowCount' | 'timeColumn' | 'targetName'
>

export type HiddenAt =
  | { readonly why: string }
  /** `cut`: why there may be more. */
  | { readonly count: number; readonly of: number; readonly cut: string | null }

/** All that is found with an exclusion is found without it, so that the difference is what it hides. */
export function hiddenAt(without: Answer, withIt: Answer): HiddenAt {
  for (const { state, reason, rowCount, timeColumn, targetName } of [without, withIt]) {
    if (state !== 'succeeded')
      return { why: `${targetName} did not answer. ${reason ?? ''}`.trim() }
    if (rowCount > 0 && timeColumn === null) {
      return { why: 'The query counts over its whole window; its rows are no hits.' }
    }
  }
  // Of what is left only a part is known: the rest may be as much as is hidden.
  const left = cutOf(withIt)
  if (left !== null) return { why: left }
  const count = Math.max(0, without.rowCount - withIt.rowCount)
  return { count, of: without.rowCount, cut: cutOf(without) }
}

function cutOf({ completeness, targetName }: Answer): string | null {
  switch (completeness?.kind) {
    case 'complete':
      return null
    case 'truncated':
      return `${targetName} found more than it could give: ${completeness.limit}.`
    default:
      return `${targetName} answered in part: ${completeness?.reason ?? 'it says no more'}`
  }
}

/** `places` is how many there are; those beyond were not asked. */
export function sumOf(
  found: readonly HiddenAt[],
  places: number,
): Pick<Hidden, 'count' | 'of' | 'isWhole' | 'reason'> {
  if (places === 0) {
    return { count: null, of: 0, isWhole: false, reason: 'Its rules stand at no target.' }
  }
  const known = found.flatMap((one) => ('why' in one ? [] : [one]))
  const reasons = found.flatMap((one) => ('why' in one ? one.why : (one.cut ?? [])))
  if (found.length < places) reasons.push(`${found.length} of ${places} places were asked.`)
  const count = known.reduce((sum, one) => sum + one.count, 0)
  const of = known.reduce((sum, one) => sum + one.of, 0)
  const [reason = null] = reasons
  // That there are at least none says nothing.
  return {
    count: reason !== null && count === 0 ? null : count,
    of,
    isWhole: reason === null,
    reason,
  }
}
