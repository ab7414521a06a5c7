// How many hits an exclusion was counted to hide, as the API tells it.

import { z } from 'zod'
import type { Hidden } from '#domain/rules/exclusions/hidden.ts'
import { formatInstant } from '#kernel/time.ts'
import { InstantText, named } from './shapes.ts'

/** `count` is at least so many where it is not whole, and null where nobody could tell. */
export const HiddenShape = z
  .strictObject({
    count: z.int().nullable(),
    of: z.int(),
    isWhole: z.boolean(),
    reason: z.string().nullable(),
    from: InstantText,
    to: InstantText,
    countedAt: InstantText,
  })
  .register(named, { id: 'HitsHidden' })

/** `hitsHidden` is the whole number or null. */
export function hiddenShapes(hidden: Hidden | null): {
  readonly hitsHidden: number | null
  readonly hidden: z.input<typeof HiddenShape> | null
} {
  if (hidden === null) return { hitsHidden: null, hidden: null }
  const { count, of, isWhole, reason, from, to, countedAt } = hidden
  return {
    hitsHidden: isWhole ? count : null,
    hidden: {
      count,
      of,
      isWhole,
      reason,
      from: formatInstant(from),
      to: formatInstant(to),
      countedAt: formatInstant(countedAt),
    },
  }
}
