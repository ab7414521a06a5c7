// What a Splunk target is told beside its address and credential.

import { z } from 'zod'

const APP = z.string().regex(/^[\w .()-]{1,100}$/)

/** Unknown keys belong to the target, not to this adapter. */
export const splunkSettings = z.object({
  /** The application that searches run in and new rules are written to. */
  app: APP.default('search'),
  /** Applications whose rules are listed; all that the credential sees when empty. */
  apps: z.array(APP).max(50).default([]),
  /** How far a new rule is seen: Enterprise Security finds rules of other applications if global. */
  sharing: z.enum(['app', 'global']).default('app'),
})

export type SplunkSettings = z.infer<typeof splunkSettings>
