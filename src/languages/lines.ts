// Two texts compared line by line, for people: what went, what came, and a little around it.

import { structuredPatch } from 'diff'

export type LineChange =
  | { readonly kind: 'same' | 'added' | 'removed'; readonly text: string }
  /** Lines left out because they are the same. */
  | { readonly kind: 'gap'; readonly count: number }

const AROUND = 3
/** Of edits looked for; two texts with nothing in common are shown one after the other. */
const EDITS_MAX = 5_000

export function compareLines(before: string, after: string): readonly LineChange[] {
  const patch = structuredPatch('', '', before, after, '', '', {
    context: AROUND,
    maxEditLength: EDITS_MAX,
  })
  if (!patch) return [...linesOf('removed', before), ...linesOf('added', after)]
  const total = before.split('\n').length
  const lines: LineChange[] = []
  let at = 1
  for (const hunk of patch.hunks) {
    if (hunk.oldStart > at) lines.push({ kind: 'gap', count: hunk.oldStart - at })
    lines.push(...hunk.lines.filter((line) => !line.startsWith('\\')).map(toLine))
    at = hunk.oldStart + hunk.oldLines
  }
  if (at < total && patch.hunks.length > 0) lines.push({ kind: 'gap', count: total - at })
  return lines
}

function toLine(line: string): LineChange {
  const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same'
  return { kind, text: line.slice(1) }
}

function linesOf(kind: 'added' | 'removed', text: string): readonly LineChange[] {
  return text.split('\n').map((line) => ({ kind, text: line }))
}
