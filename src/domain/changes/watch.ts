// Hears that something changed of which changes are made, and has those that wait for signatures or hold
// them looked at soon. What it misses (a crash) is found by the schedule, and by every write that decides.

import { systemCaller } from '#domain/access/system.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { tendChangesJob } from './jobs.ts'
import { countChanges } from './store.ts'

const NOUNS: ReadonlySet<string> = new Set(['rule', 'exclusion', 'list', 'mapping', 'target'])

/** Returns how to stop. */
export function watchInputs(house: House): () => void {
  const asked = new Set<WorkspaceId>()
  const look = async (workspaceId: WorkspaceId) => {
    await nextTurn() // many events of one write ask once
    asked.delete(workspaceId)
    const caller = systemCaller(house, 'changes', undefined, workspaceId)
    const reader = house.db.read(caller.scope)
    const states = ['in_review', 'approved'] as const
    if ((await countChanges(reader, caller.scope, { states })) === 0) return
    const title = 'Look at changes again'
    await house.db.write(caller, (tx) =>
      house.jobs.enqueue(tx, caller, tendChangesJob, {}, { title }),
    )
  }
  return house.events.subscribe('all', ({ noun, workspaceId }) => {
    if (!NOUNS.has(noun) || asked.has(workspaceId)) return
    asked.add(workspaceId)
    look(workspaceId).catch((err: unknown) => {
      asked.delete(workspaceId)
      house.log.error({ err }, 'changes were not looked at again')
    })
  })
}
