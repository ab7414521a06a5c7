// How rules see an event: the fields somebody asked for, found while walking the event once, so that
// the cost follows the event and not the number of rules. Nested objects are read by dotted path, a
// flat key with that name wins, exact spelling wins over other case, and spaces in names do not count.
// A field that holds a list has every value of the list.

/** What JSON can hold at the end of a path. Objects count as present and have no text. */
export type Scalar = string | number | boolean | null | object

const DEPTH_MAX = 32
/** Paths seen so far are remembered; an attacker who invents paths only empties the memory. */
const PATHS_MAX = 20_000

interface Wanted {
  readonly slot: number
  readonly isExact: boolean
}

const NOBODY: readonly Wanted[] = []
const NO_TEXT: readonly string[] = []

/** Between the values of `EventView.whole`. */
export const BREAK = '\0'

/** The fields all rules together ask for, numbered. */
export class FieldTable {
  readonly #slots = new Map<string, number>()
  readonly #byFolded = new Map<string, string[]>()
  readonly #paths = new Map<string, readonly Wanted[]>()

  get size(): number {
    return this.#slots.size
  }

  slotOf(field: string): number {
    const known = this.#slots.get(field)
    if (known !== undefined) return known
    const slot = this.#slots.size
    this.#slots.set(field, slot)
    const folded = fold(field)
    const same = this.#byFolded.get(folded)
    if (same) same.push(field)
    else this.#byFolded.set(folded, [field])
    this.#paths.clear()
    return slot
  }

  wantedAt(path: string): readonly Wanted[] {
    const known = this.#paths.get(path)
    if (known !== undefined) return known
    const fields = this.#byFolded.get(fold(path)) ?? []
    const wanted = fields.map((field) => ({
      slot: this.#slots.get(field)!,
      isExact: field === path,
    }))
    if (this.#paths.size >= PATHS_MAX) this.#paths.clear()
    this.#paths.set(path, wanted.length === 0 ? NOBODY : wanted)
    return wanted
  }
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(' ', '')
}

/** One event at a time; `load` forgets the one before. */
export class EventView {
  readonly #table: FieldTable
  readonly #values: (readonly Scalar[] | undefined)[] = []
  readonly #folded: (readonly string[] | undefined)[] = []
  readonly #rank: number[] = []
  readonly #used: number[] = []
  #event: object = {}
  #keywords: readonly string[] | undefined
  #whole: string | undefined

  constructor(table: FieldTable) {
    this.#table = table
  }

  load(event: object): void {
    for (const slot of this.#used) {
      this.#values[slot] = undefined
      this.#folded[slot] = undefined
    }
    this.#used.length = 0
    this.#keywords = undefined
    this.#whole = undefined
    this.#event = event
    this.#walk(event, '', 0)
  }

  /** The slots that have values, each once. */
  get used(): readonly number[] {
    return this.#used
  }

  /** Undefined when the event does not have the field. */
  valuesAt(slot: number): readonly Scalar[] | undefined {
    return this.#values[slot]
  }

  /** The field's values that are text, numbers or booleans, as lower-case text. */
  foldedAt(slot: number): readonly string[] {
    const known = this.#folded[slot]
    if (known !== undefined) return known
    const values = this.#values[slot]
    if (values === undefined) return NO_TEXT // not remembered: `load` clears used slots only
    const folded = foldAll(values)
    this.#folded[slot] = folded
    return folded
  }

  /** Every value of the event, wherever it is, as text. */
  get everything(): readonly string[] {
    if (this.#keywords === undefined) {
      const texts: string[] = []
      gather(this.#event, texts, 0)
      this.#keywords = texts
    }
    return this.#keywords
  }

  /** The same as one lower-case text: what has no BREAK in it stands in one value or in none. */
  get whole(): string {
    this.#whole ??= this.everything.join(BREAK).toLowerCase()
    return this.#whole
  }

  #walk(object: object, prefix: string, depth: number): void {
    for (const key in object) {
      if (!Object.hasOwn(object, key)) continue
      const value = (object as Record<string, unknown>)[key]
      if (prefix === '') this.#visit(key, value, depth, true)
      else this.#visit(`${prefix}.${key}`, value, depth, false)
    }
  }

  #visit(path: string, value: unknown, depth: number, isFlat: boolean): void {
    if (typeof value !== 'object' || value === null) {
      if (value !== undefined) this.#put(path, value, isFlat)
    } else if (depth >= DEPTH_MAX) {
      return
    } else if (Array.isArray(value)) {
      for (const item of value) this.#visit(path, item, depth + 1, isFlat)
      if (value.length === 0) this.#put(path, undefined, isFlat)
    } else {
      this.#put(path, value, isFlat)
      this.#walk(value, path, depth + 1)
    }
  }

  /** `undefined` makes the field present without a value: an empty list. */
  #put(path: string, value: Scalar | undefined, isFlat: boolean): void {
    const wanted = this.#table.wantedAt(path)
    for (const { slot, isExact } of wanted) {
      const rank = (isExact ? 2 : 0) + (isFlat ? 1 : 0)
      const known = this.#values[slot]
      if (known === undefined) this.#used.push(slot)
      else if (rank < this.#rank[slot]!) continue
      // The same path again is another item of a list.
      const isMore = known !== undefined && rank === this.#rank[slot]
      const own = value === undefined ? [] : [value]
      this.#values[slot] = isMore ? [...known, ...own] : own
      this.#rank[slot] = rank
    }
  }
}

export function textOf(value: Scalar): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function foldAll(values: readonly Scalar[]): readonly string[] {
  if (values.length === 1 && typeof values[0] === 'string') return [values[0].toLowerCase()]
  return values.flatMap((value) => textOf(value)?.toLowerCase() ?? [])
}

function gather(value: unknown, texts: string[], depth: number): void {
  if (typeof value === 'object' && value !== null) {
    if (depth >= DEPTH_MAX) return
    for (const item of Object.values(value)) gather(item, texts, depth + 1)
  } else {
    const text = textOf(value as Scalar)
    if (text !== undefined) texts.push(text)
  }
}
