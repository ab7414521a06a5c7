// What becomes of the items of a list that two sides edited: which stay and are merged one by one, which
// go, which come and where. Items are known by a name, or by all that they say.

import { alignItems } from './three-way.ts'

export interface ListPlan {
  /** To be merged as one item. Places in the lists; -1 where a side has it no more. */
  readonly pairs: readonly ItemPair[]
  /** Places in mine that go because what theirs made of them is there already. */
  readonly removed: readonly number[]
  /** Places in theirs, to be put behind a place in mine; -1 for the beginning. */
  readonly carried: readonly { readonly theirs: number; readonly behind: number }[]
}

export interface ItemPair {
  /** -1 for an item that both sides added. */
  readonly base: number
  readonly mine: number
  readonly theirs: number
}

export interface ItemNames {
  readonly base: readonly string[]
  readonly mine: readonly string[]
  readonly theirs: readonly string[]
  /** Names stay when the rest of an item changes. Else a name is all that the item says, as JSON. */
  readonly isKeyed: boolean
}

export function planList(names: ItemNames): ListPlan {
  const [mine, theirs] = fatesOf(names)
  const pairs: ItemPair[] = []
  const removed: number[] = []
  const carried: { theirs: number; behind: number }[] = []
  /** Where in mine each item of theirs is, for the places of new ones. */
  const places = new Map<number, number>()
  const arrived = new Arrivals()
  for (const at of mine.added) arrived.add(names.mine[at]!, at)
  // What one side made of an item that the other left alone may be what the other added beside it.
  const rewriters = names.base.map((name, item) => {
    const [ours, other] = [names.mine[mine.places[item]!], names.theirs[theirs.places[item]!]]
    const isOne = !names.isKeyed && ours !== undefined && other !== undefined
    if (!isOne || (ours === name) === (other === name)) return undefined
    return other === name ? 'mine' : 'theirs'
  })
  for (const [item, rewriter] of rewriters.entries()) {
    const at = mine.places[item]!
    if (rewriter === 'mine') arrived.add(names.mine[at]!, at)
  }
  for (const item of names.base.keys()) {
    const pair = { base: item, mine: mine.places[item]!, theirs: theirs.places[item]! }
    if (pair.mine >= 0 && pair.theirs >= 0) places.set(pair.theirs, pair.mine)
    if (pair.mine < 0 && pair.theirs < 0) continue
    const isThere = rewriters[item] === 'theirs' && arrived.take(names.theirs[pair.theirs]!) >= 0
    if (isThere) removed.push(pair.mine)
    else pairs.push(pair)
  }
  for (const at of theirs.added) {
    const place = arrived.take(names.theirs[at]!)
    if (place >= 0) pairs.push({ base: -1, mine: place, theirs: at })
    else carried.push({ theirs: at, behind: placeBehind(at, places, mine.added) })
  }
  return { pairs, removed, carried }
}

/** Behind the nearest item before it that mine has too, and behind what mine added there. */
function placeBehind(
  at: number,
  places: ReadonlyMap<number, number>,
  added: readonly number[],
): number {
  let behind = -1
  for (let before = at - 1; before >= 0 && behind < 0; before--) behind = places.get(before) ?? -1
  while (added.includes(behind + 1)) behind++
  return behind
}

/** Items of mine that theirs may have brought as well; each answers once. */
class Arrivals {
  readonly #places = new Map<string, number[]>()

  add(name: string, at: number): void {
    this.#places.set(name, [...(this.#places.get(name) ?? []), at])
  }

  /** -1 when none is left. */
  take(name: string): number {
    return this.#places.get(name)?.shift() ?? -1
  }
}

/** What became of a list on one side. Numbers are places in the side's list. */
interface Fate {
  /** For each item of the base: where it is now, also when it was moved or rewritten; -1 when gone. */
  readonly places: readonly number[]
  readonly added: readonly number[]
}

/**
 * Items are named by what makes them the same thing. Between two items that stayed, the first that
 * went and the first that came are one item rewritten, and so on; what came elsewhere was moved. Where
 * both sides have a value that one of them made of an item, both made it: merging twice stays quiet.
 */
function fatesOf({ base, mine, theirs, isKeyed }: ItemNames): readonly [Fate, Fate] {
  const sides = [new Side(base, mine), new Side(base, theirs)] as const
  if (isKeyed) return [sides[0].fate(), sides[1].fate()]
  const guesses = sides.map((side) => side.copy().pairRewritten())
  const fresh = sides.map((side) => side.fresh())
  for (const item of base.keys()) {
    if (sides.some(({ places }) => places[item]! >= 0)) continue
    const [ours, other] = [mine[guesses[0]![item]!], theirs[guesses[1]![item]!]]
    const shared = [ours, other].filter((name) => {
      return name !== undefined && fresh.every((names) => names.has(name))
    })
    const agreed = (shared as string[]).toSorted()[0]
    if (agreed !== undefined) for (const side of sides) side.place(item, agreed)
  }
  for (const side of sides) side.pairRewritten()
  // A single value that one side took out and the other seems to have rewritten was as well replaced.
  for (const item of base.keys()) {
    const places = sides.map((side) => side.places[item]!)
    if (places.includes(-1)) for (const side of sides) side.unpair(item)
  }
  return [sides[0].fate(), sides[1].fate()]
}

class Side {
  readonly places: number[]
  readonly #base: readonly string[]
  readonly #side: readonly string[]
  readonly #taken: Set<number>

  constructor(base: readonly string[], side: readonly string[], places?: readonly number[]) {
    this.#base = base
    this.#side = side
    this.places = [...(places ?? alignItems(base, side))]
    this.#taken = new Set(this.places)
    if (places === undefined) this.#findMoved()
  }

  copy(): Side {
    return new Side(this.#base, this.#side, this.places)
  }

  fate(): Fate {
    return { places: this.places, added: this.#free() }
  }

  /** The names of what came. */
  fresh(): ReadonlySet<string> {
    return new Set(this.#free().map((at) => this.#side[at]!))
  }

  place(item: number, name: string): void {
    const at = this.#free().find((free) => this.#side[free] === name)
    if (at !== undefined) this.#take(item, at)
  }

  unpair(item: number): void {
    const place = this.places[item]!
    const name = this.#side[place]
    if (name === undefined || name === this.#base[item] || /^[{[]/.test(name)) return
    this.places[item] = -1
    this.#taken.delete(place)
  }

  pairRewritten(): readonly number[] {
    // The room of an item ends where the next one that stayed stands. A moved item ends none.
    const ends = Array.from({ length: this.places.length }, () => 0)
    let end = this.#side.length
    for (let item = this.places.length - 1; item >= 0; item--) {
      ends[item] = end
      const place = this.places[item]!
      if (place >= 0 && place < end) end = place
    }
    let from = 0
    for (const [item, place] of this.places.entries()) {
      if (place >= from) from = place + 1
      if (place >= 0) continue
      while (from < ends[item]! && this.#taken.has(from)) from++
      if (from < ends[item]!) this.#take(item, from++)
    }
    return this.places
  }

  #findMoved(): void {
    const came = Map.groupBy(this.#free().toReversed(), (at) => this.#side[at]!)
    for (const [item, place] of this.places.entries()) {
      const moved = place < 0 ? came.get(this.#base[item]!)?.pop() : undefined
      if (moved !== undefined) this.#take(item, moved)
    }
  }

  #free(): number[] {
    return [...this.#side.keys()].filter((at) => !this.#taken.has(at))
  }

  #take(item: number, place: number): void {
    this.places[item] = place
    this.#taken.add(place)
  }
}
