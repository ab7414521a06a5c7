// Sends a workspace's signals to one browser as server-sent events, until it leaves, its session ends
// or leads into the workspace no more, or the server stops. Resumes after Last-Event-ID, or after `?after=` on a first connect.

import { streamSSE } from 'hono/streaming'
import type { Sessions } from '#domain/access/sessions.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { callerOf } from './caller.ts'
import type { HttpContext } from './env.ts'
import { SESSION_RECHECK_MS, SIGNALS_GAP_MS, type Signals } from './signals.ts'

interface StreamParts {
  readonly signals: Signals
  readonly sessions: Sessions
}

export function streamSignals(c: HttpContext, { signals, sessions }: StreamParts): Response {
  const { session, stopping } = c.var
  const workspaceId = callerOf(c).scope.workspaceId as WorkspaceId
  const entered = c.req.param('slug') === undefined ? undefined : workspaceId
  const asked = c.req.header('Last-Event-ID') ?? c.req.query('after')
  let seen = signals.numberOf(asked ?? signals.last(workspaceId))
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    const ends = AbortSignal.any([gone.signal, stopping])
    await stream.write('retry: 1000\n\n')
    while (!ends.aborted) {
      if (!session || !(await sessions.isLive(session, entered))) {
        return stream.writeSSE({ event: 'ended', data: '{}' })
      }
      const fresh = seen === undefined ? undefined : signals.after(workspaceId, seen)
      if (fresh === undefined) {
        const id = signals.last(workspaceId)
        seen = signals.numberOf(id)!
        await stream.writeSSE({ id, event: 'reset', data: '{}' })
      } else if (fresh.length === 0) {
        await stream.write(':\n\n') // keeps proxies from thinking the connection dead
      }
      for (const { number, kind, id } of fresh ?? []) {
        seen = number
        await stream.writeSSE({ id: signals.idOf(number), data: JSON.stringify({ kind, id }) })
      }
      await pause(SIGNALS_GAP_MS, ends)
      if (signals.after(workspaceId, seen!)?.length === 0) {
        await signals.wait(workspaceId, SESSION_RECHECK_MS, ends)
      }
    }
  })
}

function pause(ms: number, ends: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      ends.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    ends.addEventListener('abort', done, { once: true })
    if (ends.aborted) done()
  })
}
