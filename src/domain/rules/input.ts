// What doors accept about rules: texts, edits, and what a list of them may be narrowed by.

import { z } from 'zod'
import { ID_PREFIXES, isId, type ImportId, type RuleId } from '#kernel/id.ts'
import { RULE_BYTES_MAX } from '#kernel/limits.ts'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { BACKENDS, BUILTIN_NAMES } from '#languages/sigma/names.ts'
import { CONFLICT_CHOICES } from '#domain/rules/imports/import.ts'
import { KINDS } from '#domain/rules/renders/kinds.ts'
import { UPSTREAM_CHOICES } from '#domain/rules/upstreams/upstream.ts'
import { GroupSlug, LEVELS, Owner, STATUSES } from './product-key.ts'
import { RULE_SORTS, TESTS_FILTERS } from './list.ts'
import { RULE_FORMATS, RULE_STATES } from './rule.ts'

const FILES_MAX = 500
const EVENTS_MAX = 10_000
const PIPELINES_MAX = 10
/** Each is examined and compiled before the answer. */
export const TEXTS_MAX = 100
export const SAME_MAX = 1_000
const TESTED_MAX = 10_000

const RuleText = z.strictObject({
  /** Names the text in answers. */
  path: z.string().min(1).max(500).default('rule.yml'),
  text: z.string().max(RULE_BYTES_MAX),
})

const Rules = z.array(RuleText).min(1).max(FILES_MAX)

export const RulesToLint = z.strictObject({ rules: Rules })

export const RulesToConvert = z.strictObject({
  rules: Rules,
  to: z.enum(BACKENDS),
  pipelines: z.array(z.enum(BUILTIN_NAMES)).max(PIPELINES_MAX).default([]),
})

export const RulesToMatch = z.strictObject({
  rules: Rules,
  events: z.array(z.record(z.string(), z.unknown())).max(EVENTS_MAX),
  timeField: z.string().min(1).max(500).optional(),
})

const Reason = z.string().trim().max(2_000).default('')
const Text = z.string().min(1).max(RULE_BYTES_MAX)

const Name = (chars: number) => z.string().trim().min(1).max(chars).regex(ONE_LINE, NOT_ONE_LINE)

/** A rule file with one document. */
export const NewRuleInput = z.strictObject({ text: Text, reason: Reason })
export const RuleEditInput = z.strictObject({ text: Text, reason: Reason })
export const NewGroupInput = z.strictObject({
  slug: GroupSlug,
  name: Name(100),
})
export const GroupChangeInput = NewGroupInput.pick({ name: true })
const ViewName = Name(100)
export const NewViewInput = z.strictObject({
  name: ViewName,
  /** What the address of the list says behind its `?`; what does not fit there is left out later. */
  query: z.string().max(4_000),
})
export const ViewChangeInput = z
  .strictObject({
    name: ViewName.optional(),
    /** The one that the list begins with. */
    isDefault: z.boolean().optional(),
  })
  .refine(({ name, isDefault }) => name !== undefined || isDefault !== undefined, {
    message: 'Name what shall be another.',
  })
export const RestoreInput = z.strictObject({ version: z.int().min(1), reason: Reason })

export type RulesToLint = z.infer<typeof RulesToLint>
export type RulesToConvert = z.infer<typeof RulesToConvert>
export type RulesToMatch = z.infer<typeof RulesToMatch>

const RuleRef = z.string().refine((text): text is RuleId => isId(ID_PREFIXES.rule, text))
const Version = z.int().min(1)
const Place = { path: z.string().min(1).max(1_000), document: z.int().min(0).max(10_000) }

export const TextsWanted = z.strictObject({
  versions: z
    .array(z.strictObject({ rule: RuleRef, version: Version }))
    .min(1)
    .max(TEXTS_MAX),
})

export const FilesToPush = z.strictObject({
  files: z
    .array(
      z.strictObject({
        ...Place,
        text: Text,
        over: z.strictObject({ rule: RuleRef, version: Version }).optional(),
      }),
    )
    .max(TEXTS_MAX),
  same: z
    .array(z.strictObject({ ...Place, rule: RuleRef, version: Version }))
    .max(SAME_MAX)
    .default([]),
})

const IMPORTED_MAX = 2_000

/** A few files; more come as an archive. */
export const RulesToImport = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(1_000), text: z.string() }))
    .min(1)
    .max(IMPORTED_MAX),
})

/** As a query says it. */
const Flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')

export const ImportQuery = z.strictObject({
  conflicts: z.enum(CONFLICT_CHOICES).default('keep'),
  allOrNothing: Flag,
  keepBroken: Flag,
  /** What people call it in the list of imports. */
  source: z.string().trim().min(1).max(200).optional(),
})

export const StartImportInput = z.strictObject({
  conflicts: z.enum(CONFLICT_CHOICES),
  allOrNothing: z.boolean().default(false),
  keepBroken: z.boolean().default(false),
})

