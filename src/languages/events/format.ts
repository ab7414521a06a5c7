// The formats in which events arrive as files. A reader takes a piece of the file, hands over what it
// finds there, and says how many bytes it has used up; whoever drives it comes back with the rest and
// more. What cannot be read is told with its line and never stops what follows.

export const EVENT_FORMATS = ['ndjson', 'json', 'csv', 'windows-xml', 'syslog'] as const
export type EventFormat = (typeof EVENT_FORMATS)[number]

/** One log record as an object; values of any JSON kind. */
export type EventObject = Readonly<Record<string, unknown>>

export interface EventSink {
  /** `text` is the event as one line of JSON. `line` counts from 1 and is where it begins. */
  take(event: EventObject, text: string, line: number): void
  refuse(line: number, reason: string): void
}

export interface Piece {
  readonly bytes: Buffer
  /** The line of the first byte, from 1. */
  readonly firstLine: number
  /** Nothing follows: what is left is whole or broken. */
  readonly isLast: boolean
}

export interface ReadPiece {
  /** Bytes that need not be given again; 0 asks for a longer piece. */
  readonly used: number
  /** Line ends among them. */
  readonly lines: number
}

export interface EventReader {
  read(piece: Piece, sink: EventSink): ReadPiece
}

const LINE_END = 10

/** Calls `each` for every whole line of the piece; the last line of the file need not end. */
export function readLines(
  { bytes, firstLine, isLast }: Piece,
  each: (line: string, number: number) => void,
): ReadPiece {
  let [start, lines] = [0, 0]
  while (start < bytes.length) {
    const end = bytes.indexOf(LINE_END, start)
    if (end < 0 && !isLast) break
    const stop = end < 0 ? bytes.length : end
    const isReturn = stop > start && bytes[stop - 1] === 13
    const line = bytes.toString('utf8', start, isReturn ? stop - 1 : stop)
    if (line !== '') each(line, firstLine + lines)
    start = end < 0 ? bytes.length : end + 1
    if (end >= 0) lines++
  }
  return { used: start, lines }
}

export function countLineEnds(bytes: Buffer, start: number, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_END, start); at >= 0 && at < end; count++) {
    at = bytes.indexOf(LINE_END, at + 1)
  }
  return count
}

export function isEventObject(value: unknown): value is EventObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
