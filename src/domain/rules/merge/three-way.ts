// Which items of two lists are the same, and lines of free text merged as everybody knows it from source
// control: what only one side changed is taken, what both changed in one place is not decided here.

/** Beyond it a table would take megabytes; equal items are then matched in order, without a search. */
const TABLE_CELLS_MAX = 1_000_000

/** For each item of `base` its number in `side`, or -1. Matches never cross. */
export function alignItems(base: readonly string[], side: readonly string[]): readonly number[] {
  const matches = Array.from({ length: base.length }, () => -1)
  let head = 0
  while (head < base.length && head < side.length && base[head] === side[head]) {
    matches[head] = head
    head++
  }
  let [baseEnd, sideEnd] = [base.length, side.length]
  while (baseEnd > head && sideEnd > head && base[baseEnd - 1] === side[sideEnd - 1]) {
    matches[--baseEnd] = --sideEnd
  }
  const middle = [base.slice(head, baseEnd), side.slice(head, sideEnd)] as const
  const cells = middle[0].length * middle[1].length
  const found = cells <= TABLE_CELLS_MAX ? longestMatch(...middle) : greedyMatch(...middle)
  for (const [at, match] of found.entries()) if (match >= 0) matches[head + at] = head + match
  return matches
}

/** Undefined when both sides changed the same lines in different ways. */
export function mergeLines(base: string, mine: string, theirs: string): string | undefined {
  const [b, m, t] = [linesOf(base), linesOf(mine), linesOf(theirs)]
  const [inMine, inTheirs] = [alignItems(b, m), alignItems(b, t)]
  const merged: string[] = []
  let [fromB, fromM, fromT] = [0, 0, 0]
  for (let at = 0; at <= b.length; at++) {
    const isEnd = at === b.length
    const [toM, toT] = isEnd ? [m.length, t.length] : [inMine[at]!, inTheirs[at]!]
    if (toM < 0 || toT < 0) continue
    const texts = [b.slice(fromB, at), m.slice(fromM, toM), t.slice(fromT, toT)] as const
    const chosen = chooseText(...(texts.map((lines) => lines.join('')) as [string, string, string]))
    if (chosen === undefined) return undefined
    merged.push(chosen, isEnd ? '' : b[at]!)
    ;[fromB, fromM, fromT] = [at + 1, toM + 1, toT + 1]
  }
  return merged.join('')
}

/** The side that changed, or undefined when both did and differ. */
function chooseText(base: string, mine: string, theirs: string): string | undefined {
  if (mine === base || mine === theirs) return theirs
  return theirs === base ? mine : undefined
}

/** With their line ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function longestMatch(base: readonly string[], side: readonly string[]): readonly number[] {
  const width = side.length + 1
  const lengths = new Uint32Array((base.length + 1) * width)
  for (let i = base.length - 1; i >= 0; i--) {
    for (let j = side.length - 1; j >= 0; j--) {
      const here = i * width + j
      lengths[here] =
        base[i] === side[j]
          ? lengths[here + width + 1]! + 1
          : Math.max(lengths[here + width]!, lengths[here + 1]!)
    }
  }
  const matches = Array.from({ length: base.length }, () => -1)
  for (let i = 0, j = 0; i < base.length && j < side.length;) {
    const here = i * width + j
    if (base[i] === side[j]) matches[i++] = j++
    else if (lengths[here + width]! >= lengths[here + 1]!) i++
    else j++
  }
  return matches
}

function greedyMatch(base: readonly string[], side: readonly string[]): readonly number[] {
  const places = new Map<string, number[]>()
  for (let at = side.length - 1; at >= 0; at--) {
    const known = places.get(side[at]!)
    if (known === undefined) places.set(side[at]!, [at])
    else known.push(at)
  }
  let behind = -1
  return base.map((name) => {
    const known = places.get(name) ?? []
    while (known.length > 0 && known.at(-1)! <= behind) known.pop()
    const found = known.pop()
    if (found === undefined) return -1
    behind = found
    return found
  })
}
