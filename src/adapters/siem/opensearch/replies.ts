// What OpenSearch answers, as far as we read it. Unknown members pass.

import { z } from 'zod'
import type { Json } from '#kernel/json.ts'

const json = z.custom<Json>((value) => value !== undefined)
const members = z.record(z.string(), json)

/** A number or its text. */
const figure = z.union([z.number(), z.string()]).transform(Number)
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => /^(?:true|1)$/.test(String(value)))

const reason = z.object({
  reason: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
})
export const failure = z.object({
  error: z.union([z.string(), reason.extend({ root_cause: z.array(reason).default([]) })]),
})

export const root = z.object({
  version: z.object({ number: z.string(), distribution: z.string().optional() }),
})
export const authinfo = z.object({ user_name: z.string(), roles: z.array(z.string()).default([]) })

export const pit = z.object({ pit_id: z.string() })

export const shards = z.object({
  total: figure.default(0),
  failed: figure.default(0),
  failures: z.array(z.object({ reason: reason.partial().optional() })).default([]),
})

const hit = z.object({
  _id: z.string(),
  _index: z.string().default(''),
  _version: figure.optional(),
  _source: members.default({}),
  sort: z.array(json).optional(),
})
export type Hit = z.infer<typeof hit>

export const found = z.object({
  timed_out: flag.default(false),
  pit_id: z.string().optional(),
  _shards: shards.optional(),
  hits: z.object({
    total: z
      .union([figure, z.object({ value: figure, relation: z.string().default('eq') })])
      .optional(),
    hits: z.array(hit),
  }),
})
export type Found = z.infer<typeof found>

export const validation = z.object({
  valid: flag,
  explanations: z.array(z.object({ error: z.string().optional() })).default([]),
})

const property: z.ZodType<Property> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    path: z.string().optional(),
    properties: z.record(z.string(), property).optional(),
  }),
)
export interface Property {
  readonly type?: string | undefined
  readonly path?: string | undefined
  readonly properties?: Readonly<Record<string, Property>> | undefined
}
export const mapping = z.record(
  z.string(),
  z.object({ mappings: z.object({ properties: z.record(z.string(), property).default({}) }) }),
)

export const wroteRule = z.object({ _id: z.string(), _version: figure.optional() })

const ids = z.array(z.object({ id: z.string() })).default([])
export const detector = z.looseObject({
  name: z.string(),
  detector_type: z.string().default(''),
  enabled: flag.default(true),
  schedule: json.optional(),
  inputs: z
    .array(
      z.looseObject({
        detector_input: z.looseObject({
          description: z.string().default(''),
          indices: z.array(z.string()).default([]),
          custom_rules: ids,
          pre_packaged_rules: ids,
        }),
      }),
    )
    .default([]),
  triggers: z.array(members).default([]),
  monitor_id: z.array(z.string()).default([]),
})
export type DetectorBody = z.infer<typeof detector>

export const readDetector = z.object({ _id: z.string(), _version: figure.optional(), detector })

export const aliases = z.object({ properties: members.default({}) })

export const findings = z.object({
  total_findings: figure.default(0),
  findings: z.array(
    z.object({
      detectorId: z.string().default(''),
      timestamp: figure.optional(),
      queries: z.array(z.object({ id: z.string() })).default([]),
    }),
  ),
})

export const monitorAlerts = z.object({
  alerts: z.array(z.object({ state: z.string().default(''), error_message: z.string().nullish() })),
})
