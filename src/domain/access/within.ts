// Tokens that reach only some targets or some groups of rules. What such a caller reads is bounded by
// its scope, in every query (platform/db/reach.ts). What changes something must name all that it
// touches: each name is looked up with the caller's own eyes, and then the whole workspace is at work,
// because a rule is compiled with everything that lies over it, whoever saves it. What works on the
// workspace as a whole is refused.

import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { areReached, type Within } from '#platform/db/reach.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Scope } from './token-scope.ts'
import type { ApiToken } from './token.ts'

/** What a token is narrowed to; empty for all. */
export type Reached = Pick<ApiToken, 'targets' | 'groups'>

export function isNarrowed({ targets, groups }: Reached): boolean {
  return targets.length > 0 || groups.length > 0
}

/** Undefined for a token that reaches all that its maker may. */
export function withinOf(token: Reached & Pick<ApiToken, 'id'>): Within | undefined {
  if (!isNarrowed(token)) return undefined
  const { id, targets, groups } = token
  return {
    targets: targets.length > 0 ? targets : null,
    groups: groups.length > 0 ? groups : null,
    actor: id,
  }
}

/**
 * What something that changes rows touches. `named`: only what its input names by id, or what belongs to
 * that. `ungrouped`: the same, but what it makes or moves is of no group, so whoever is narrowed to
 * groups is refused. `listed`: what a list of the caller's shows. Absent: the workspace as a whole.
 */
export type WriteReach = 'named' | 'ungrouped' | 'listed'

/** The caller who does it. Throws `forbidden`, the same as for what is missing. */
export async function reachFor(
  house: House,
  caller: Caller,
  reach: WriteReach | undefined,
  input: unknown,
): Promise<Caller> {
  const { within, scope } = caller
  if (!within) return caller
  if (reach === undefined || (reach === 'ungrouped' && within.groups !== null)) throw forbidden()
  if (!(await areReached(house.db.read(scope), scope, idsIn(input)))) throw forbidden()
  return reach === 'listed' ? caller : { ...caller, scope: makeScope(scope.workspaceId) }
}

const ID = new RegExp(`^(?:${Object.values(ID_PREFIXES).join('|')})_[0-9a-f-]{36}$`)

/** All that stand in it as a whole text, at any depth. Archives and texts name nothing. */
function idsIn(input: unknown): readonly string[] {
  if (typeof input === 'string') return ID.test(input) ? [input] : []
  if (typeof input !== 'object' || input === null) return []
  return Object.values(input).flatMap(idsIn)
}

/** They read or change the workspace as a whole. */
const WHOLE: readonly Scope[] = ['admin', 'audit:read']

interface Wanted extends Reached {
  readonly scopes: readonly Scope[]
}

/**
 * Throws `invalid` for a scope that cannot be narrowed, `forbidden` for a target or group that whoever
 * makes the token does not see.
 */
export async function assertReach(
  db: Pick<Reader, 'selectFrom'>,
  { scope }: Caller,
  wanted: Wanted,
): Promise<void> {
  if (!isNarrowed(wanted)) return
  const whole = wanted.scopes.filter((one) => WHOLE.includes(one))
  if (whole.length > 0) {
    const message = `scopes: ${whole.join(', ')} is of the whole workspace and cannot be narrowed to targets or groups.`
    const problems = [{ code: 'token/scope-is-whole', severity: 'error' as const, message }]
    throw new AppError('invalid', message, { details: { problems } })
  }
  if (!(await areReached(db, scope, [...wanted.targets, ...wanted.groups]))) throw forbidden()
}
