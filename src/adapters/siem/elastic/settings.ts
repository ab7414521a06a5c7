// What an Elastic target is told beside its addresses and credential.

import { z } from 'zod'

/** Unknown keys belong to the target, not to this adapter. */
export const elasticSettings = z.object({
  /** Of Kibana, where rules live. */
  space: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/)
    .default('default'),
  /** What is searched where a query names no index: names and patterns, split by commas. */
  indices: z
    .string()
    .regex(/^[^\s/\\?"<>|#]{1,500}$/)
    .default('logs-*'),
  /** Of indices that a test may make and remove; none makes none. */
  testPrefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{2,59}$/)
    .optional(),
})

export type ElasticSettings = z.infer<typeof elasticSettings>
