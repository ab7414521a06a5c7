// The rows of a search on a terminal, or for a program that reads them.

import { z } from 'zod'
import { textOf } from '#domain/searches/search.ts'
import { csvCell } from '#platform/csv.ts'
import type { Server } from './server.ts'
import type { Shell } from './shell.ts'
import { plain, sideBySide } from './side-by-side.ts'

export const ROW_FORMATS = ['table', 'ndjson', 'csv'] as const
type RowFormat = (typeof ROW_FORMATS)[number]
const CELL_CHARS = 60

const Row = z.object({ target: z.string(), values: z.record(z.string(), z.unknown()) })
const Rows = z.object({ items: z.array(Row), next: z.string().nullable() })

/** All rows of a search; a table waits for the last of them, NDJSON for none. */
export async function printRows(
  shell: Shell,
  server: Server,
  id: string,
  format: RowFormat,
): Promise<void> {
  const held: HeldRow[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = Rows.parse(await server.get(`/searches/${id}/rows?limit=500${more}`))
    for (const row of page.items) {
      if (format === 'ndjson') shell.out(JSON.stringify(row))
      else held.push(row)
    }
    cursor = page.next
  }
  if (format === 'ndjson' || held.length === 0) return
  const names = [...new Set(held.flatMap(({ values }) => Object.keys(values)))]
  if (format === 'csv') {
    for (const line of linesOf(held, names)) shell.out(line.map(csvCell).join(','))
    return
  }
  const told = names.filter((name) => held.some(({ values }) => textOf(values[name]) !== ''))
  const lines = isMixed(held, told)
    ? summed(held).map((line) => line.map(plain))
    : linesOf(held, told).map((line) => line.map(cellOf))
  for (const line of sideBySide(lines)) shell.out(line)
}

type HeldRow = z.output<typeof Row>

function linesOf(held: readonly HeldRow[], names: readonly string[]): readonly string[][] {
  return [
    ['target', ...names],
    ...held.map(({ target, values }) => [target, ...names.map((name) => textOf(values[name]))]),
  ]
}

/** Rows of several kinds of target, which call hardly anything by the same name. */
function isMixed(held: readonly HeldRow[], told: readonly string[]): boolean {
  return !told.some((name) => held.every(({ values }) => name in values))
}

function summed(held: readonly HeldRow[]): readonly string[][] {
  return [
    ['target', 'fields'],
    ...held.map(({ target, values }) => {
      const fields = Object.entries(values).map(([name, value]) => [name, textOf(value)] as const)
      const told = fields.filter(([, text]) => text !== '')
      return [target, told.map(([name, text]) => `${name}=${cellOf(text)}`).join('  ')]
    }),
  ]
}

function cellOf(text: string): string {
  const line = plain(text)
  return line.length > CELL_CHARS ? `${line.slice(0, CELL_CHARS - 1)}…` : line
}
