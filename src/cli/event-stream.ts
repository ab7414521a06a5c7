// A file of events, or standard input, as bytes that come while they are read; unzipped when the name
// says so.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError, assert } from '#kernel/error.ts'
import { errnoOf } from '#platform/errno.ts'
import type { Shell } from './shell.ts'

export interface EventStream {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Bytes in all; undefined for a pipe. */
  readonly size: number | undefined
  /** Bytes read so far, of `size`. */
  readonly position: () => number
}

const CHUNK_BYTES = 256 * 1024

/** Throws `invalid` here or on the way, with what to do, and `cancelled` when the person gives up. */
export async function openEvents(shell: Shell, name: string): Promise<EventStream> {
  if (name === '-') {
    assert(shell.input, 'events are read in the process of whoever called')
    const chunks = reading(shell, 'standard input', shell.input())
    return { chunks, size: undefined, position: () => 0 }
  }
  const file = path.resolve(shell.cwd, name)
  const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES })
  const stream = name.endsWith('.gz') ? bytes.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : bytes
  bytes.on('error', (error) => stream.destroy(error))
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined, // reading it says what is wrong
  )
  return { chunks: reading(shell, name, stream), size, position: () => bytes.bytesRead }
}

async function* reading(
  { signal }: Shell,
  name: string,
  stream: Readable,
): AsyncGenerator<Uint8Array> {
  const stop = () => void stream.destroy(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch (error) {
    signal.throwIfAborted()
    const missing = errnoOf(error) === 'ENOENT'
    const message = missing ? `${name} does not exist` : `${name} cannot be read: ${String(error)}`
    throw new AppError('invalid', message, { cause: error })
  } finally {
    signal.removeEventListener('abort', stop)
    stream.destroy()
  }
}
