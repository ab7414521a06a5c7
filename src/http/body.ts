// Caps on what a request may send. Bytes are counted as they arrive; a declared length only lets us
// refuse sooner. Node's parser holds a body to its Content-Length, so an undeclared one is chunked.

import { AppError } from '#kernel/error.ts'
import type { HttpContext } from './env.ts'

/** Throws `too_large`, at once or from whoever reads the body. */
export function capBody(c: HttpContext, bytesMax: number): void {
  const { headers } = c.env.incoming
  const declared = Number(headers['content-length'] ?? 0)
  if (declared > bytesMax) throw refuse(c, bytesMax)
  if (headers['transfer-encoding'] === undefined) return
  const body = c.req.raw.body
  if (!body) return
  const counted = body.pipeThrough(countTo(bytesMax, () => refuse(c, bytesMax)))
  const init = { method: c.req.method, body: counted, duplex: 'half' as const }
  c.req.raw = new Request(c.req.raw, init)
}

function countTo(
  bytesMax: number,
  refusal: () => AppError,
): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) controller.error(refusal())
      else controller.enqueue(chunk)
    },
  })
}

// The rest of the body is not waited for: the connection ends with the answer.
function refuse(c: HttpContext, bytesMax: number): AppError {
  c.header('Connection', 'close')
  return new AppError('too_large', `A request to this address holds at most ${sizeOf(bytesMax)}.`)
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const kib = bytes / 1024
  return kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`
}
