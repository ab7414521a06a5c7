// What every phase of a run needs: the deployment and its items as they are by now, its targets, and writes
// that refuse once another run has taken over.

import { listSwitchTimes, settleChange } from '#domain/changes/deploying.ts'
import type { ObservedRule } from '#domain/targets/port.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { JobContext } from '#platform/jobs/define.ts'
import { nextTurn } from '#platform/turns.ts'
import type { DeploymentState } from './deployment.ts'
import type { Item } from './item.ts'
import { placeOf, readStanding, type Place, type Places } from './places.ts'
import { recordUnknown } from './record.ts'
import {
  getDeploymentRow,
  updateDeployment,
  updateItem,
  type ItemChange,
  type StoredDeployment,
} from './store.ts'
import { outcomeOf } from './settling.ts'
import { queueSwitches } from './switch-jobs.ts'
import type { WriteTools } from './write-item.ts'

export type RunTools = Pick<JobContext<unknown>, 'signal' | 'step' | 'report' | 'assertLeased'>

/** While a target says this, it may be asked again later. */
const WAITING: ReadonlySet<ErrorCode> = new Set([
  'upstream',
  'timeout',
  'busy',
  'rate_limited',
  'storage_full',
])

export function isWaiting(error: unknown): boolean {
  return error instanceof AppError && WAITING.has(error.code)
}

export interface WorkParts {
  readonly house: House
  readonly caller: Caller
  readonly tools: RunTools
  readonly deployment: StoredDeployment
  readonly items: readonly Item[]
  readonly places: Places
}

export class Work {
  readonly house: House
  readonly places: Places
  /** For calls on targets. */
  readonly write: WriteTools
  readonly #caller: Caller
  readonly #tools: RunTools
  readonly #items: Map<number, Item>
  #deployment: StoredDeployment

  constructor({ house, caller, tools, deployment, items, places }: WorkParts) {
    this.house = house
    this.places = places
    this.#caller = caller
    this.#tools = tools
    this.#deployment = deployment
    this.#items = new Map(items.map((item) => [item.number, item]))
    const signal = withoutCancel(tools.signal)
    this.write = { installId: house.keys.installId, step: tools.step, signal }
  }

  get deployment(): StoredDeployment {
    return this.#deployment
  }

