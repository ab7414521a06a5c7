// What a valid token is, for every door.

import { z } from 'zod'
import { ID_PREFIXES, isId, type Id } from '#kernel/id.ts'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'
import { NETWORK } from '#platform/config/rules.ts'
import { SERVICE_ROLES, TOKEN_DAYS_MAX } from './token.ts'
import { SCOPES, type Scope } from './token-scope.ts'

const TokenName = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(80, 'is longer than 80 characters')
  .regex(ONE_LINE, NOT_ONE_LINE)

const Network = z
  .string()
  .max(64)
  .refine((text) => NETWORK.isValid(text), 'is no address and no network such as 10.0.0.0/8')

export const Networks = z.array(Network).max(20)

const REACHED_MAX = 50

function reached<Prefix extends string>(prefix: Prefix) {
  const one = z.string().refine((text): text is Id<Prefix> => isId(prefix, text), 'is no id of one')
  return z.array(one).max(REACHED_MAX).default([])
}

export const NewToken = z.strictObject({
  name: TokenName,
  /** Makes a service token: of the workspace, with this role, for an admin to make. */
  serviceRole: z.enum(SERVICE_ROLES).optional(),
  kind: z.enum(['pat', 'mcp']).default('pat'),
  scopes: z
    .array(z.enum(SCOPES as [Scope, ...Scope[]]))
    .min(1, 'names no scope: a token without one opens nothing')
    .max(SCOPES.length)
    .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
  /** Until it expires; 90, or what the policy of the workspace leaves of them, when absent. */
  days: z
    .number()
    .int()
    .min(1, 'is less than one day')
    .max(TOKEN_DAYS_MAX, `is more than ${TOKEN_DAYS_MAX} days`)
    .optional(),
  /** Addresses and networks it may be used from; empty for anywhere. */
  networks: Networks.default([]),
  /** Targets it reaches; empty for all. What it may not reach is answered as if it were not there. */
  targets: reached(ID_PREFIXES.target),
  /** Groups whose rules it reaches; empty for all. */
  groups: reached(ID_PREFIXES.group),
})
type Given = z.infer<typeof NewToken>
type Narrowing = 'targets' | 'groups'
export type NewToken = Omit<Given, Narrowing> & Partial<Pick<Given, Narrowing>>

const ROTATION_HOURS_MAX = 168
/** What the page asks for. */
export const ROTATION_HOURS_USUAL = 24

export const TokenRotation = z.strictObject({
  /** How long the old secret goes on; 0 ends it at once. */
  hours: z.int().min(0).max(ROTATION_HOURS_MAX),
})
export type TokenRotation = z.infer<typeof TokenRotation>
