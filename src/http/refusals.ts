// Who was refused leaves a trace in the audit log, in a write of its own: the action's write, if there
// was one, is rolled back. The answer does not wait on the trace being possible: on a full disk a
// refusal is still a refusal.

import { deadTokenCaller, instanceCaller, strangerCaller } from './caller.ts'
import type { HttpContext } from './env.ts'
import type { Refusal } from './error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { damageOf, type Damage } from '#platform/keys/row-mac.ts'

/** Ids only: what else stands in a path was written by whoever sent it. */
const ID = /^[a-z]{3}_[0-9a-f-]{36}$/

/** What the log is told of it; undefined for what leaves no trace. */
type Trace = Parameters<House['audit']['recordRefusal']>

export async function traceRefusal(
  c: HttpContext,
  error: unknown,
  refusal: Refusal,
): Promise<void> {
  const trace = traceOfDamage(c, damageOf(error)) ?? traceOf(c, refusal)
  if (trace) await record(c, trace)
}

/** Who asks too fast is refused before anybody knows who it is: a minute of that is one entry. */
export function traceFlood(c: HttpContext): Promise<void> {
  const refusal = { verb: 'request.send', target: 'instance', code: 'rate_limited' }
  return record(c, [strangerCaller(c), refusal])
}

function traceOfDamage(c: HttpContext, damage: Damage | undefined): Trace | undefined {
  if (!damage) return undefined
  const { table, row: target } = damage
  const refusal = { verb: 'row.read', target, code: 'conflict', data: { table } }
  return [callerIn(c) ?? strangerCaller(c), refusal]
}

function traceOf(c: HttpContext, { code, status }: Refusal): Trace | undefined {
  const { session, holder, deadToken, route } = c.var
  if (!route) return undefined
  if (status === 401 && deadToken) {
    const { token, reason } = deadToken
    return [deadTokenCaller(c, token), { verb: 'token.use', target: token.id, code: reason }]
  }
  // At a page, who is not let in is asked to sign in: 403 to nobody is a write from another site.
  if (status === 403 && route.door === 'page' && !session) {
    const forged = { verb: 'request.forge', target: 'instance', code, data: { route: route.path } }
    return [strangerCaller(c), forged]
  }
  // A good token is refused for its limit, or for want of a fresh proof of its person.
  const isTold = status === 403 || ((status === 429 || status === 401) && holder !== undefined)
  const caller = isTold ? callerIn(c) : undefined
  if (!caller || (!session && !holder)) return undefined
  const id = c.req.param('id') ?? ''
  const target = ID.test(id) ? id : caller.scope.workspaceId
  return [caller, { verb: route.permission, target, code }]
}

// Someone else's workspace, or none: the trace stands with the instance, as theirs cannot be named.
function callerIn(c: HttpContext): Caller | undefined {
  const { caller, session } = c.var
  return caller ?? (session && instanceCaller(c, session))
}

async function record(c: HttpContext, trace: Trace): Promise<void> {
  const { house, requestId } = c.var
  try {
    await house.audit.recordRefusal(...trace)
  } catch (err) {
    house.log.warn({ err, requestId }, 'a refusal could not be recorded')
  }
}
