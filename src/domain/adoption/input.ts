// What doors say of the inventory: how it is narrowed, and what shall be adopted.

import { z } from 'zod'
import { ID_PREFIXES, isId, type DependencyId, type ObservedId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import { OWNERSHIPS } from './observed.ts'

const Flag = z.enum(['yes', 'no'])
export const ObservedIdText = z
  .string()
  .refine((text): text is ObservedId => isId(ID_PREFIXES.observed, text), 'is no id of such a rule')

export const ADOPTED = ['yes', 'no', 'drifted', 'observe', 'managed'] as const
export const SORTS = ['name', '-changedAt'] as const

/** Days: what the list says of `changed`. */
export const CHANGED_SINCE = { '1d': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const

export const ObservedFilter = z.strictObject({
  q: z.string().trim().max(200).optional(),
  type: z.string().max(50).optional(),
  enabled: Flag.optional(),
  adopted: z.enum(ADOPTED).optional(),
  /** By somebody besides us. */
  managed: Flag.optional(),
  changed: z.enum(['1d', '7d', '30d']).optional(),
  missing: Flag.optional(),
  editable: Flag.optional(),
  /** That build on this. */
  dependency: z
    .string()
    .refine((text): text is DependencyId => isId(ID_PREFIXES.dependency, text), 'is no such id')
    .optional(),
})
export type ObservedFilter = z.output<typeof ObservedFilter>
export type ObservedSort = (typeof SORTS)[number]

/** One, many, or all that the filter finds and nobody adopted yet. */
export const AdoptWish = z
  .strictObject({
    ids: z.array(ObservedIdText).min(1).max(1_000).optional(),
    filter: ObservedFilter.optional(),
    ownership: z.enum(OWNERSHIPS).default('observe'),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'say ids or a filter, one of them',
  })
export type AdoptWish = z.output<typeof AdoptWish>

/** What a wish is about. */
export type Chosen = Pick<AdoptWish, 'ids' | 'filter'>
