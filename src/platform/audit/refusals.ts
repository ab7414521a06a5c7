// Refusals repeat: a script without permission may ask a thousand times a minute. The first one of an
// actor and verb is an entry at once; the others of that minute are counted and become one entry when
// it is over. Only this process counts, and a crash loses the count of the minute, never the first.
// What an agent asks without changing anything is told in the same way, tool by tool.

import { systemActor } from '#kernel/actor.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'

export interface Refusal {
  readonly verb: string
  readonly target: string
  /** Why, as a code of kernel/error.ts; `done` for what was no refusal. */
  readonly code: string
  /** What is counted apart from others of the same verb. */
  readonly part?: string
  /** What else is to be known; of the last one, where they are counted. */
  readonly data?: Readonly<Record<string, string | number>>
}

export interface CountedRefusal extends Refusal {
  readonly caller: Caller
  readonly count: number
}

interface Window extends CountedRefusal {
  readonly endsAt: Instant
}

/** More actors than this at a time is an attack; the oldest counts are then written early. */
const WINDOWS_MAX = 1_000
/** Actors of one verb told apart within a minute: whoever invents names by the thousand is one. */
const ACTORS_MAX = 100
const OTHERS = systemActor('others')

export class RefusalCounter {
  readonly #windows = new Map<string, Window>()

  /**
   * Takes a refusal and returns what is to be written now: the refusal itself when it is the first of
   * its minute, and counts of minutes that are over.
   */
  take(given: Caller, refusal: Refusal): readonly CountedRefusal[] {
    const due = this.takeDue(given.now)
    const caller = this.#isCrowded(given, refusal) ? { ...given, actor: OTHERS } : given
    const key = keyOf(caller, refusal)
    const window = this.#windows.get(key)
    if (window) {
      this.#windows.set(key, { ...window, ...refusal, caller, count: window.count + 1 })
      return due
    }
    const evicted = this.#windows.size >= WINDOWS_MAX ? this.#evictOldest() : []
    const endsAt = (caller.now + MINUTE) as Instant
    this.#windows.set(key, { ...refusal, caller, count: 0, endsAt })
    return [...due, ...evicted, { ...refusal, caller, count: 1 }]
  }

  // True for one more actor than are told apart.
  #isCrowded(caller: Caller, refusal: Refusal): boolean {
    if (refusal.code === 'done') return false
    if (this.#windows.has(keyOf(caller, refusal))) return false
    const crowd = crowdOf(caller, refusal)
    let actors = 0
    for (const key of this.#windows.keys()) if (key.startsWith(crowd)) actors += 1
    return actors >= ACTORS_MAX
  }

  /** Counts of minutes that are over at `now`; of all when absent (the process stops). */
  takeDue(now?: Instant): readonly CountedRefusal[] {
    const due: CountedRefusal[] = []
    for (const [key, { endsAt, ...window }] of this.#windows) {
      if (now !== undefined && endsAt > now) continue
      this.#windows.delete(key)
      if (window.count > 0) due.push(window)
    }
    return due
  }

  #evictOldest(): readonly CountedRefusal[] {
    const [oldest] = this.#windows
    if (!oldest) return []
    const [key, { endsAt: _, ...window }] = oldest
    this.#windows.delete(key)
    return window.count > 0 ? [window] : []
  }
}

function keyOf(caller: Caller, refusal: Refusal): string {
  return crowdOf(caller, refusal) + caller.actor
}

function crowdOf({ scope }: Caller, { verb, part = '', code }: Refusal): string {
  return `${scope.workspaceId}\0${verb}\0${part}\0${code === 'done'}\0`
}
