// What splunkd answers, as far as we read it. Unknown members pass; numbers and booleans may come as text,
// field by field and version by version.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { OutboundReply } from '#platform/outbound-client.ts'

/** `true`, `1`, `"1"`, `"true"`. */
export const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => /^(?:true|t|1|yes|y)$/i.test(String(value)))

/** A number or its text; null where it is neither. */
export const figure = z
  .union([z.number(), z.string()])
  .transform((value) => (value === '' || Number.isNaN(Number(value)) ? null : Number(value)))

const message = z.object({ type: z.string(), text: z.string() })
const messages = z.array(message).default([])

export type SplunkMessage = z.infer<typeof message>

const acl = z
  .object({
    app: z.string().default(''),
    owner: z.string().default(''),
    sharing: z.string().default(''),
    can_write: flag.optional(),
  })
  .partial()

const entry = z.object({
  name: z.string(),
  id: z.string().default(''),
  updated: z.string().optional(),
  author: z.string().optional(),
  acl: acl.nullish(),
  content: z.record(z.string(), z.custom<Json>()),
})

export type FeedEntry = z.infer<typeof entry>

export const feed = z.object({
  generator: z
    .object({ version: z.string(), instance_type: z.string().optional() })
    .partial()
    .optional(),
  entry: z.array(entry),
  paging: z.object({ total: figure, offset: figure }).partial().optional(),
  messages,
})

export const login = z.object({ sessionKey: z.string().min(1) })
export const started = z.object({ sid: z.string().min(1) })
export const said = z.object({ messages: z.array(message) })

export const jobContent = z.object({
  dispatchState: z.string().default(''),
  doneProgress: figure.optional(),
  isDone: flag.default(false),
  isFailed: flag.default(false),
  isFinalized: flag.default(false),
  isZombie: flag.default(false),
  scanCount: figure.optional(),
  resultCount: figure.optional(),
  runDuration: figure.optional(),
  messages,
})

export type JobContent = z.infer<typeof jobContent>

const cell = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.custom<Json>())])

export const rows = z.object({
  init_offset: figure.optional(),
  fields: z.array(z.union([z.string(), z.object({ name: z.string() })])),
  rows: z.array(z.array(cell)),
  messages,
})

export const context = z.object({
  username: z.string(),
  roles: z.array(z.string()).default([]),
  capabilities: z.array(z.string()).default([]),
})

/** Throws `upstream`: another version, a proxy, or an answer that was cut. */
export function readAs<S extends z.ZodType>(
  schema: S,
  value: Json | null,
  what: string,
): z.output<S> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new AppError('upstream', `Splunk's answer to ${what} is not what it should be.`, {
    cause: read.error,
  })
}

/** Throws `upstream` for what calls itself fine and is no JSON. */
export function bodyOf({ status, text }: OutboundReply): Json | null {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    if (status >= 300) return null
    throw new AppError(
      'upstream',
      'The answer of Splunk is cut off, or something else spoke for it.',
      {
        cause,
      },
    )
  }
}
