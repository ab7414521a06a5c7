// A high-water mark of the wall clock, kept across restarts. A clock that falls more than a minute
// behind it would revive what has expired; so whoever holds such things is told to end them, the log
// says it once, and the mark starts again from the clock, which locks nobody out.

import type { Logger } from 'pino'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import { instant, MINUTE, SECOND, type Clock, type Instant } from '#kernel/time.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Caller } from './caller.ts'
import type { Database } from './db/database.ts'
import { makeScope } from './db/scope.ts'
import type { Tx } from './db/tx.ts'

export const CLOCK_SLACK_MS = MINUTE
const LOOK_EVERY_MS = MINUTE

export interface ClockMarkParts {
  readonly db: Database
  readonly clock: Clock
  readonly audit: Pick<AuditLog, 'record'>
  readonly log: Logger
  /** Whoever the entry names: the product itself, at this moment. */
  readonly caller: () => Caller
}

interface Fall {
  readonly mark: Instant
  readonly now: Instant
}

/** Reads the mark of the start before, and looks at once. */
export async function openClockMark(parts: ClockMarkParts): Promise<ClockMark> {
  const stored = await findMark(parts.db.read(makeScope(INSTANCE_WORKSPACE)))
  const mark = new ClockMark(parts, stored)
  await mark.look()
  return mark
}

export class ClockMark {
  readonly #parts: ClockMarkParts
  readonly #timer: NodeJS.Timeout
  readonly #listeners: ((mark: Instant) => void)[] = []
  #mark: Instant
  /** Both clocks at the last look: a step back between two looks shows in their difference. */
  #last: { readonly at: Instant; readonly monotonicMs: number }
  /** Where it was before it fell. */
  #fallenFrom: Instant | undefined
  /** Noticed, and not yet in the log. */
  #fall: Fall | undefined
  #saving: Promise<void> = Promise.resolve()

  constructor(parts: ClockMarkParts, stored: Instant | undefined) {
    this.#parts = parts
    this.#last = { at: parts.clock.now(), monotonicMs: parts.clock.monotonicMs() }
    this.#mark = stored ?? this.#last.at
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref()
  }

  /**
   * `listener` ends what the clock must not revive: what was over at `mark`. Called in the turn that
   * notices a fall, and at once when there was one since the mark was opened.
   */
  onBehind(listener: (mark: Instant) => void): void {
    this.#listeners.push(listener)
    if (this.#fallenFrom !== undefined) listener(this.#fallenFrom)
  }

  /**
   * Compares the clock with the mark and raises it. Resolves when that is stored; what cannot be
   * stored now is tried again at the next look. Never rejects.
   */
  look(): Promise<void> {
    const now = this.#parts.clock.now()
    const expected = this.#expected(now)
    if (now < expected - CLOCK_SLACK_MS) {
      this.#fall ??= { mark: expected, now }
      this.#mark = now
      this.#fallenFrom = instant(Math.max(expected, this.#fallenFrom ?? 0))
      for (const listener of this.#listeners) listener(expected)
    } else if (now > this.#mark) {
      this.#mark = now
    }
    this.#saving = this.#saving.then(() => this.#save())
    return this.#saving
  }

  /** The database closes after it. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.look()
  }

  #expected(now: Instant): Instant {
    const monotonicMs = this.#parts.clock.monotonicMs()
    const reached = this.#last.at + Math.floor(monotonicMs - this.#last.monotonicMs)
    this.#last = { at: now, monotonicMs }
    return instant(Math.max(this.#mark, reached))
  }

  async #save(): Promise<void> {
    const { db, log, audit } = this.#parts
    const fall = this.#fall
    const mark = this.#mark
    const caller = this.#parts.caller()
    try {
      await db.write(caller, async (tx) => {
        await setMark(tx, mark)
        if (fall) await audit.record(tx, caller, entryOf(fall))
      })
      if (this.#fall === fall) this.#fall = undefined
    } catch (err) {
      log.warn({ err }, 'the mark of the clock could not be stored')
    }
  }
}

function entryOf({ mark, now }: Fall) {
  const seconds = Math.round((mark - now) / SECOND)
  return { action: 'clock.behind', target: 'clock', data: { mark, now, seconds } }
}

async function findMark(
  db: Pick<ReturnType<Database['read']>, 'selectFrom'>,
): Promise<Instant | undefined> {
  const row = await db.selectFrom('clockMark').select('at').where('id', '=', 1).executeTakeFirst()
  return row?.at
}

async function setMark(tx: Tx, at: Instant): Promise<void> {
  const row = await tx.selectFrom('clockMark').select('at').executeTakeFirst()
  if (!row) await tx.insertInto('clockMark').values({ id: 1, at }).execute()
  else await tx.updateTable('clockMark').set({ at }).where('id', '=', 1).execute()
}
