// A small question to a target, outside of what people search: started, waited for, its first rows read.
// What cannot be answered is undefined and stops nothing.

import type { RowsPage, SiemPort, TargetQuery } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { pause } from '#platform/turns.ts'

export interface Question {
  readonly query: TargetQuery
  readonly from: Instant
  readonly to: Instant
  /** Travels with it where the target can log it. */
  readonly purpose: string
}

export interface Answer {
  /** Rows that the query finds, as far as the target tells. */
  readonly found: number | null
  readonly page: RowsPage
}

const ROWS_MAX = 10
const SECONDS_MAX = 30
const POLLS_MAX = 40
const POLL_MS_MAX = 2_000

/** Undefined where it is refused, fails, takes too long, or is answered in part. */
export async function askOnce(
  house: House,
  { search }: SiemPort,
  { query, ...question }: Question,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  if (!search.languages.includes(query.language)) return undefined
  const segmentId = `health_${house.random(8).toString('hex')}`
  const limits = { rowsMax: ROWS_MAX, secondsMax: SECONDS_MAX, person: 'rulewright', segmentId }
  try {
    const { remote, first } = await search.start({ ...question, ...limits, query }, signal)
    for (let poll = 0; poll < POLLS_MAX; poll++) {
      const state = await search.poll(remote, signal)
      if (state.kind === 'done') {
        if (state.completeness.kind === 'partial') return undefined
        const page = first ?? (await search.rows(remote, { after: null, limit: ROWS_MAX }, signal))
        return { found: state.found, page }
      }
      if (state.kind !== 'running') return undefined
      await pause(Math.min(POLL_MS_MAX, state.pollAfterMs), signal)
    }
    await search.cancel(remote, signal)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) return undefined
    throw error
  }
}
