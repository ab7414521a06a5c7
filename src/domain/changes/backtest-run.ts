// A round of a backtest: what can be asked is asked, what was answered is compared, and when something
// must wait for long another round is queued. May run more than once: the id of a search is written
// down before it is begun, so that a restart finds it and asks nobody twice.

import { permit } from '#domain/access/permission.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { listPins, pinRow } from '#domain/searches/pins.ts'
import { everyRow, getSearch, type FoundRow } from '#domain/searches/reading.ts'
import { CAPS_USUAL, isOver, type Search, type Segment } from '#domain/searches/search.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type BacktestId, type SearchId } from '#kernel/id.ts'
import { addMs, HOUR, SECOND, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn, pause } from '#platform/turns.ts'
import {
  costOf,
  identityOf,
  isOwnIdentity,
  keyOf,
  perDayOf,
  RowsCompared,
  weightOf,
  whyThin,
  whyUnknown,
  type Backtest,
  type BacktestItem,
  type Measured,
} from './backtest.ts'
import type { Question } from './backtest-query.ts'
import { nextTryAt, stopSearches } from './backtest-searches.ts'
import { countedOf, Tally } from './backtest-tally.ts'
import {
  askedSince,
  countItems,
  getBacktest,
  hasEndedSince,
  selectItems,
  updateBacktest,
  updateItem,
} from './backtest-store.ts'

export interface RoundTools {
  readonly signal: AbortSignal
  readonly isCancelled: () => boolean
  /** When this round was queued, if it did not come to its end the first time. */
  readonly triedSince: Instant | undefined
  readonly report: (progress: JobProgress) => void
  readonly assertLeased: (tx: Tx) => Promise<void>
  /** Queues the next round. */
  readonly again: (tx: Tx, backtest: Backtest, runAt: Instant) => Promise<void>
}

/** The first look is soon, and each that found no end is as far away again. */
const POLL_MS = 20
const POLL_MAX_MS = 200
/** Waited for in all; then the slot is left to others for a moment: searches wait for slots, too. */
const ROUND_MS = 20 * SECOND

export async function runRound(
  house: House,
  caller: Caller,
  id: BacktestId,
  tools: RoundTools,
): Promise<void> {
  permit(caller, 'search.run')
  const backtest = await getBacktest(house.db.read(caller.scope), caller.scope, id)
  if (backtest.endedAt !== null) return
  const round = new Round(house, caller, backtest, tools)
  try {
    await round.run()
  } catch (error) {
    await nextTurn()
    if (tools.signal.aborted && tools.isCancelled()) await stopSearches(house, caller, id)
    throw error
  }
}

class Round {
  readonly #house: House
  readonly #caller: Caller
  readonly #backtest: Backtest
  readonly #tools: RoundTools

  constructor(house: House, caller: Caller, backtest: Backtest, tools: RoundTools) {
    this.#house = house
    this.#caller = caller
    this.#backtest = backtest
    this.#tools = tools
  }

