// What Microsoft Graph answers, as far as we read it. Unknown members pass.

import { z } from 'zod'
import type { Json } from '#kernel/json.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null)

/** Names of members came in capitals once. */
const column = z.preprocess(
  (value) => {
    const given = (value ?? {}) as Readonly<Record<string, unknown>>
    return { name: given['name'] ?? given['Name'], type: given['type'] ?? given['Type'] ?? null }
  },
  z.object({ name: z.string(), type: text }),
)
export type HuntingColumn = z.infer<typeof column>

/** Looked at no closer: an answer has millions of cells, and each is plain JSON already. */
const row = z.custom<{ readonly [column: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)

export const huntingAnswer = z.object({
  schema: z.array(column).max(2_000),
  results: z.array(row),
})

/** A rule's own members are kept whole: what we do not know is the tenant's. */
export const detectionRule = z.looseObject({
  // Digits, as text or as a number; a GUID in time.
  id: z.union([z.string().min(1), z.number()]).transform(String),
  displayName: text,
  lastModifiedDateTime: text,
  lastModifiedBy: text,
  lastRunDetails: z
    .looseObject({
      lastRunDateTime: text,
      status: text,
      failureReason: text,
      errorCode: text,
    })
    .nullish(),
})
export type DetectionRuleReply = z.infer<typeof detectionRule>

export const rulePage = z.object({
  '@odata.nextLink': z.string().optional(),
  value: z.array(detectionRule),
})

export const tokenClaims = z.object({
  roles: z.array(z.string()).default([]),
  tid: z.string().optional(),
})
