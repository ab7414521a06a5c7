// Files that are made while they are sent: an export of any length takes the memory of a page of it. What
// is refused is refused before the download begins; a failure on the way breaks the connection off, so
// that nobody takes a part for the whole.

import { AppError, assert } from '#kernel/error.ts'
import type { Page } from '#kernel/page.ts'
import { SECOND } from '#kernel/time.ts'
import type { HttpContext } from './env.ts'

export interface Download {
  /** What the file is called: letters, digits, `.`, `_` and `-`. */
  readonly name: string
  readonly type: string
  readonly chunks: AsyncIterable<string | Uint8Array>
}

/** A token that ended, or a server that stops, lets go of its downloads within this. */
const RECHECK_MS = SECOND

/** `isLive` says whether whoever asked may still have it. Throws what the first chunk throws. */
export async function sendDownload(
  c: HttpContext,
  { name, type, chunks }: Download,
  isLive: () => Promise<boolean> = async () => true,
): Promise<Response> {
  assert(/^[\w.-]{1,200}$/.test(name), 'the name of a download needs no quoting')
  const sent = whileLive(c, gather(chunks), isLive)
  const first = await sent.next()
  c.header('Content-Type', type)
  c.header('Content-Disposition', `attachment; filename="${name}"`)
  c.header('X-Accel-Buffering', 'no')
  return c.body(streamOf(c, first, sent))
}

/** One line of JSON an item. */
export async function* ndjson(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`
}

/** Every item of a list; a page of it is in memory at a time. */
export async function* everyItem<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let cursor: string | undefined
  for (;;) {
    const { items, next } = await read(cursor)
    yield* items
    if (next === null) return
    cursor = next
  }
}

const CHUNK_BYTES = 64 * 1024

// A line at a time would be a write to the socket each.
async function* gather(
  chunks: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of chunks) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    parts.push(part)
    sizeBytes += part.length
    if (sizeBytes < CHUNK_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    sizeBytes = 0
  }
  if (sizeBytes > 0) yield Buffer.concat(parts)
}

async function* whileLive(
  c: HttpContext,
  chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  isLive: () => Promise<boolean>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { clock } = c.var.house
  let checkedMs = clock.monotonicMs()
  for await (const chunk of chunks) {
    yield chunk
    if (c.var.stopping.aborted) throw new AppError('cancelled', 'The server is stopping.')
    if (clock.monotonicMs() - checkedMs < RECHECK_MS) continue
    if (!(await isLive())) throw new AppError('unauthenticated', 'The token has ended.')
    checkedMs = clock.monotonicMs()
  }
}

// The stream itself never fails: the adapter would write the message of the error to the end of the
// file and close it as if it were whole.
function streamOf(
  c: HttpContext,
  first: IteratorResult<Uint8Array<ArrayBuffer>>,
  rest: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next: IteratorResult<Uint8Array<ArrayBuffer>> | undefined = first
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = next ?? (await rest.next())
        next = undefined
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        breakOff(c, error)
      }
    },
    async cancel() {
      await rest.return(undefined)
    },
  })
}

function breakOff(c: HttpContext, err: unknown): void {
  const { house, requestId, route } = c.var
  const where = { requestId, route: route?.path ?? null, err }
  if (err instanceof AppError) house.log.info(where, 'a download was broken off')
  else house.log.error(where, 'a download met a bug')
  c.env.outgoing.destroy()
}
