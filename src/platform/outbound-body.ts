// The body of an answer as it comes: unpacked, never larger than agreed, and never waited for longer
// than agreed between two pieces. What a small packed body unpacks to counts, not what it weighs.

import type { IncomingMessage } from 'node:http'
import { createGunzip, createInflate } from 'node:zlib'
import { AppError } from '#kernel/error.ts'

export interface BodyLimits {
  readonly bytesMax: number
  readonly idleMs: number
  readonly signal: AbortSignal
  /** For messages. */
  readonly host: string
}

/** Throws `too_large`, `timeout`, `cancelled`, or what the connection threw. Ends the connection then. */
export async function* readBody(
  message: IncomingMessage,
  { bytesMax, idleMs, signal, host }: BodyLimits,
): AsyncGenerator<Buffer> {
  const end = (error: AppError) => message.destroy(error)
  const abort = () => end(new AppError('cancelled', 'The request was given up.'))
  const late = () => end(new AppError('timeout', `${host} stopped in the middle of its answer.`))
  let timer = setTimeout(late, idleMs)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  let size = 0
  let isWhole = false
  try {
    for await (const chunk of unpacked(message, host)) {
      size += chunk.length
      if (size > bytesMax) {
        throw new AppError('too_large', `${host} answered more than ${bytesMax} bytes.`)
      }
      // Whoever reads may take their time; only the sender is hurried.
      clearTimeout(timer)
      yield chunk
      timer = setTimeout(late, idleMs)
    }
    isWhole = true
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    if (!isWhole) message.destroy()
  }
}

/**
 * The whole of it as text, where no more than `bytesMax` comes; invalid UTF-8 is U+FFFD. It grows in one
 * place and is given back as soon as it is text, or of no use: an answer of 64 MiB never lies here twice,
 * and one that was refused does not wait for the collector.
 */
export async function textOf(chunks: AsyncIterable<Buffer>, bytesMax: number): Promise<string> {
  const bytes = new ArrayBuffer(0, { maxByteLength: bytesMax })
  try {
    for await (const chunk of chunks) {
      const at = bytes.byteLength
      bytes.resize(at + chunk.length)
      new Uint8Array(bytes).set(chunk, at)
    }
    return Buffer.from(bytes, 0, bytes.byteLength).toString('utf8')
  } finally {
    bytes.resize(0)
  }
}

function unpacked(message: IncomingMessage, host: string): AsyncIterable<Buffer> {
  const encoding = (message.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return message
  if (encoding === 'gzip' || encoding === 'x-gzip') return through(message, createGunzip())
  if (encoding === 'deflate') return through(message, createInflate())
  message.destroy()
  throw new AppError('upstream', `${host} packed its answer in a way that was not asked for.`)
}

// Not pipeline(): what broke the connection is what is to be told, not that unpacking ended early.
function through(
  message: IncomingMessage,
  unpack: ReturnType<typeof createGunzip>,
): AsyncIterable<Buffer> {
  message.once('error', (error) => unpack.destroy(error))
  return message.pipe(unpack)
}
