// What Elasticsearch and Kibana answer, as far as we read it. Unknown members pass.

import { z } from 'zod'
import type { Json } from '#kernel/json.ts'

const json = z.custom<Json>((value) => value !== undefined)
const members = z.record(z.string(), json)

/** A number or its text. */
const figure = z.union([z.number(), z.string()]).transform(Number)
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => /^(?:true|1)$/.test(String(value)))

// ── Refusals ─────────────────────────────────────────────────────────────────────────────────────

const reason = z.object({
  reason: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
})
export const elasticFailure = z.object({
  error: z.union([z.string(), reason.extend({ root_cause: z.array(reason).default([]) })]),
})
/** Kibana's platform and its detection engine; the message of the second may be a list. */
export const kibanaFailure = z.object({ message: z.union([z.string(), z.array(z.string())]) })

// ── Elasticsearch ────────────────────────────────────────────────────────────────────────────────

export const root = z.object({
  version: z.object({
    number: z.string(),
    distribution: z.string().optional(),
    build_flavor: z.string().optional(),
  }),
})

export const authenticated = z.object({
  username: z.string(),
  api_key: z.object({ id: z.string(), name: z.string().optional() }).optional(),
})

export const apiKeys = z.object({
  api_keys: z.array(z.object({ id: z.string(), expiration: figure.nullish() })),
})

const failures = z.array(z.object({ reason: reason.partial().optional() })).default([])

export const clusters = z.object({
  details: z.record(z.string(), z.object({ status: z.string().default(''), failures })).default({}),
})

/** ES|QL; what still runs has no columns yet. */
export const esqlAnswer = z.object({
  id: z.string().optional(),
  is_running: flag.default(false),
  is_partial: flag.default(false),
  columns: z.array(z.object({ name: z.string(), type: z.string().default('') })).default([]),
  values: z.array(z.array(json)).default([]),
  documents_found: figure.optional(),
  _clusters: clusters.optional(),
})
export type EsqlAnswer = z.infer<typeof esqlAnswer>

const hit = z.object({
  _id: z.string(),
  _index: z.string().default(''),
  _source: members.default({}),
  sort: z.array(json).optional(),
  /** EQL: nothing stands where an event must not be. */
  missing: flag.default(false),
})
export type Hit = z.infer<typeof hit>

const total = z.union([figure, z.object({ value: figure })]).optional()

export const eqlAnswer = z.object({
  id: z.string().optional(),
  is_running: flag.default(false),
  is_partial: flag.default(false),
  timed_out: flag.default(false),
  shard_failures: failures,
  hits: z
    .object({
      total,
      events: z.array(hit).optional(),
      sequences: z
        .array(z.object({ join_keys: z.array(json).default([]), events: z.array(hit) }))
        .optional(),
    })
    .optional(),
})
export type EqlAnswer = z.infer<typeof eqlAnswer>

export const eqlStatus = z.object({
  is_running: flag,
  is_partial: flag.default(false),
  completion_status: figure.optional(),
})

export const pit = z.object({ id: z.string() })

export const found = z.object({
  timed_out: flag.default(false),
  pit_id: z.string().optional(),
  _shards: z.object({ total: figure.default(0), failed: figure.default(0), failures }).optional(),
  _clusters: clusters.optional(),
  hits: z.object({ total, hits: z.array(hit) }),
})
export type Found = z.infer<typeof found>

export const tasks = z.object({
  nodes: z
    .record(
      z.string(),
      z.object({
        tasks: z
          .record(z.string(), z.object({ headers: z.record(z.string(), z.string()).default({}) }))
          .default({}),
      }),
    )
    .default({}),
})

export const validation = z.object({
  valid: flag,
  explanations: z.array(z.object({ error: z.string().optional() })).default([]),
})

// ── Kibana ───────────────────────────────────────────────────────────────────────────────────────

export const status = z.object({ version: z.object({ number: z.string() }).optional() })
export const spaces = z.array(z.object({ id: z.string() }))

const execution = z.object({
  last_execution: z.object({
    date: z.string(),
    status: z.string(),
    message: z.string().nullish(),
    metrics: z
      .object({
        total_search_duration_ms: figure.optional(),
        total_indexing_duration_ms: figure.optional(),
        execution_gap_duration_s: figure.optional(),
      })
      .default({}),
  }),
})

export const rule = z.looseObject({
  id: z.string(),
  rule_id: z.string(),
  name: z.string(),
  type: z.string(),
  enabled: flag,
  revision: figure.optional(),
  immutable: flag.default(false),
  updated_at: z.string().optional(),
  updated_by: z.string().nullish(),
  execution_summary: execution.optional(),
})
export type KibanaRule = z.infer<typeof rule>

export const rulePage = z.object({
  page: figure,
  total: figure,
  data: z.array(rule),
})

/** The same shape for a success and for what failed in part. */
export const bulkAnswer = z.object({
  attributes: z.object({
    errors: z
      .array(z.object({ message: z.string().default('Kibana does not say why.') }))
      .default([]),
  }),
})

export const engineRights = z.object({ has_encryption_key: flag.default(true) })

const granted = z.record(z.string(), z.boolean())
export const privileges = z.object({
  username: z.string().default(''),
  cluster: granted.default({}),
  index: z.record(z.string(), granted).default({}),
  application: z.record(z.string(), z.record(z.string(), granted)).default({}),
})

export const resolved = z.object({
  indices: z.array(z.object({ name: z.string(), data_stream: z.string().optional() })).default([]),
  data_streams: z.array(z.object({ name: z.string() })).default([]),
})

export const fieldCaps = z.object({
  fields: z.record(
    z.string(),
    z.record(z.string(), z.object({ type: z.string(), metadata_field: flag.default(false) })),
  ),
})

export const alertCounts = z.object({
  timed_out: flag.default(false),
  aggregations: z.object({
    rules: z.object({
      sum_other_doc_count: figure.default(0),
      buckets: z.array(z.object({ key: z.string(), doc_count: figure })),
    }),
  }),
})

export const alertPage = z.object({
  timed_out: flag.default(false),
  hits: z.object({
    total: z.object({ value: figure }),
    hits: z.array(z.object({ _id: z.string(), _source: members })),
  }),
})
export type AlertPage = z.infer<typeof alertPage>

export const bulkWrite = z.object({
  items: z
    .array(z.object({ index: z.object({ error: z.object({ reason: z.string() }).optional() }) }))
    .default([]),
})

export const previewed = z.object({
  previewId: z.string().optional(),
  isAborted: flag.default(false),
  logs: z.array(z.object({ errors: z.array(z.string()).default([]) })).default([]),
})
