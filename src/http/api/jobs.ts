// `/jobs`: long work, over the API. What starts one answers 202 with its id.

import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { cancelJob, getJob, listJobs, ENDED_STATES } from '#domain/jobs/actions.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { EVENT_STREAMS_MAX } from '#kernel/limits.ts'
import { formatInstant, SECOND } from '#kernel/time.ts'
import { JOB_STATES, type Job } from '#platform/jobs/job.ts'
import type { HttpContext } from '#http/env.ts'
import type { Signal, Signals } from '#http/signals.ts'
import { operation, streamOperation, type Call } from './operation.ts'
import {
  InstantText,
  instantOrNull,
  JobIdText,
  JobProgressShape,
  makePage,
  named,
  PAGE_QUERY,
  pageShape,
  readCursor,
} from './shapes.ts'

const JobShape = z
  .strictObject({
    id: JobIdText,
    kind: z.string(),
    title: z.string(),
    state: z.enum(JOB_STATES),
    progress: JobProgressShape.nullable(),
    attempt: z.int(),
    attemptsMax: z.int(),
    reason: z.string().nullable(),
    isCancelRequested: z.boolean(),
    createdBy: z.string(),
    createdAt: InstantText,
    runAt: InstantText,
    startedAt: InstantText.nullable(),
    endedAt: InstantText.nullable(),
  })
  .register(named, { id: 'Job' })
const JobPage = pageShape(JobShape).register(named, { id: 'JobPage' })

function jobShape({ workspaceId: _, ...job }: Job): z.input<typeof JobShape> {
  return {
    ...job,
    createdAt: formatInstant(job.createdAt),
    runAt: formatInstant(job.runAt),
    startedAt: instantOrNull(job.startedAt),
    endedAt: instantOrNull(job.endedAt),
  }
}

const list = operation({
  method: 'GET',
  path: '/jobs',
  name: 'listJobs',
  summary: 'Jobs of this workspace, newest first',
  permission: 'job.read',
  query: z.strictObject({ state: z.enum(JOB_STATES).optional(), ...PAGE_QUERY }),
  answer: JobPage,
  async run(call) {
    const { house, caller, query } = call
    const { state, limit, cursor } = query
    const place = { list: 'jobs', filter: { state: state ?? null } }
    const after = readCursor(call, place, cursor, JobIdText)
    const found = await listJobs(house, caller, {
      ...(state && { states: [state] }),
      ...(after && { after }),
      limit: limit + 1,
    })
    const { items, next } = makePage(call, place, { found, limit }, (last) => last.id)
    return { items: items.map(jobShape), next }
  },
})

const JobPath = z.strictObject({ id: JobIdText })

const get = operation({
  method: 'GET',
  path: '/jobs/{id}',
  name: 'getJob',
  summary: 'One job as it is now',
  permission: 'job.read',
  params: JobPath,
  answer: JobShape,
  run: async ({ house, caller, params }) => jobShape(await getJob(house, caller, params.id)),
})

const cancel = operation({
  method: 'POST',
  path: '/jobs/{id}/cancel',
  name: 'cancelJob',
  summary: 'Stop a job',
  about: 'One that waits ends at once, one that runs a little later: look at `state`.',
  permission: 'job.cancel',
  reach: 'named',
  params: JobPath,
  answer: JobShape,
  run: async ({ house, caller, params }) => jobShape(await cancelJob(house, caller, params.id)),
})

const follow = streamOperation({
  method: 'GET',
  path: '/jobs/{id}/events',
  name: 'followJob',
  summary: 'The job each time it changes, until it has ended',
  about: `Server-sent events named \`job\`, whose data is a Job; after the last one the stream ends. A token holds up to ${EVENT_STREAMS_MAX} of them; one more is answered 429.`,
  permission: 'job.read',
  params: JobPath,
  run: streamJob,
})

/** A token that ended lets its streams go within this. */
const RECHECK_MS = SECOND

async function streamJob(
  call: Call<z.output<typeof JobPath>, undefined, undefined>,
): Promise<Response> {
  const { c, house, caller, params } = call
  const { signals } = c.var.face
  const { id: tokenId, workspaceId } = call.holder.token
  // Whatever else happens in the workspace wakes no stream: there may be hundreds.
  const isWanted = ({ kind, id }: Signal) =>
    (kind === 'job' && id === params.id) || (kind === 'token' && id === tokenId)
  let seen = placeOf(signals, workspaceId) // before the job is read: what changes after it is told
  let job = await getJob(house, caller, params.id)
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    const ends = endsOf(c, stream)
    let told = ''
    while (!ends.aborted) {
      const data = JSON.stringify(jobShape(job))
      if (data === told) await stream.write(':\n\n')
      else await stream.writeSSE({ event: 'job', data })
      told = data
      if (ENDED_STATES.includes(job.state)) return
      const isNews = signals.after(workspaceId, seen)?.some(isWanted) ?? true
      if (!isNews) await signals.wait(workspaceId, RECHECK_MS, ends, isWanted)
      seen = placeOf(signals, workspaceId)
      if (!(await c.var.isHolderLive())) return
      job = await getJob(house, caller, params.id)
    }
  })
}

function placeOf(signals: Signals, workspaceId: WorkspaceId): number {
  return signals.numberOf(signals.last(workspaceId))!
}

function endsOf(c: HttpContext, stream: { onAbort(listener: () => void): void }): AbortSignal {
  const gone = new AbortController()
  stream.onAbort(() => gone.abort())
  return AbortSignal.any([gone.signal, c.var.stopping])
}

export const JOB_OPERATIONS = [list, get, cancel, follow]
