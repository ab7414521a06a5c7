// What doors accept about queries.

import { z } from 'zod'
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

/** One line of NDJSON; other members are somebody's notes. A language of ours wins over the flag. */
export const QueryRecord = z.looseObject({
  id: z.union([z.string(), z.number()]),
  query: z.string(),
  language: z.enum(QUERY_LANGUAGES).optional().catch(undefined),
})
