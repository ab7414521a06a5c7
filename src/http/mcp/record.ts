// What the log says of a call: which token, for whom, which tool, a digest of what it was called with
// and what it was about. A proposal has an entry each; of questions, and of what was refused, the first
// of a minute, and the others as a count.

import { sha256Hex } from '#kernel/hash.ts'
import type { Refusal } from '#http/error.ts'
import type { CallBase, Tool } from './tool.ts'

const ID = /^[a-z]{3}_[0-9a-f-]{36}$/

export interface Called {
  /** Undefined for a tool that is not there for this token; its name is whatever somebody wrote. */
  readonly tool: Tool | undefined
  readonly given: Readonly<Record<string, unknown>>
  /** Of the answer, where it names one thing. */
  readonly result?: unknown
  readonly refusal?: Refusal
}

/** Never throws: the answer does not wait on its trace being possible. */
export async function recordCall(base: CallBase, called: Called): Promise<void> {
  const { house, caller, holder } = base
  const name = called.tool?.name ?? 'unknown'
  const data = { tool: name, digest: digestOf(called.given), person: holder.token.userId }
  const target = aboutOf(called) ?? caller.scope.workspaceId
  try {
    if (called.refusal) {
      const { code } = called.refusal
      await house.audit.recordRefusal(caller, { verb: 'tool.call', part: name, target, code, data })
    } else if (called.tool?.effect === 'reads') {
      await house.audit.recordQuestion(caller, { verb: 'tool.call', part: name, target, data })
    } else {
      await house.db.write(caller, (tx) =>
        house.audit.record(tx, caller, { action: 'tool.call', target, data }),
      )
    }
  } catch (err) {
    house.log.warn({ err, requestId: base.c.var.requestId }, 'a call of a tool was not recorded')
  }
}

function digestOf(given: Called['given']): string {
  return sha256Hex(JSON.stringify(given))
}

function aboutOf({ given, result }: Called): string | undefined {
  const made =
    typeof result === 'object' && result !== null && 'id' in result ? result.id : undefined
  const named = [given['id'], given['ruleId'], made]
  return named.find((id): id is string => typeof id === 'string' && ID.test(id))
}
