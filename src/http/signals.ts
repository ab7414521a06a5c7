// The event stream: small JSON signals that name what changed, never HTML. A page fetches the part
// itself, and so passes session, permission and rendering like any other request.
//
// A signal's id is `<run>-<number>`. The run changes with each start, so an id of an earlier one is
// never mistaken for a place in this stream. The number is microseconds since the start and tells
// nothing of how much happens in other workspaces.

import type { WorkspaceId } from '#kernel/id.ts'
import { SECOND, type Clock } from '#kernel/time.ts'
import type { DomainEvent } from '#kernel/event.ts'
import type { EventBus } from '#platform/events.ts'

export interface Signal {
  readonly number: number
  /** The noun of the event: `job`. */
  readonly kind: string
  readonly id: string
}

/** A busy minute of one workspace; who has missed more looks at everything again. */
export const SIGNALS_KEPT_MAX = 1_000

/** A session that was ended stops its streams within this. */
export const SESSION_RECHECK_MS = 5 * SECOND

/** Progress can change faster than a page can show it: what comes in between travels together. */
export const SIGNALS_GAP_MS = 200

interface Ring {
  readonly kept: Signal[]
  /** Number of the newest signal that is no longer kept. */
  lost: number
}

export class Signals {
  readonly #clock: Clock
  readonly #run: string
  readonly #startMs: number
  readonly #rings = new Map<WorkspaceId, Ring>()
  readonly #wakers = new Map<WorkspaceId, Set<(signal?: Signal) => void>>()
  readonly #stop: () => void
  #last = 0

  constructor(source: {
    readonly clock: Clock
    readonly random: (bytes: number) => Buffer
    readonly events: EventBus
  }) {
    this.#clock = source.clock
    this.#startMs = source.clock.monotonicMs()
    this.#run = source.random(6).toString('hex')
    this.#stop = source.events.subscribe('all', (event) => this.#note(event))
  }

  /** The newest place of a workspace's stream: what a page is rendered with. */
  last(workspaceId: WorkspaceId): string {
    const ring = this.#rings.get(workspaceId)
    return this.idOf(ring?.kept.at(-1)?.number ?? 0)
  }

  idOf(number: number): string {
    return `${this.#run}-${number}`
  }

  /** The place a browser names; undefined when it is not one of this run. */
  numberOf(id: string): number | undefined {
    const [run, number] = id.split('-')
    if (run !== this.#run || !/^\d{1,16}$/.test(number ?? '')) return undefined
    return Number(number)
  }

  /**
   * What came after a place, the newest of each kind and id only. Undefined when some of it is no
   * longer kept.
   */
  after(workspaceId: WorkspaceId, number: number): readonly Signal[] | undefined {
    const ring = this.#rings.get(workspaceId)
    if (!ring) return []
    if (number < ring.lost) return undefined
    const newest = new Map<string, Signal>()
    for (const signal of ring.kept) {
      if (signal.number <= number) continue
      const key = `${signal.kind} ${signal.id}`
      newest.delete(key) // so that the map stays in the order of numbers
      newest.set(key, signal)
    }
    return [...newest.values()]
  }

  /**
   * Resolves at the workspace's next signal, or its next that is wanted, after `timeoutMs`, or when
   * one of `ends` aborts.
   */
  wait(
    workspaceId: WorkspaceId,
    timeoutMs: number,
    ends: AbortSignal,
    isWanted: (signal: Signal) => boolean = () => true,
  ): Promise<void> {
    return new Promise((resolve) => {
      const wakers = this.#wakers.get(workspaceId) ?? new Set()
      this.#wakers.set(workspaceId, wakers)
      const wakeFor = (signal?: Signal) => {
        if (signal === undefined || isWanted(signal)) wake()
      }
      const wake = () => {
        clearTimeout(timer)
        wakers.delete(wakeFor)
        if (wakers.size === 0) this.#wakers.delete(workspaceId)
        ends.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      wakers.add(wakeFor)
      ends.addEventListener('abort', wake, { once: true })
      if (ends.aborted) wake()
    })
  }

  /** Stops hearing events and lets every stream go. */
  close(): void {
    this.#stop()
    for (const wakers of this.#wakers.values()) for (const wakeFor of wakers) wakeFor()
  }

  #note({ workspaceId, noun, id }: DomainEvent): void {
    const ring = this.#rings.get(workspaceId) ?? { kept: [], lost: 0 }
    this.#rings.set(workspaceId, ring)
    const elapsed = Math.floor((this.#clock.monotonicMs() - this.#startMs) * 1_000)
    this.#last = Math.max(this.#last + 1, elapsed)
    const signal = { number: this.#last, kind: noun, id }
    ring.kept.push(signal)
    if (ring.kept.length > SIGNALS_KEPT_MAX) ring.lost = ring.kept.shift()!.number
    for (const wakeFor of this.#wakers.get(workspaceId) ?? []) wakeFor(signal)
  }
}
