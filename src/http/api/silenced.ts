// `/silenced`: all that makes deployed rules say less than they would.

import { z } from 'zod'
import { SILENCED_KINDS, type Silenced } from '#domain/health/silenced.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { HiddenShape, hiddenShapes } from './hidden-shape.ts'
import { operation } from './operation.ts'
import {
  idOf,
  instantOrNull,
  InstantText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'

const SilencedShape = z
  .strictObject({
    kind: z.enum(SILENCED_KINDS),
    what: z.string(),
    rules: z.array(z.strictObject({ id: RuleIdText, title: z.string() })),
    targetName: z.string().nullable(),
    by: z.string().nullable(),
    why: z.string().nullable(),
    since: InstantText.nullable(),
    endsAt: InstantText.nullable(),
    isOverdue: z.boolean(),
    hitsHidden: z.int().nullable(),
    hidden: HiddenShape.nullable(),
    exclusion: idOf(ID_PREFIXES.exclusion).nullable(),
  })
  .register(named, { id: 'Silenced' })
const ListShape = pageShape(SilencedShape)
  .extend({ count: z.int() })
  .register(named, { id: 'SilencedList' })

export const listSilenced = operation({
  method: 'GET',
  path: '/silenced',
  name: 'listSilenced',
  summary: 'Everything that makes a deployed rule say less than it would',
  about:
    'Exclusions, throttles of the vendor, lists of exceptions, pauses, soaks of more than a week and lower levels, those that end first first; at most 500. `count` is of all. `hitsHidden` in 30 days is null where nobody has counted them to their end; `hidden` says what was counted, at least so many where it is not whole.',
  permission: 'health.read',
  query: z.strictObject({
    kind: z.enum(SILENCED_KINDS).optional(),
    rule: RuleIdText.optional(),
    ...PAGE_QUERY,
  }),
  answer: ListShape,
  async run(call) {
    const { house, caller, query } = call
    const { listSilenced: list } = await import('#domain/health/silencing.ts')
    const { kind, rule } = query
    const wanted = { ...(kind && { kind }), ...(rule && { rule }) }
    const found = await list(house, caller, wanted)
    // Nothing names one of them but its place.
    const all = found.items.map((one, at) => ({ one, at }))
    const name = `silenced ${kind ?? ''} ${rule ?? ''}`
    const { items, next } = pageIn(call, name, all, ({ at }) => String(at))
    return { items: items.map(({ one }) => shapeOf(one)), next, count: found.count }
  },
})

function shapeOf({ exclusionId, since, endsAt, rules, hidden, ...one }: Silenced) {
  return {
    ...one,
    ...hiddenShapes(hidden),
    rules: rules.map(({ id, title }) => ({ id, title })),
    since: instantOrNull(since),
    endsAt: instantOrNull(endsAt),
    exclusion: exclusionId,
  }
}
