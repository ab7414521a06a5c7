// Two texts line by line beside each other: what stayed, what went, what came. A line that was changed
// stands beside what it became.

import { alignItems } from './three-way.ts'

export interface LinePair {
  readonly kind: 'same' | 'changed' | 'removed' | 'added'
  /** Lines by number from 1, without their end. */
  readonly before?: { readonly number: number; readonly text: string }
  readonly after?: { readonly number: number; readonly text: string }
}

/** A line of a comparison as it is shown; a gap stands for lines that are the same. */
export type LineRow = LinePair | { readonly kind: 'gap'; readonly count: number }

export function placeSideBySide(before: string, after: string): readonly LinePair[] {
  const [olds, news] = [before, after].map((text) => text.split(/\r?\n/)) as [string[], string[]]
  const places = alignItems(olds, news)
  const pairs: LinePair[] = []
  let [from, to] = [0, 0]
  for (let at = 0; at <= olds.length; at++) {
    const place = at === olds.length ? news.length : places[at]!
    if (place < 0) continue
    // What lies between two lines that stayed: pairs first, then what is left of the longer side.
    for (; from < at || to < place; from++, to++) {
      const old = from < at ? { before: { number: from + 1, text: olds[from]! } } : {}
      const now = to < place ? { after: { number: to + 1, text: news[to]! } } : {}
      const kind = from >= at ? 'added' : to >= place ? 'removed' : 'changed'
      pairs.push({ kind, ...old, ...now })
    }
    ;[from, to] = [at, place]
    if (at === olds.length) break
    pairs.push({
      kind: 'same',
      before: { number: at + 1, text: olds[at]! },
      after: { number: place + 1, text: news[place]! },
    })
    ;[from, to] = [at + 1, place + 1]
  }
  return pairs
}

/** Only what changed, and a little around it. */
export function foldSame(pairs: readonly LinePair[], around = 3): readonly LineRow[] {
  const isShown = new Uint8Array(pairs.length)
  for (const [at, { kind }] of pairs.entries()) {
    if (kind !== 'same') isShown.fill(1, Math.max(0, at - around), at + around + 1)
  }
  const rows: LineRow[] = []
  let count = 0
  for (const [at, pair] of pairs.entries()) {
    // A gap of one line would say less than the line.
    const isAlone = count === 0 && isShown[at + 1] === 1
    if (isShown[at] === 0 && !isAlone) {
      count++
      continue
    }
    if (count > 0) rows.push({ kind: 'gap', count })
    count = 0
    rows.push(pair)
  }
  return count > 0 ? [...rows, { kind: 'gap', count }] : rows
}
