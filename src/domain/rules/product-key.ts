// What a rule file may say under `rulewright:`, for which Sigma has no place. Each part has a schema of
// its own, so that one bad part costs no other. Keys that are not listed here belong to whoever wrote
// them: they are told once and kept.

import { z } from 'zod'
import { KINDS } from '#domain/rules/renders/kinds.ts'

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Level = (typeof LEVELS)[number]
export const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const
export type Status = (typeof STATUSES)[number]

const Line = z.string().trim().min(1).max(500)
const Prose = z.string().max(100_000)
const Field = z.string().min(1).max(500)
const Duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhdw]$/, 'is a whole number and one of s, m, h, d, w: 5m')
const Address = z.url().max(2_000)
const Vendor = z.record(z.string().max(500), z.unknown())

export const Owner = z.email('is an e-mail address').max(254)
export const GroupSlug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'is a short name: a-z, 0-9 and hyphens')

const Schedule = z
  .object({
    every: Duration.optional(),
    cron: z
      .string()
      .regex(/^\S+(?: \S+){4}$/, 'has five fields, as cron reads them')
      .max(100)
      .optional(),
    offset: Duration.optional(),
    window: Duration.optional(),
    timeField: z.enum(['event', 'ingest']).optional(),
    mode: z.enum(['scheduled', 'continuous', 'near-real-time']).optional(),
  })
  .refine(({ every, cron }) => every === undefined || cron === undefined, {
    message: 'says every and cron: only one of them can count',
  })

const Throttle = z.object({
  mode: z.enum(['none', 'all', 'per_value']).optional(),
  fields: z.array(Field).max(50).optional(),
  period: Duration,
  missing: z.enum(['group', 'separate', 'pass']).optional(),
})

const Output = z.union([
  z.enum(['alert', 'risk', 'building_block', 'report']),
  z.object({
    kind: z.enum(['alert', 'risk', 'building_block', 'report']),
    objects: z
      .array(z.object({ type: Line, field: Field, score: z.int().min(0).max(100).optional() }))
      .max(50)
      .optional(),
    score: z.int().min(0).max(100).optional(),
    message: z.string().max(2_000).optional(),
  }),
])

const Entities = z.array(z.object({ type: Line, field: Field, role: Line.optional() })).max(50)

const Implementation = z.object({
  type: z.string().min(1).max(100).default('query'),
  query: z.string().max(100_000).optional(),
  /** Other than elsewhere, because this vendor cannot say what the rule says. */
  schedule: Schedule.optional(),
  entities: Entities.optional(),
  settings: Vendor.default({}),
})

const Overlay = z.object({
  parameters: Vendor.default({}),
  threshold: z.int().min(0).optional(),
  schedule: Schedule.optional(),
  level: z.enum(LEVELS).optional(),
  settings: Vendor.default({}),
})

const TestCase = z.object({
  name: Line,
  expect: z.enum(['match', 'no_match']),
  events: z.array(z.record(z.string(), z.unknown())).max(1_000),
  /** For a correlation: the groups that must be found. */
  groups: z.array(z.record(z.string(), z.unknown())).max(100).optional(),
})

/** What may stand under `rulewright:`, part by part. */
export const PRODUCT_KEYS = {
  owner: Owner,
  group: GroupSlug,
  confidence: z.enum(['low', 'medium', 'high']),
  runbook: Prose,
  source: z.object({
    link: Address.optional(),
    hash: z.string().max(200).optional(),
    date: z.string().max(40).optional(),
    tlp: z.enum(['clear', 'green', 'amber', 'amber+strict', 'red']).optional(),
  }),
  output: Output,
  entities: Entities,
  schedule: Schedule,
  throttle: Throttle,
  details: z.record(z.string().max(500), Field),
  titleTemplate: z.string().max(1_000),
  drilldowns: z
    .array(z.object({ name: Line, query: z.string().max(10_000), window: Duration.optional() }))
    .max(50),
  implementations: z.partialRecord(z.enum(KINDS), Implementation),
  overlays: z.record(z.string().min(1).max(100), Overlay),
  tests: z.array(TestCase).max(1_000),
} as const

export type ProductKey = keyof typeof PRODUCT_KEYS
export type ProductParts = {
  readonly [Key in ProductKey]?: z.output<(typeof PRODUCT_KEYS)[Key]>
}
export type Implementation = z.output<typeof Implementation>
export type Overlay = z.output<typeof Overlay>
export type TestCase = z.output<typeof TestCase>
