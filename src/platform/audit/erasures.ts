// Personal data that is gone from a log, and the later entries that say whose was erased. What is gone
// and nobody says so was taken by hand.

import type { Entry } from './chain.ts'
import { ERASE_ACTION } from './log.ts'

type Erasable = Entry & { readonly personal: string | null }

export class Erasures {
  /** By workspace and person: the last entry that erased what was before it. */
  readonly #said = new Map<string, number>()
  readonly #gone: Pick<Entry, 'seq' | 'workspaceId' | 'actor' | 'target'>[] = []

  read({ seq, workspaceId, actor, target, action, commitment, personal }: Erasable): void {
    if (commitment && personal === null) this.#gone.push({ seq, workspaceId, actor, target })
    if (action === ERASE_ACTION) this.#said.set(`${workspaceId} ${target}`, seq)
  }

  /** The first entry that lost its personal data while no entry says so. */
  unexplained(): number | undefined {
    const isSaid = (workspaceId: string, person: string, seq: number) =>
      (this.#said.get(`${workspaceId} ${person}`) ?? 0) > seq
    return this.#gone.find(
      ({ seq, workspaceId, actor, target }) =>
        !isSaid(workspaceId, actor, seq) && !isSaid(workspaceId, target, seq),
    )?.seq
  }
}
