// What doors accept about events of the sandbox.

import { z } from 'zod'
import { readSource, writeSource } from '#languages/events/source.ts'

const LOG_SOURCE =
  'say it as product=windows,category=process_creation; service=… may stand there too'

/** `product=windows,category=process_creation`; empty: each event says its own. */
export const LogSourceInput = z
  .string()
  .max(500)
  .transform((text, context) => {
    const source = readSource(text)
    if (source !== undefined) return writeSource(source)
    context.addIssue({ code: 'custom', message: `is no log source: ${LOG_SOURCE}` })
    return z.NEVER
  })
