// The job that reads a file which was sent.

import { z } from 'zod'
import { isId, type ImportId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { importEvents } from './import.ts'
import { EVENT_STORE } from './port.ts'

const input = z.strictObject({
  importId: z.custom<ImportId>((value) => isId('imp', value)),
  name: z.string().max(200),
  logSource: z.string().max(500),
})

/** Safe to repeat: how far it came stands in the same write as the events of each step. */
export const importEventsJob = defineJob({
  kind: 'event.import',
  input,
  verbs: ['event.write'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 5,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, job, input: { importId: id, name, logSource }, signal, report }) {
    const path = house.ports.get(EVENT_STORE).receivedPath(caller.scope.workspaceId, id)
    const { eventCount, badCount } = await importEvents(
      house,
      caller,
      { id, name, path, logSource },
      {
        signal,
        progress: ({ doneBytes, sizeBytes, eventCount: events }) =>
          report({ done: doneBytes, total: sizeBytes, unit: 'bytes', note: `${events} events` }),
        isOver: async () => (await house.jobs.find(caller.scope, job.id)).isCancelRequested,
      },
    )
    return { eventCount, badCount }
  },
})
