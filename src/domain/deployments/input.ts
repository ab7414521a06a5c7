// What people say about deployments, for every door.

import { z } from 'zod'

/** What a person found where nobody could tell. */
export const Verdict = z.enum(['written', 'not_written'])
export type Verdict = z.infer<typeof Verdict>