  async run(): Promise<void> {
    const { signal, triedSince } = this.#tools
    if (triedSince !== undefined && (await this.#hasEnded(triedSince))) {
      // However often the process dies: only attempts that brought nothing are counted together.
      return this.#again(this.#house.clock.now())
    }
    let pollMs = POLL_MS
    for (let waitedMs = 0; waitedMs < ROUND_MS; waitedMs += pollMs) {
      signal.throwIfAborted()
      const asked = await this.#items('asking')
      for (const item of asked) await this.#look(item)
      const waitUntil = await this.#ask()
      const open = await this.#report()
      if (open.waiting + open.asking === 0) return this.#end()
      if (open.asking === 0 && waitUntil !== undefined) return this.#again(waitUntil)
      const asking = await this.#items('asking')
      const triedAt = await nextTryAt(this.#house, this.#caller, asking)
      if (triedAt !== undefined) return this.#again(triedAt)
      const known = new Set(asked.map(({ number }) => number))
      const isMoving = asking.some(({ number }) => !known.has(number))
      pollMs = isMoving ? POLL_MS : Math.min(2 * pollMs, POLL_MAX_MS)
      await pause(pollMs, signal)
    }
    return this.#again(addMs(this.#house.clock.now(), SECOND))
  }

  async #hasEnded(since: Instant): Promise<boolean> {
    const { scope } = this.#caller
    return hasEndedSince(this.#house.db.read(scope), scope, this.#backtest.id, since)
  }

  /** In their order; of those that wait as many as there may be at once. */
  #items(state: 'waiting' | 'asking'): Promise<readonly BacktestItem[]> {
    const { scope } = this.#caller
    const { id, atOnce } = this.#backtest
    return selectItems(this.#house.db.read(scope), scope, id, { states: [state], limit: atOnce })
  }

  /** Asks as many as may run at once. Returns when the budget of the hour has room again. */
  async #ask(): Promise<Instant | undefined> {
    let free = this.#backtest.atOnce - (await this.#items('asking')).length
    for (const item of await this.#items('waiting')) {
      if (free <= 0) return undefined
      const waitUntil = await this.#roomAt()
      if (waitUntil !== undefined) return waitUntil
      await this.#begin(item)
      free--
    }
    return undefined
  }

  async #roomAt(): Promise<Instant | undefined> {
    const { perHour, id } = this.#backtest
    if (perHour === null) return undefined
    const { scope } = this.#caller
    const since = addMs(this.#house.clock.now(), -HOUR)
    const asked = await askedSince(this.#house.db.read(scope), scope, id, since)
    return asked.count < perHour ? undefined : addMs(asked.first!, HOUR)
  }

  async #begin(item: BacktestItem): Promise<void> {
    const { before, after } = item
    const isSame = isAsked(before) && isAsked(after) && isOneQuery(before, after)
    const afterSearchId = isAsked(after) ? this.#newId() : null
    const beforeSearchId = isSame ? afterSearchId : isAsked(before) ? this.#newId() : null
    await this.#update(item, {
      state: 'asking',
      askedAt: this.#house.clock.now(),
      beforeSearchId,
      afterSearchId,
    })
    await this.#look({ ...item, state: 'asking', beforeSearchId, afterSearchId })
  }

  #newId(): SearchId {
    return makeId(ID_PREFIXES.search, this.#house.clock.now(), this.#house.random(10))
  }

  /** Begins what was not begun, and compares once all is answered. */
  async #look(item: BacktestItem): Promise<void> {
    const why = whyNotAsked(item)
    if (why !== undefined) return this.#settle(item, why)
    const { before, after, beforeSearchId, afterSearchId } = item
    const sides = [
      { id: beforeSearchId, question: before },
      { id: afterSearchId, question: after },
    ]
    const searches = new Map<SearchId, Search>()
    for (const { id, question } of sides) {
      if (id === null || !isAsked(question) || searches.has(id)) continue
      try {
        searches.set(id, await this.#search(item, id, question))
      } catch (error) {
        if (!isFinal(error)) throw error
        return this.#settle(item, `It could not be asked. ${error.message}`)
      }
    }
    const segments = [...searches.values()].map(({ segments: [only] }) => only!)
    if (segments.some(({ state }) => !isOver(state))) return
    await this.#compare(item, {
      before: beforeSearchId === null ? null : searches.get(beforeSearchId)!,
      after: afterSearchId === null ? null : searches.get(afterSearchId)!,
    })
  }

  async #search(item: BacktestItem, id: SearchId, question: Asked): Promise<Search> {
    await nextTurn()
    const house = this.#house
    try {
      return await getSearch(house, this.#caller, id)
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'forbidden')) throw error
    }
    const { from, to, rowsMax, createdBy, title } = this.#backtest
    const input = {
      question: { language: question.language, text: question.text },
      targetIds: [item.targetId],
      from,
      to,
      ...CAPS_USUAL,
      rows: rowsMax,
      purpose: `backtest of ${title}`.slice(0, 500).toWellFormed(),
    }
    const written = { title: item.ruleTitle, ruleId: item.ruleId }
    const begun = await startSearch(house, this.#caller, input, {
      id,
      askedBy: createdBy,
      written,
    })
    await nextTurn() // the reader is not used in the turn of a commit
    return begun
  }

  async #compare(
    item: BacktestItem,
    { before, after }: { readonly before: Search | null; readonly after: Search | null },
  ): Promise<void> {
    const answers = { standing: before?.segments[0], proposed: after?.segments[0] }
    for (const which of ['standing', 'proposed'] as const) {
      const answer = answers[which]
      const why = answer && whyUnknown(which, answer)
      if (why !== undefined) return this.#settle(item, why)
    }
    const counting = (answers.proposed ?? answers.standing)!
    const thin = whyThin(counting)
    if (thin !== undefined) return this.#settle(item, thin)
    const distinct = before?.id === after?.id ? [counting] : Object.values(answers)
    const sides = distinct.filter((one): one is Segment => one !== undefined && hasColumns(one))
    const identity = identityOf(item.kind, sides)
    const rows = new RowsCompared()
    const tallies = { before: new Tally(item.before), after: new Tally(item.after) }
    if (before) {
      await this.#eachRow(before, (row) => {
        rows.addBefore(keyOf(identity, row.columns, row.values), row.index)
        tallies.before.add(row)
      })
    }
    if (after) {
      await this.#eachRow(after, (row) => {
        rows.addAfter(keyOf(identity, row.columns, row.values), row.index)
        tallies.after.add(row)
      })
    }
    const lost = whyLost(answers, rows)
    if (lost !== undefined) return this.#settle(item, lost)
    await this.#pin({ before, after }, rows, identity)
    const { notes, ...counted } = countedOf(tallies, this.#backtest)
    await this.#settle(item, null, {
      ...rows.counts,
      scanned: counting.scanned,
      cost: costOf(distinct.filter((one) => one !== undefined)),
      costs: {
        before: answers.standing ? costOf([answers.standing]) : null,
        after: answers.proposed ? costOf([answers.proposed]) : null,
      },
      ...counted,
      identity,
      notes: [
        ...notes,
        ...(isOwnIdentity(item.kind, identity) || identity.length === 0 ? [] : [BY_ALL_COLUMNS]),
      ],
    })
  }

  async #eachRow(search: Search, add: (row: FoundRow) => void): Promise<void> {
    for await (const row of everyRow(this.#house, this.#caller, search)) {
      this.#tools.signal.throwIfAborted()
      add(row)
    }
  }

  /** A few rows of each kind outlive the evidence, sealed, with the search they came from. */
  async #pin(
    { before, after }: { readonly before: Search | null; readonly after: Search | null },
    { samples }: RowsCompared,
    identity: readonly string[],
  ): Promise<void> {
    const places = [
      ['removed', before],
      ['kept', after],
      ['added', after],
    ] as const
    for (const [note, search] of places) {
      if (search === null) continue
      await nextTurn()
      const known = await listPins(this.#house, this.#caller, search.id)
      const columns = columnsToPin(search.segments[0]!, identity)
      for (const row of samples[note]) {
        if (known.some(({ rowIndex }) => rowIndex === row)) continue
        const pin = { position: 1, row, columns: [...columns], note }
        await nextTurn()
        // One that is too large for an excerpt is counted and not shown.
        await pinRow(this.#house, this.#caller, search.id, pin).catch(orTooLarge)
      }
    }
  }

  #settle(
    item: BacktestItem,
    reason: string | null,
    result: Measured | null = null,
  ): Promise<void> {
    return this.#update(item, {
      state: reason === null ? 'measured' : 'unknown',
      reason,
      result,
      perDay: result && perDayOf(weightOf(result, 'after'), this.#backtest),
      endedAt: this.#house.clock.now(),
    })
  }

  #update(item: BacktestItem, change: Parameters<typeof updateItem>[3]): Promise<void> {
    return this.#write((tx) => updateItem(tx, this.#backtest.id, item.number, change))
  }

  async #report() {
    const { scope } = this.#caller
    const counts = await countItems(this.#house.db.read(scope), scope, this.#backtest.id)
    const done = counts.measured + counts.unknown + counts.unchanged
    const total = done + counts.waiting + counts.asking
    this.#tools.report({ done, total, unit: 'rules', note: `${counts.unknown} unknown` })
    return counts
  }

  #end(): Promise<void> {
    const { id, changeId } = this.#backtest
    return this.#write(async (tx) => {
      await updateBacktest(tx, id, { endedAt: this.#house.clock.now() })
      const counts = await countItems(tx, tx.scope, id)
      const data = { ...counts, change: changeId }
      await this.#house.audit.record(tx, this.#caller, {
        action: 'backtest.end',
        target: id,
        data,
      })
    })
  }

  #again(runAt: Instant): Promise<void> {
    return this.#write((tx) => this.#tools.again(tx, this.#backtest, runAt))
  }

  /** The reader is not used in the turn of a commit. */
  async #write(body: (tx: Tx) => Promise<void>): Promise<void> {
    await this.#house.db.write(this.#caller, async (tx) => {
      await this.#tools.assertLeased(tx)
      await body(tx)
    })
    await nextTurn()
  }
}

