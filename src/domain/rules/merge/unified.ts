// Two texts as one that says what became another: the unified form that people and tools read.

import type { LineRow } from './side-by-side.ts'

/** Of what changed and a little around it, without names of files; '' where nothing did. */
export function unified(rows: readonly LineRow[]): string {
  return hunksOf(rows).map(printed).join('')
}

type Line = Exclude<LineRow, { readonly kind: 'gap' }>

function hunksOf(rows: readonly LineRow[]): readonly (readonly Line[])[] {
  const hunks: Line[][] = [[]]
  for (const row of rows) {
    if (row.kind === 'gap') hunks.push([])
    else hunks.at(-1)!.push(row)
  }
  return hunks.filter((lines) => lines.some(({ kind }) => kind !== 'same'))
}

function printed(lines: readonly Line[]): string {
  const [olds, news] = [
    lines.flatMap(({ before }) => before ?? []),
    lines.flatMap(({ after }) => after ?? []),
  ]
  const text = [`@@ -${span(olds)} +${span(news)} @@`]
  let came: string[] = []
  for (const { kind, before, after } of lines) {
    if (kind === 'same') {
      text.push(...came, ` ${before!.text}`)
      came = []
      continue
    }
    if (before) text.push(`-${before.text}`)
    if (after) came.push(`+${after.text}`)
  }
  return `${[...text, ...came].join('\n')}\n`
}

function span(lines: readonly { readonly number: number }[]): string {
  const first = lines[0]?.number ?? 0
  return lines.length === 1 ? String(first) : `${first},${lines.length}`
}
