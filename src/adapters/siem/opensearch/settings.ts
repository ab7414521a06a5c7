// What an OpenSearch target is told beside its address and credential.

import { z } from 'zod'

/** Unknown keys belong to the target, not to this adapter. */
export const opensearchSettings = z.object({
  /** What is searched and what new detectors look at: names and patterns, split by commas. */
  indices: z
    .string()
    .regex(/^[^\s/\\?"<>|#:]{1,500}$/)
    .default('*,-.*'),
})

export type OpensearchSettings = z.infer<typeof opensearchSettings>
