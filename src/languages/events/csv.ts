// CSV with a line of names: RFC 4180, and its relatives with semicolons or tabs. A cell may hold line
// ends when it is quoted. Empty cells are no fields. Numbers stay as they are written: `007` is a name.

import type { EventReader } from './format.ts'

const CELLS_MAX = 2_000

/** `names` are the columns, from the first line of the file. */
export function csvReader(names: readonly string[], separator: string): EventReader {
  return {
    read({ bytes, firstLine, isLast }, sink) {
      const text = bytes.toString('utf8')
      let [at, usedChars, line] = [0, 0, firstLine]
      while (at < text.length) {
        const row = readRow(text, at, separator)
        const isWhole = !row.isOpen && text[row.end - 1] === '\n'
        if (!isWhole && !isLast) break
        const isHead = line === 1
        if (row.isOpen) sink.refuse(line, 'has a quoted cell that does not end')
        else if (!isHead && row.cells.length > 1) takeRow(row.cells, line)
        else if (!isHead && row.cells[0] !== '') sink.refuse(line, 'has one cell')
        line += row.lines
        at = usedChars = row.end
      }
      const used =
        usedChars === text.length ? bytes.length : Buffer.byteLength(text.slice(0, usedChars))
      return { used, lines: line - firstLine }

      function takeRow(cells: readonly string[], number: number): void {
        if (cells.length > names.length) {
          sink.refuse(number, `has ${cells.length} cells where ${names.length} have a name`)
          return
        }
        const filled = names.flatMap((name, index): [string, string][] =>
          (cells[index] ?? '') === '' ? [] : [[name, cells[index]!]],
        )
        const event = Object.fromEntries(filled)
        sink.take(event, JSON.stringify(event), number)
      }
    },
  }
}

/** Of the line of names. */
export function separatorOf(line: string): string {
  const bare = line.replaceAll(/"[^"]*"/g, '')
  const counts = [',', ';', '\t'].map((one) => [one, bare.split(one).length] as const)
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

export function readCsvLine(line: string, separator: string): readonly string[] {
  return readRow(line, 0, separator).cells.map((cell) => cell.trim())
}

interface Row {
  readonly cells: readonly string[]
  readonly end: number
  /** Line ends in it and after it. */
  readonly lines: number
  /** The text ends inside quotes. */
  readonly isOpen: boolean
}

function readRow(text: string, start: number, separator: string): Row {
  const cells: string[] = []
  let [at, lines] = [start, 0]
  for (;;) {
    let cell: string
    if (text[at] === '"') {
      const quoted = readQuoted(text, at)
      if (quoted === undefined) return { cells, end: text.length, lines: lines + 1, isOpen: true }
      cell = quoted.value
      lines += quoted.lines
      at = quoted.end
    } else {
      cell = ''
    }
    const next = nextOf(text, at, separator)
    cell += text.slice(at, next)
    const isEnd = next >= text.length || text[next] === '\n'
    if (cells.length < CELLS_MAX) cells.push(isEnd ? cell.replace(/\r$/, '') : cell)
    at = next + 1
    if (isEnd) break
  }
  const end = Math.min(at, text.length)
  return { cells, end, lines: lines + (text[end - 1] === '\n' ? 1 : 0), isOpen: false }
}

function nextOf(text: string, from: number, separator: string): number {
  const end = text.indexOf('\n', from)
  const next = text.indexOf(separator, from)
  const lineEnd = end < 0 ? text.length : end
  return next < 0 || next > lineEnd ? lineEnd : next
}

function readQuoted(text: string, start: number) {
  let value = ''
  for (let at = start + 1; ;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return undefined
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      return { value, end: quote + 1, lines: value.split('\n').length - 1 }
    }
    value += '"'
    at = quote + 2
  }
}
