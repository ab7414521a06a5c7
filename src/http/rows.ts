// Found rows as files: one object a line, or CSV for a spreadsheet. Made while they are sent.

import type { FoundRow } from '#domain/searches/reading.ts'
import { textOf, type Search } from '#domain/searches/search.ts'
import type { Json } from '#kernel/json.ts'
import { csvCell } from '#platform/csv.ts'

/** `target` and `row` say where it is from; `values` is the row as it came. */
export async function* linesOfRows(
  rows: AsyncIterable<FoundRow>,
): AsyncGenerator<{ readonly target: string; readonly row: number; readonly values: Json }> {
  for await (const row of rows) yield lineOf(row)
}

export function lineOf({ segment, index, columns, values }: FoundRow) {
  const named = columns.map(({ name }, at): [string, Json] => [name, values[at] ?? null])
  return { target: segment.targetName, row: index, values: Object.fromEntries(named) }
}

/** A column for every name in any answer; a cell that a spreadsheet would compute is quoted. */
export async function* csvOfRows(
  { segments }: Search,
  rows: AsyncIterable<FoundRow>,
): AsyncGenerator<string> {
  const names = [...new Set(segments.flatMap(({ columns }) => columns.map(({ name }) => name)))]
  yield lineOfCells(['target', ...names])
  for await (const { segment, columns, values } of rows) {
    const byName = new Map(columns.map(({ name }, at) => [name, values[at]]))
    yield lineOfCells([segment.targetName, ...names.map((name) => textOf(byName.get(name)))])
  }
}

function lineOfCells(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}
