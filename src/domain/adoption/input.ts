// What doors say of the inventory: how it is narrowed, and what shall be adopted.

import { z } from 'zod'
import { ID_PREFIXES, isId, type DependencyId, type ObservedId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import { DEPENDENCY_KINDS, TARGET_NAMES } from './dependency.ts'
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

const chosen = {
  ids: z.array(ObservedIdText).min(1).max(1_000).optional(),
  filter: ObservedFilter.optional(),
}
const isOneOfBoth = ({ ids, filter }: { ids?: unknown; filter?: unknown }) =>
  (ids === undefined) !== (filter === undefined)
const SAY_ONE = { message: 'say ids or a filter, one of them' }

/** One, many, or all that the filter finds and nobody adopted yet. */
export const AdoptWish = z
  .strictObject({ ...chosen, ownership: z.enum(OWNERSHIPS).default('observe') })
  .refine(isOneOfBoth, SAY_ONE)
export type AdoptWish = z.output<typeof AdoptWish>

/** What a wish is about. */
export type Chosen = Pick<AdoptWish, 'ids' | 'filter'>

/** One, many, or all that the filter finds and that are bound. */
export const ReleaseWish = z.strictObject(chosen).refine(isOneOfBoth, SAY_ONE)

/** The target says itself which automation is about a rule, and nobody else can. */
const GIVEN_KINDS = DEPENDENCY_KINDS.filter(
  (kind) => !(TARGET_NAMES as readonly string[]).includes(kind),
)

const MacroDefinition = z.strictObject({
  definition: z.string().min(1).max(64_000),
  arguments: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
})

/** What something is that the target does not tell of. */
export const GivenDependency = z
  .strictObject({
    kind: z.enum(GIVEN_KINDS),
    /** As rules name it; of a macro without the number of its arguments. */
    name: z.string().trim().min(1).max(500),
    definition: z.union([z.string().min(1).max(64_000), z.record(z.string(), z.unknown())]),
  })
  .superRefine(({ kind, definition }, context) => {
    if (kind !== 'macro' || MacroDefinition.safeParse(definition).success) return
    const message = 'of a macro is an object with `definition`, its text, and `arguments`, names'
    context.addIssue({ code: 'custom', path: ['definition'], message })
  })
export type GivenDependency = z.output<typeof GivenDependency>
