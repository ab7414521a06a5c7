// What stood where, as one file that proves itself: a line of JSON for each rule, and before them a
// statement over their digest, signed with the key of the audit log.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { TargetId } from '#kernel/id.ts'
import { canonicalJson, type Json } from '#kernel/json.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { checkpointKeys } from '#platform/audit/public-key.ts'
import { signStatement } from '#platform/audit/statement.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { asOf } from './as-of-actions.ts'
import { policyAt } from './as-of-log.ts'
import { shapeOf } from './as-of-shape.ts'

export interface BundleWanted {
  readonly at: Instant
  readonly targetId?: TargetId | undefined
}

/** It is in memory while it is made, because its digest stands before it. */
const BYTES_MAX = 200 * 1024 * 1024

/** Throws `too_large` for more than a file may hold: ask for one target. */
export async function makeBundle(
  house: House,
  caller: Caller,
  { at, targetId }: BundleWanted,
): Promise<readonly string[]> {
  permit(caller, 'deployment.read')
  const lines: string[] = []
  let bytes = 0
  let cursor: string | undefined
  do {
    const page = await asOf(house, caller, { at, targetId, limit: PAGE_LIMIT_MAX, cursor })
    for (const one of page.items) {
      const line = `${JSON.stringify(shapeOf(one))}\n`
      bytes += Buffer.byteLength(line)
      if (bytes > BYTES_MAX) {
        throw new AppError('too_large', 'That is too much for one file. Ask for one target.')
      }
      lines.push(line)
    }
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  const statement = canonicalJson({
    version: 1,
    install: house.keys.installId,
    workspace: caller.scope.workspaceId,
    at: formatInstant(at),
    target: targetId ?? null,
    policy: (await policyAt(house, caller, at)) as unknown as Json,
    lines: lines.length,
    sha256: sha256Hex(lines.join('')),
    madeAt: formatInstant(caller.now),
    madeBy: caller.actor,
  })
  const signed = signStatement(house.keys.audit, 'as-of', statement)
  const keys = checkpointKeys(house.keys.audit)
  const head = { format: 'rulewright-as-of/1', statement, ...signed, keys }
  return [`${JSON.stringify(head)}\n`, ...lines]
}
