// A person who was refused leaves a trace in the audit log, in a write of its own: the action's write,
// if there was one, is rolled back. The answer does not wait on the trace being possible: on a full
// disk a refusal is still a refusal.

import type { House } from '#platform/house.ts'
import { instanceCaller, strangerCaller } from './caller.ts'
import type { HttpContext } from './env.ts'
import type { Refusal } from './error.ts'

/** Ids only: what else stands in a path was written by whoever sent it. */
const ID = /^[a-z]{3}_[0-9a-f-]{36}$/

export async function traceRefusal(
  house: House,
  c: HttpContext,
  { code, status }: Refusal,
): Promise<void> {
  const { session, route, requestId } = c.var
  if (status !== 403 || !session || !route) return
  // Someone else's workspace, or none: the trace stands with the instance, as theirs cannot be named.
  const caller = c.var.caller ?? instanceCaller(c, session)
  const id = c.req.param('id') ?? ''
  const target = ID.test(id) ? id : caller.scope.workspaceId
  try {
    await house.audit.recordRefusal(caller, { verb: route.permission, target, code })
  } catch (err) {
    house.log.warn({ err, requestId }, 'a refusal could not be recorded')
  }
}

/** Who asks too fast is refused before anybody knows who it is: a minute of that is one entry. */
export async function traceFlood(c: HttpContext): Promise<void> {
  const { house, requestId } = c.var
  const refusal = { verb: 'request.send', target: 'instance', code: 'rate_limited' }
  try {
    await house.audit.recordRefusal(strangerCaller(c), refusal)
  } catch (err) {
    house.log.warn({ err, requestId }, 'a refusal could not be recorded')
  }
}
