// What doors accept about queries.

import { z } from 'zod'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { QUERY_LANGUAGES } from '#languages/query.ts'

/** The file behind `--schema`, and the member of requests: all of it may be left out. */
export const QuerySchemaInput = z.strictObject({
  tables: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  functions: z.array(z.string()).optional(),
  macros: z
    .record(
      z.string(),
      z.strictObject({ definition: z.string(), arguments: z.array(z.string()).optional() }),
    )
    .optional(),
  datamodels: z.record(z.string(), z.string()).optional(),
  lookups: z.record(z.string(), z.array(z.string())).optional(),
})

const Events = z.array(z.record(z.string(), z.unknown()))

/** A query and the events it runs over. */
export const QueryToRunInput = z.strictObject({
  language: z.enum(QUERY_LANGUAGES),
  query: z.string().max(QUERY_CHARS_MAX),
  schema: QuerySchemaInput.optional(),
  events: Events.max(10_000),
  /** Rows of the lookups and lookup indexes that the query names. */
  lookups: z.record(z.string(), Events.max(10_000)).default({}),
  /** What the query calls now; the time of the request unless given. */
  now: z.iso.datetime({ offset: true }).optional(),
  timeField: z.string().min(1).max(500).optional(),
})

/** One line of NDJSON; other members are somebody's notes. A language of ours wins over the flag. */
export const QueryRecord = z.looseObject({
  id: z.union([z.string(), z.number()]),
  query: z.string(),
  language: z.enum(QUERY_LANGUAGES).optional().catch(undefined),
})