  /** In their order. */
  get items(): readonly Item[] {
    return [...this.#items.values()]
  }

  /** Whoever acts, at this moment. */
  get caller(): Caller {
    return { ...this.#caller, now: this.house.clock.now() }
  }

  /** As it is by now. */
  item({ number }: Item): Item {
    return this.#items.get(number)!
  }

  placeOf(item: Item): Place {
    return placeOf(this.places, item)
  }

  /** Whether something on a target may be other than before. */
  get hasBegun(): boolean {
    return this.items.some(({ state, writtenAt }) => state === 'writing' || writtenAt !== null)
  }

  /** The server stops, or another run goes on: nothing is decided here any more. */
  get isStopped(): boolean {
    return this.write.signal.aborted
  }

  /** Whether a final refusal ended it; anything else flies on. */
  isFinal(error: unknown): error is AppError {
    return error instanceof AppError && !isWaiting(error) && !this.isStopped
  }

  async standing(item: Item): Promise<ObservedRule | null> {
    const { installId, signal } = this.write
    return readStanding(this.placeOf(item), item, installId, signal)
  }

  async enter(state: DeploymentState, reason: string | null = null): Promise<void> {
    if (this.#deployment.state !== state) await this.#update({ state, reason })
    await nextTurn()
  }

  /** Why it waits. */
  explain(reason: string): Promise<void> {
    return this.#update({ reason })
  }

  /** `isStale`: nothing was written, and its change is to be looked at again. */
  async end(state: DeploymentState, reason: string | null, isStale = false): Promise<void> {
    const { id, changeId, changeTitle, kind, isDryRun, startedBy } = this.#deployment
    const { caller } = this
    await nextTurn() // the reader is not used in the turn of a commit
    const outcome = await outcomeOf(this.house, caller, this.#deployment, {
      ended: state,
      isStale,
    })
    await this.tx(async (tx) => {
      await updateDeployment(tx, id, { state, reason, endedAt: caller.now })
      if (outcome !== null) {
        await settleChange(tx, this.house, caller, changeId, outcome, reason ?? '')
      }
      if (outcome === 'deployed') {
        const ends = await listSwitchTimes(tx, changeId)
        await queueSwitches(tx, this.house, caller, { changeId, title: changeTitle, ends })
      }
      await this.house.audit.record(tx, caller, {
        action: 'deployment.end',
        target: id,
        data: { change: changeId, kind, isDryRun, state, reason, by: startedBy },
      })
    })
    this.#deployment = { ...this.#deployment, state, reason, endedAt: caller.now }
    await nextTurn()
  }

  async change(item: Item, change: ItemChange): Promise<void> {
    await this.tx((tx) => updateItem(tx, item, change))
    this.set(item, change)
  }

  /** Nobody can tell what became of it. */
  async lose(item: Item, reason: string): Promise<void> {
    await this.tx((tx) => recordUnknown(tx, this.house, this.caller, item, reason))
    this.set(item, { state: 'unknown', reason })
  }

  /** What is written already. */
  set(item: Item, change: Partial<Item>): void {
    this.#items.set(item.number, { ...this.item(item), ...change })
  }

  tx<Result>(body: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.house.db.write(this.#caller, async (tx) => {
      await this.#tools.assertLeased(tx)
      return body(tx)
    })
  }

  /**
   * Targets side by side, and at each as many calls at once as it takes. After a failure nothing new is
   * begun; throws what failed, or that somebody cancelled.
   */
  async each(
    note: string,
    states: readonly Item['state'][],
    act: (item: Item) => Promise<void>,
  ): Promise<void> {
    const todo = this.items.filter(({ state }) => states.includes(state))
    const { signal } = this.#tools
    const failures: unknown[] = []
    const total = this.#items.size
    let done = total - todo.length
    const lines = [...Map.groupBy(todo, ({ targetId }) => targetId)].flatMap(([id, own]) => {
      const { concurrency = 1, kind } = this.places.get(id)?.target ?? {}
      // Rules of OpenSearch share their detectors.
      const width = kind === 'opensearch' ? 1 : Math.min(concurrency, own.length)
      const next = own.values()
      return Array.from({ length: width }, async () => {
        for (const item of next) {
          if (failures.length > 0 || signal.aborted) return
          await act(item).catch((error: unknown) => failures.push(error))
          this.#tools.report({ done: ++done, total, unit: 'rules', note })
        }
      })
    })
    await Promise.all(lines)
    await nextTurn()
    if (failures.length > 0) throw failures.find((one) => !isWaiting(one)) ?? failures[0]
    if (this.isStopped) signal.throwIfAborted()
    if (signal.aborted || (await this.#isCancelled())) throw new AppError('conflict', 'Cancelled.')
  }

  async #isCancelled(): Promise<boolean> {
    const { scope } = this.#caller
    const { isCancelled } = await getDeploymentRow(
      this.house.db.read(scope),
      scope,
      this.#deployment.id,
    )
    return isCancelled
  }

  async #update(change: {
    readonly state?: DeploymentState
    readonly reason: string | null
  }): Promise<void> {
    await this.tx((tx) => updateDeployment(tx, this.#deployment.id, change))
    this.#deployment = { ...this.#deployment, ...change }
  }
}

export function about({ ruleTitle, targetName }: Item, why: string): AppError {
  return new AppError('conflict', `${ruleTitle} at ${targetName}: ${why}`)
}

/** Follows the signal of a run, except where a person cancelled: what was begun is waited for. */
function withoutCancel(signal: AbortSignal): AbortSignal {
  const quiet = new AbortController()
  const follow = () => {
    const { reason } = signal as { readonly reason: unknown }
    const isCancel = reason instanceof AppError && reason.details['cause'] === 'cancelled'
    if (!isCancel) quiet.abort(reason)
  }
  if (signal.aborted) follow()
  else signal.addEventListener('abort', follow, { once: true })
  return quiet.signal
}
