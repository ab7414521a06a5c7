// One segment, from the first byte sent to the last row kept. May run more than once: what is sent is
// written down before (`sentAt`) and after (`remote`), so that a restart polls what it finds and asks
// nobody twice. Rows of a run that was broken off are written again over themselves.

import { getTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type {
  RemoteSearch,
  RowsPage,
  SearchRequest,
  SearchState,
  SiemPort,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { SearchId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { SECOND } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn, pause } from '#platform/turns.ts'
import { end, endSegment, LostSearch, type Work } from './ending.ts'
import { keepRows, partOf } from './evidence.ts'
import { Kept } from './kept.ts'
import { isOver } from './search.ts'
import { getSearch, getSegment, updateSegment, type SegmentChange } from './store.ts'

export interface SegmentRun {
  readonly searchId: SearchId
  readonly position: number
  /** A job of an earlier try finds nothing to do. */
  readonly attempt: number
}

export interface RunTools {
  readonly signal: AbortSignal
  /** True in the last run the job gets: then what failed is said to have failed. */
  readonly isLastRun: boolean
  /** The runner's own refusals to go on: a person's cancel is told from a server that stops. */
  readonly isCancelled: () => boolean
  readonly report: (progress: JobProgress) => void
  readonly assertLeased: (tx: Tx) => Promise<void>
}

/** A round trip to the target's door, and then it is somebody else's business. */
const CANCEL_MS = 15 * SECOND
const ROWS_A_PAGE = 1_000
/** However eager an adapter is. */
const POLL_MS_MIN = 100
const POLL_MS_MAX = 30 * SECOND

export async function runSegment(
  house: House,
  caller: Caller,
  run: SegmentRun,
  tools: RunTools,
): Promise<void> {
  const work = await beginWork(house, caller, run, tools)
  if (work === undefined) return
  try {
    const target = await getTarget(house, caller, work.segment.targetId)
    const port = await connectTarget(house, caller, target, { purpose: 'read' })
    await new SegmentWork(work, port).run()
  } catch (error) {
    await nextTurn()
    await end(work, error)
    throw error
  }
}

async function beginWork(
  house: House,
  caller: Caller,
  run: SegmentRun,
  tools: RunTools,
): Promise<Work | undefined> {
  const { scope } = caller
  const { searchId, position, attempt } = run
  const now = house.clock.now()
  const found = await house.db.write(caller, async (tx) => {
    await tools.assertLeased(tx)
    const segment = await getSegment(tx, tx.scope, searchId, position)
    if (segment.attempt !== attempt || isOver(segment.state)) return undefined
    const change = { state: 'running', startedAt: segment.startedAt ?? now, reason: null } as const
    await updateSegment(tx, searchId, position, change)
    return { ...segment, ...change }
  })
  if (!found) return undefined
  await nextTurn()
  const search = await getSearch(house.db.read(scope), scope, searchId)
  return { house, caller, run, tools, search, segment: found }
}

class SegmentWork {
  readonly #work: Work
  readonly #port: SiemPort
  readonly #request: SearchRequest

  constructor(work: Work, port: SiemPort) {
    const { search, segment, run } = work
    this.#work = work
    this.#port = port
    this.#request = {
      query: {
        language: segment.language as SearchRequest['query']['language'],
        text: segment.text,
      },
      from: search.from,
      to: search.to,
      rowsMax: search.caps.rows,
      secondsMax: search.caps.seconds,
      segmentId: `${run.searchId}-${run.position}-${run.attempt}`,
      person: search.createdBy,
      purpose: search.purpose,
    }
  }

  async run(): Promise<void> {
    const { signal } = this.#work.tools
    const { remote, first } = await this.#start()
    try {
      const done = first ? DONE : await this.#poll(remote)
      await this.#keep(remote, first, done)
    } catch (error) {
      if (signal.aborted && this.#work.tools.isCancelled()) throw await this.#cancel(remote)
      throw error
    }
  }

  async #start(): Promise<{ readonly remote: RemoteSearch; readonly first: RowsPage | null }> {
    const { segment, house } = this.#work
    if (segment.remote !== null) {
      return { remote: JSON.parse(segment.remote) as RemoteSearch, first: null }
    }
    const { search } = this.#port
    if (segment.sentAt !== null && search.isResumable) {
      if (!search.find) throw new LostSearch()
      const known = await search.find(this.#request, this.#work.tools.signal)
      if (known !== null) return this.#remember(known, null)
    }
    await this.#update({ sentAt: house.clock.now() })
    const started = await this.#send()
    // An answer that came at once has nothing that could be found again.
    return search.isResumable ? this.#remember(started.remote, started.first) : started
  }

  /** A refusal, or a target that was not reached, leaves nothing that could have run. */
  async #send(): ReturnType<SiemPort['search']['start']> {
    try {
      return await this.#port.search.start(this.#request, this.#work.tools.signal)
    } catch (error) {
      const isKnown = error instanceof AppError && error.details['ambiguous'] !== true
      if (isKnown && !this.#work.tools.signal.aborted) await this.#update({ sentAt: null })
      throw error
    }
  }

  async #remember(
    remote: RemoteSearch,
    first: RowsPage | null,
  ): Promise<{ readonly remote: RemoteSearch; readonly first: RowsPage | null }> {
    await this.#update({ remote: JSON.stringify(remote) })
    return { remote, first }
  }

  async #poll(remote: RemoteSearch): Promise<Extract<SearchState, { kind: 'done' }>> {
    const { tools } = this.#work
    for (;;) {
      const state = await this.#port.search.poll(remote, tools.signal)
      switch (state.kind) {
        case 'done':
          return state
        case 'failed':
          throw new AppError('invalid', state.reason, { details: { problems: state.problems } })
        case 'gone':
          throw new LostSearch(state.reason)
        case 'running': {
          const { progress, scanned, scannedBytes = null, found, pollAfterMs } = state
          const permille = progress === null ? null : Math.round(Math.min(1, progress) * 1_000)
          await this.#update({ progress: permille, scanned, scannedBytes, found })
          if (this.#costsTooMuch(scanned)) throw await this.#stopForCost(remote, scanned)
          const total = permille === null ? null : 1_000
          tools.report({ done: permille ?? 0, total, unit: 'permille', note: 'searching' })
          const afterMs = Math.min(Math.max(pollAfterMs, POLL_MS_MIN), POLL_MS_MAX)
          await pause(afterMs, tools.signal)
        }
      }
    }
  }

  async #keep(
    remote: RemoteSearch,
    first: RowsPage | null,
    done: Extract<SearchState, { kind: 'done' }>,
  ): Promise<void> {
    const { house, caller, search, segment, tools } = this.#work
    const keeping = {
      searchId: search.id,
      part: partOf(segment),
      days: search.evidenceDays,
      at: house.clock.now(),
    }
    house.evidence.remove(caller.scope, search.id, keeping.part)
    const kept = new Kept(search, done.completeness)
    let after: Json | null = null
    for (let piece = 0; ; piece++) {
      const room = search.caps.rows - kept.rows
      const limit = Math.min(ROWS_A_PAGE, room)
      const page: RowsPage =
        piece === 0 && first
          ? first
          : await this.#port.search.rows(remote, { after, limit }, tools.signal)
      const cut: RowsPage =
        page.rows.length > room ? { ...page, rows: page.rows.slice(0, room) } : page
      const bytes = await keepRows(house, caller.scope, keeping, piece, cut)
      kept.add(cut, bytes)
      after = page.next
      await this.#update(kept.told())
      tools.report({ done: kept.rows, total: done.found, unit: 'rows', note: 'reading rows' })
      if (after === null && cut === page) break
      if (kept.isFull) {
        kept.truncate()
        break
      }
    }
    const { scanned, scannedBytes = null } = done
    const told = { ...kept.told(), found: done.found ?? kept.rows, scanned, scannedBytes }
    await this.#end('succeeded', null, {
      ...told,
      notices: JSON.stringify([...done.notices, ...this.#costNotice(scanned)]),
      progress: 1_000,
    })
  }

  #costsTooMuch(scanned: number | null): scanned is number {
    const { scanned: scannedMax } = this.#work.search.caps
    return scannedMax !== null && scanned !== null && scanned > scannedMax
  }

  /** Final: asked again it would cost as much. */
  async #stopForCost(remote: RemoteSearch, scanned: number): Promise<AppError> {
    const told = await this.#tellToStop(remote)
    const most = this.#work.search.caps.scanned
    return new AppError(
      'too_large',
      `It had read ${scanned} events; at most ${most} were allowed. ${told}`,
    )
  }

  /** A target that tells its cost at the end alone cannot be stopped in time. */
  #costNotice(scanned: number | null): readonly string[] {
    if (!this.#costsTooMuch(scanned)) return []
    const most = this.#work.search.caps.scanned
    return [`It read ${scanned} events where ${most} were allowed, and told so only at its end.`]
  }

  /** What to throw once the target was told to stop. */
  async #cancel(remote: RemoteSearch): Promise<AppError> {
    const told = `Cancelled. ${await this.#tellToStop(remote)}`
    await this.#end('cancelled', told, {})
    return new AppError('cancelled', told)
  }

  async #tellToStop(remote: RemoteSearch): Promise<string> {
    const { isConfirmed, reason } = await this.#port.search
      .cancel(remote, AbortSignal.timeout(CANCEL_MS))
      .catch((error: unknown) => ({
        isConfirmed: false,
        reason: error instanceof AppError ? error.message : 'The target did not answer.',
      }))
    return isConfirmed ? 'The target has stopped.' : `The target may still be at work. ${reason}`
  }

  #update(change: SegmentChange): Promise<void> {
    const { house, caller, run, tools } = this.#work
    return house.db.write(caller, async (tx) => {
      await tools.assertLeased(tx)
      await updateSegment(tx, run.searchId, run.position, change)
    })
  }

  #end(
    state: 'succeeded' | 'cancelled',
    reason: string | null,
    change: SegmentChange,
  ): Promise<void> {
    return endSegment(this.#work, state, reason, change)
  }
}

const DONE: Extract<SearchState, { kind: 'done' }> = {
  kind: 'done',
  found: null,
  scanned: null,
  completeness: { kind: 'complete' },
  notices: [],
}
