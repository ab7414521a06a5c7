// What the rules of a target build on: told by the target where it tells, named by the rules in any case.
// A rule's query is read in a thread by its language; macros, functions and data models are looked into.
// Where one of them is another than it was, the rules that build on it are read again, too.

import type { ObservedId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Completeness, DependenciesAnswer, SiemPort } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { readObserved } from '#languages/rule-formats/observed/observed.ts'
import type { ObservedFacts } from '#languages/rule-formats/observed/object.ts'
import { keepBuiltOn } from './built-on-store.ts'
import { DependencyBook } from './dependency-book.ts'
import * as store from './dependency-store.ts'
import { selectRefs, selectWhole } from './store.ts'

/** A rule that is new or whose body is another one. */
export interface Touched extends Pick<ObservedFacts, 'query' | 'names'> {
  readonly id: ObservedId
}

interface Asked {
  readonly target: Target
  readonly port: SiemPort
  readonly touched: readonly Touched[]
  /** When all of this was read before. */
  readonly since: Instant | null
}

const BATCH = 40

/** Null where the target tells of nothing. */
export async function pullDependencies(
  house: House,
  caller: Caller,
  { target, port, touched, since }: Asked,
  signal: AbortSignal,
): Promise<Completeness | null> {
  const answer = await port.dependencies?.(signal)
  await nextTurn() // the reader is not used in the turn of a commit
  const { scope } = caller
  const given = await store.selectDefined(house.db.read(scope), scope, target.id, { by: 'people' })
  const book = new DependencyBook(house, target, answer, given)
  const changed = await house.db.write(caller, (tx) => book.keepTold(tx, caller, since))
  await link(house, caller, book, touched, signal)
  await nextTurn()
  const again = await store.selectBuiltOn(house.db.read(scope), scope, changed)
  const done = new Set(touched.map(({ id }) => id))
  const left = again.filter((id) => !done.has(id))
  for (let at = 0; at < left.length; at += BATCH) {
    await nextTurn()
    const rows = await selectWhole(house.db.read(scope), scope, left.slice(at, at + BATCH))
    const some = rows.map(({ id, body, ...rest }): Touched => ({
      id,
      ...readObserved(target.kind, { ...rest, body }),
    }))
    await link(house, caller, book, some, signal)
  }
  if (answer) await linkReactions(house, caller, { target, book, answer })
  return answer?.completeness ?? null
}

async function link(
  house: House,
  caller: Caller,
  book: DependencyBook,
  rules: readonly Touched[],
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < rules.length; at += BATCH) {
    signal.throwIfAborted()
    const some = rules.slice(at, at + BATCH)
    const named = await Promise.all(some.map(({ query, names }) => book.namesOf(query, names)))
    await house.db.write(caller, async (tx) => {
      for (const [index, { id }] of some.entries()) {
        await store.replaceLinks(tx, id, await book.idsOf(tx, caller, named[index]!))
      }
      const ids = some.map(({ id }) => id)
      await keepBuiltOn(tx, ids, caller.now)
    })
  }
}

interface Told {
  readonly target: Target
  readonly book: DependencyBook
  readonly answer: DependenciesAnswer
}

/** What takes up the alerts of a rule. Where that was not told in whole, what was known stays. */
async function linkReactions(
  house: House,
  caller: Caller,
  { target, book, answer: { kinds, reactions } }: Told,
): Promise<void> {
  if (!kinds.includes('automation_rule')) return
  const named = await Promise.all(
    reactions.map(async (one) => ({
      ref: one.ref.toLowerCase(),
      names: await book.closure([one]),
    })),
  )
  await house.db.write(caller, async (tx) => {
    const refs = await selectRefs(tx, tx.scope, target.id)
    const byRef = new Map(refs.map(({ id, ref }) => [ref.toLowerCase(), id]))
    const links: store.Link[] = []
    for (const { ref, names } of named) {
      const observedId = byRef.get(ref)
      if (observedId === undefined) continue
      const ids = await book.idsOf(tx, caller, names)
      links.push(...ids.map((dependencyId) => ({ observedId, dependencyId })))
    }
    const before = await store.replaceReactions(tx, target.id, links)
    const said = new Set([...before, ...links.map(({ observedId }) => observedId)])
    await keepBuiltOn(tx, [...said], caller.now)
  })
}
