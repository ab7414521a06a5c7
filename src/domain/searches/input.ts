// What doors may ask of searches.

import { z } from 'zod'
import { isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { INSTANT_MAX } from '#kernel/time.ts'
import { QUERY_LANGUAGES } from '#languages/query.ts'
import {
  CAPS_USUAL,
  ROWS_MAX,
  SCANNED_MAX,
  SECONDS_MAX,
  SEGMENT_BYTES_MAX,
  TARGETS_MAX,
} from './search.ts'

const TargetIdText = z
  .string()
  .refine((text): text is TargetId => isId('tgt', text), 'is no id of a target')
const RuleIdText = z
  .string()
  .refine((text): text is RuleId => isId('rul', text), 'is no id of a rule')

export const SEARCH_LANGUAGES = ['sigma', ...QUERY_LANGUAGES] as const

/** A query of somebody's own, or a rule; each target gets it in the language it runs. */
export const SearchQuestion = z.union([
  z.strictObject({
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string().trim().min(1, 'asks nothing').max(QUERY_CHARS_MAX),
  }),
  z.strictObject({ ruleId: RuleIdText }),
])
export type SearchQuestion = z.output<typeof SearchQuestion>

/** What each target is asked for at most. */
export const CapsInput = {
  rows: z.int().min(1).max(ROWS_MAX).default(CAPS_USUAL.rows),
  bytes: z.int().min(1_000).max(SEGMENT_BYTES_MAX).default(CAPS_USUAL.bytes),
  seconds: z.int().min(1).max(SECONDS_MAX).default(CAPS_USUAL.seconds),
  scanned: z.int().min(1).max(SCANNED_MAX).nullable().default(CAPS_USUAL.scanned),
}

export const SearchInput = z.strictObject({
  question: SearchQuestion,
  /** `all` are those that can be asked it. */
  targetIds: z.union([
    z.literal('all'),
    z.array(TargetIdText).min(1, 'names no target').max(TARGETS_MAX),
  ]),
  from: z.int().min(0).max(INSTANT_MAX),
  /** Exclusive. */
  to: z.int().min(0).max(INSTANT_MAX),
  ...CapsInput,
  /** Why, for the log here and, where it can say it, on the target. */
  purpose: z.string().trim().max(500).default(''),
})
export type SearchInput = z.output<typeof SearchInput>

const SavedName = z.string().trim().min(1, 'has no name').max(200).regex(ONE_LINE, NOT_ONE_LINE)
/** Five fields as cron reads them, in UTC; null: asked by hand alone. */
const Cron = z.string().trim().min(1).max(100).nullable()

export const NewSavedSearch = z.strictObject({
  name: SavedName,
  /** With everybody here who may search; else it is its owner's alone. */
  isShared: z.boolean().default(false),
  cron: Cron.default(null),
})
export type NewSavedSearch = z.output<typeof NewSavedSearch>

export const SavedSearchChange = z
  .strictObject({
    name: SavedName.optional(),
    isShared: z.boolean().optional(),
    cron: Cron.optional(),
    isPaused: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'names nothing to change')
export type SavedSearchChange = z.output<typeof SavedSearchChange>

export const NewPin = z.strictObject({
  position: z.int().min(1).max(TARGETS_MAX),
  row: z.int().min(0).max(ROWS_MAX),
  /** Only these columns are kept. */
  columns: z.array(z.string().min(1).max(500)).min(1, 'names no column').max(50),
  note: z.string().trim().max(500).default(''),
})
export type NewPin = z.output<typeof NewPin>
