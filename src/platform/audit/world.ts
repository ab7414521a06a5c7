// What a walk over the log begins with: everything that is kept beside the entries, read in one state
// of the database.

import { all, first, type Steps } from '#platform/db/steps.ts'
import { readEpochs } from './epoch.ts'
import type { Segment } from './retention.ts'
import { Break, type World } from './trust.ts'

/** `isTail`: only the newest checkpoint is wanted. Throws a `Break` when there is no log. */
export function* readWorld(isTail: boolean): Steps<World> {
  const head = yield* first<World['head']>(
    'select "seq", "chain", "frontier" from "auditHead" where "id" = 1',
  )
  if (!head) throw new Break(1, 'missing', 'the log has no head')
  const notes = yield* all<World['notes'][number]>(
    `select "size", "note", "frontier" from "auditCheckpoint" order by "size" desc ${isTail ? 'limit 1' : ''}`,
  )
  const newest = yield* first<{ maxSeq: number }>(
    'select coalesce(max("seq"), 0) as "maxSeq" from "auditEntry"',
  )
  const checkpointed = yield* first<{ chain: Buffer }>(
    'select "chain" from "auditEntry" where "seq" = ?',
    notes[0]?.size ?? 0,
  )
  return {
    head,
    notes,
    maxSeq: newest!.maxSeq,
    checkpointedChain: checkpointed?.chain,
    removed: yield* all<World['removed'][number]>(
      'select "firstSeq", "lastSeq" from "auditSegment" order by "lastSeq"',
    ),
    segment: yield* first<Segment>('select * from "auditSegment" order by "lastSeq" desc limit 1'),
    epochs: yield* readEpochs(),
    workspaceHeads: yield* all<World['workspaceHeads'][number]>(
      'select "workspaceId", "seq" from "auditWorkspaceHead"',
    ),
  }
}
