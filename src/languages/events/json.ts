// JSON events: one object a line, or objects that stand in a list, in a list inside one object
// (CloudTrail), or one after another over several lines, as tools print them with `Record 7` between.

import {
  countLineEnds,
  isEventObject,
  readLines,
  type EventReader,
  type EventSink,
} from './format.ts'
import { HOLDS_RECORDS } from './recognise.ts'
import { isEvtxDump, isWinlogbeat, nameWinlogbeat, unpackEvtxDump } from './windows.ts'

export const ndjsonReader: EventReader = {
  read: (piece, sink) =>
    readLines(piece, (line, number) => {
      if (line.trim() !== '') takeJson(line, number, sink)
    }),
}

export function takeJson(text: string, line: number, sink: EventSink): void {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch (error) {
    sink.refuse(line, `is no JSON: ${(error as Error).message}`)
    return
  }
  if (!isEventObject(event)) {
    sink.refuse(line, 'is no JSON object')
    return
  }
  const named = isEvtxDump(event)
    ? unpackEvtxDump(event)
    : isWinlogbeat(event)
      ? nameWinlogbeat(event)
      : event
  const isOwn = named === event && !/[\r\n]/.test(text)
  sink.take(named, isOwn ? text.trim() : JSON.stringify(named), line)
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [34, 92, 123, 125]

/** Finds the outermost objects by counting braces outside of texts. */
export const jsonReader: EventReader = {
  read({ bytes, firstLine, isLast }, sink) {
    const head = HOLDS_RECORDS.exec(bytes.toString('latin1', 0, 1_000))
    let at = head === null ? 0 : head[0].length
    let [used, depth, start, isText] = [0, 0, 0, false]
    let line = firstLine + countLineEnds(bytes, 0, at)
    const lineOf = () => {
      line += countLineEnds(bytes, used, start)
      return line
    }
    if (head !== null) used = at
    for (; at < bytes.length; at++) {
      const byte = bytes[at]
      if (isText) {
        if (byte === BACKSLASH) at++
        else if (byte === QUOTE) isText = false
      } else if (depth > 0 && byte === QUOTE) isText = true
      else if (byte === OPEN && depth++ === 0) start = at
      else if (byte === CLOSE && depth > 0 && --depth === 0) {
        takeJson(bytes.toString('utf8', start, at + 1), lineOf(), sink)
        line += countLineEnds(bytes, start, at + 1)
        used = at + 1
      }
    }
    if (isLast && depth > 0) sink.refuse(lineOf(), 'does not end')
    if (isLast || depth === 0) used = bytes.length
    return { used, lines: countLineEnds(bytes, 0, used) }
  },
}