const BY_ALL_COLUMNS = 'Rows are told apart by all columns that both answers have.'

type Asked = Exclude<Question, { readonly why: string }>

function isAsked(question: Question | null): question is Asked {
  return question !== null && !('why' in question)
}

/** What else is said of them (a throttle) may differ. */
function isOneQuery(one: Asked, other: Asked): boolean {
  return one.language === other.language && one.text === other.text
}

function whyNotAsked({ before, after }: BacktestItem): string | undefined {
  for (const question of [after, before]) {
    if (question !== null && 'why' in question) return question.why
  }
  return undefined
}

/** Evidence may be gone before it was compared: kept in memory alone, or the product stood for long. */
function whyLost(
  {
    standing,
    proposed,
  }: { readonly standing: Segment | undefined; readonly proposed: Segment | undefined },
  { counts }: RowsCompared,
): string | undefined {
  const isWhole =
    counts.before === (standing?.rowCount ?? 0) && counts.after === (proposed?.rowCount ?? 0)
  return isWhole
    ? undefined
    : 'The rows were no longer kept when they were to be compared. Ask again.'
}

/** What found nothing may have told no columns, and then those of the other side are the shared ones. */
function hasColumns({ columns }: Segment): boolean {
  return columns.length > 0
}

const PINNED_COLUMNS_MAX = 50

function columnsToPin(
  { columns, timeColumn }: Segment,
  identity: readonly string[],
): readonly string[] {
  const first = [...(timeColumn === null ? [] : [timeColumn]), ...identity]
  const names = [...new Set([...first, ...columns.map(({ name }) => name)])]
  return names.slice(0, PINNED_COLUMNS_MAX)
}

function isFinal(error: unknown): error is AppError {
  return error instanceof AppError && ['invalid', 'forbidden', 'unsupported'].includes(error.code)
}

function orTooLarge(error: unknown): void {
  const isKnown = error instanceof AppError && ['too_large', 'conflict'].includes(error.code)
  if (!isKnown) throw error
}
