// Signs the head of the log. The rule of the checkpoint format is kept by construction: what was
// appended since the last checkpoint is walked again first, so no checkpoint ever contradicts an
// earlier one.

import { AppError } from '#kernel/error.ts'
import { change, first, runSteps, type Steps } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Anchor } from './anchors.ts'
import { signCheckpoint } from './checkpoint.ts'
import { epochOrigin, readEpochs } from './epoch.ts'
import { keyAt, type AuditKeys } from './keys.ts'
import { readHead } from './log.ts'
import { encodeFrontier, frontierRoot } from './merkle.ts'
import { walkLog } from './verify.ts'

/**
 * Returns the checkpoint for the anchors outside the file, or undefined when nothing is new. Throws
 * `conflict` when the walk finds a break, with the `finding` in its details.
 */
export function writeCheckpoint(tx: Tx, keys: AuditKeys, at: number): Promise<Anchor | undefined> {
  return runSteps(tx, signHead(keys, at))
}

function* signHead(keys: AuditKeys, at: number): Steps<Anchor | undefined> {
  const verdict = yield* walkLog(keys, { from: 'checkpoint' })
  if (!verdict.ok)
    throw new AppError(
      'conflict',
      `The audit log is broken at entry ${verdict.seq}: ${verdict.message}`,
      { details: { finding: verdict } },
    )
  const { seq: size, frontier } = yield* readHead()
  const { last } = (yield* first<{ last: number }>(
    'select coalesce(max("size"), 0) as last from "auditCheckpoint"',
  ))!
  if (size === last) return undefined
  const epoch = (yield* readEpochs()).at(-1)?.epoch ?? 1
  const checkpoint = { origin: epochOrigin(keys.origin, epoch), size, root: frontierRoot(frontier) }
  const { signKey } = keys
  const note = signCheckpoint(checkpoint, { signKey, verifyKey: keyAt(keys.verifyKeys, size) })
  yield* change(INSERT, size, note, encodeFrontier(frontier), at)
  return { epoch, size, note }
}

const INSERT = `
  insert into "auditCheckpoint" ("size", "note", "frontier", "at") values (?, ?, ?, ?)`
