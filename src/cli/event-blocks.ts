// A stream of bytes as blocks of whole lines, so that a file of any size passes through little memory.

import { AppError } from '#kernel/error.ts'

export interface Block {
  /** Whole lines; the last one of the stream may lack its line end. */
  readonly bytes: Uint8Array
  /** Zero-based. */
  readonly firstLine: number
  readonly lineCount: number
}

const BLOCK_BYTES = 1024 * 1024
/** An event is never that long; a file without line ends is not one event a line. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024
const LINE_END = 10

/** Throws `invalid` at a line that is too long. */
export async function* blocksOf(
  chunks: AsyncIterable<Uint8Array>,
  blockBytes = BLOCK_BYTES,
): AsyncGenerator<Block> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let line = 0
  const take = (bytes: Uint8Array): Block => {
    const firstLine = line
    const lineCount = countLines(bytes)
    line += lineCount
    return { bytes, firstLine, lineCount }
  }
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_END) + 1
    if (end === 0 || heldBytes + chunk.length < blockBytes) {
      held.push(chunk)
      heldBytes += chunk.length
      if (end === 0 && heldBytes > LINE_BYTES_MAX) throw tooLong(line)
      continue
    }
    yield take(Buffer.concat([...held, chunk.subarray(0, end)]))
    held = [chunk.subarray(end)]
    heldBytes = held[0]!.length
  }
  if (heldBytes > 0) yield take(Buffer.concat(held))
}

function tooLong(line: number): AppError {
  const size = `${LINE_BYTES_MAX / 1024 / 1024} MiB`
  const message = `after line ${line} no line ends for ${size}: events are one JSON object a line`
  return new AppError('invalid', message)
}

function countLines(bytes: Uint8Array): number {
  let count = 0
  let at = bytes.indexOf(LINE_END)
  for (; at >= 0; at = bytes.indexOf(LINE_END, at + 1)) count++
  return bytes.at(-1) === LINE_END ? count : count + 1
}