/** One event, and the rule that judges it: one that is kept here, or a text. */
export const ExplainInput = z
  .strictObject({
    ruleId: RuleRef.optional(),
    text: Text.optional(),
    event: z.record(z.string(), z.unknown()),
  })
  .refine(({ ruleId, text }) => (ruleId === undefined) !== (text === undefined), {
    message: 'names a rule by ruleId or by its text, one of both',
  })
export type ExplainInput = z.infer<typeof ExplainInput>

export const EVENT_CHARS_MAX = 100_000

/** An event as text, to be made a test case. */
export const NewCase = z.strictObject({
  name: Name(500),
  event: z
    .string()
    .max(EVENT_CHARS_MAX)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' })
        return z.NEVER
      }
    })
    .pipe(z.record(z.string(), z.unknown())),
})
export type NewCase = z.infer<typeof NewCase>

const OneWord = z.string().trim().min(1).max(200)

/** Several of them in one parameter, separated by commas. */
function listOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)).min(1).max(50))
    .optional()
}

/** What a list of rules may be narrowed and sorted by, as it stands in an address. */
export const RuleListQuery = z.strictObject({
  q: z.string().max(500).optional(),
  level: listOf(LEVELS),
  status: listOf(STATUSES),
  state: listOf(RULE_STATES),
  tag: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(OneWord).min(1).max(20))
    .optional(),
  technique: z
    .string()
    .regex(/^[tT]\d{4}(?:\.\d{3})?$/, 'is no technique: T1059 or T1059.001')
    .optional(),
  owner: z.string().max(254).optional(),
  group: z.string().max(64).optional(),
  product: z.string().max(200).optional(),
  category: z.string().max(200).optional(),
  service: z.string().max(200).optional(),
  writtenAs: listOf(RULE_FORMATS),
  problems: z.enum(['errors', 'warnings', 'none']).optional(),
  compiles: listOf(KINDS),
  refuses: listOf(KINDS),
  renders: z.literal('pending').optional(),
  import: z
    .string()
    .refine((text): text is ImportId => isId(ID_PREFIXES.import, text), 'is no import')
    .optional(),
  tests: z.enum(TESTS_FILTERS).optional(),
  sort: z.enum(RULE_SORTS).default('title'),
})

/** Parameters of the list, as its address has them. */
const ListParameters = z
  .record(z.string(), z.string())
  .refine((filter) => RuleListQuery.safeParse(filter).success, 'is no filter of the list')

/** Which rules to test: by one of them. */
export const TestsInput = z
  .strictObject({
    ruleIds: z.array(RuleRef).min(1).max(TESTED_MAX).optional(),
    groupId: z
      .string()
      .refine((text) => isId(ID_PREFIXES.group, text), 'is no id of a group')
      .optional(),
    /** Slug, as rules name it. */
    group: z.string().min(1).max(64).optional(),
    filter: ListParameters.optional(),
    all: z.literal(true).optional(),
  })
  .refine((wanted) => Object.values(wanted).filter((one) => one !== undefined).length === 1, {
    message: 'Name rules, a group, a filter, or all.',
  })
export type TestsInput = z.infer<typeof TestsInput>

export const BulkEdit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('addTag'), tag: OneWord }),
  z.strictObject({ kind: z.literal('removeTag'), tag: OneWord }),
  z.strictObject({ kind: z.literal('level'), level: z.enum(LEVELS) }),
  z.strictObject({ kind: z.literal('group'), group: GroupSlug.nullable() }),
  z.strictObject({ kind: z.literal('owner'), owner: Owner.nullable() }),
  z.strictObject({ kind: z.literal('retire') }),
  z.strictObject({ kind: z.literal('revive') }),
])
export type BulkEdit = z.infer<typeof BulkEdit>

/** Which rules, and what is done to them: those named, or all that a list shows. */
export const BulkRequest = z
  .strictObject({
    edit: BulkEdit,
    ids: z
      .array(z.string().refine((text) => isId(ID_PREFIXES.rule, text), 'is no id of a rule'))
      .min(1)
      .max(500)
      .optional(),
    filter: ListParameters.optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'names rules by ids or by a filter, one of both',
  })
export type BulkRequest = z.infer<typeof BulkRequest>

const Said = (chars: number) =>
  z
    .string()
    .trim()
    .max(chars)
    .transform((text) => (text === '' ? null : text))
    .nullable()
    .default(null)

export const NewUpstreamInput = z.strictObject({
  name: Name(100),
  address: Said(500),
  licence: Said(200),
  author: Said(200),
})

/** How people call a bundle, and where the repository stood. */
export const BundleInput = z.strictObject({
  label: Said(100),
  commit: Said(100),
})

export const PlanChoiceInput = z.strictObject({ choice: z.enum(UPSTREAM_CHOICES) })
export const ApplyInput = z.strictObject({ addsNew: z.boolean() })

/** What a job of many rules does: a change, or taking one back. */
export const BulkWork = z.union([
  BulkRequest,
  z.strictObject({ undo: z.string().refine((text) => isId(ID_PREFIXES.job, text)) }),
])
export type BulkWork = z.infer<typeof BulkWork>
