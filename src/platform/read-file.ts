// A file that somebody named, read whole and unzipped when its name says so, up to a bound.

import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { AppError } from '#kernel/error.ts'
import { errnoOf } from './errno.ts'

/** For a worker thread: it waits for the disk. Throws `invalid` and `too_large`, with what to do. */
export function readNamedFile(file: string, bytesMax: number): Buffer {
  try {
    if (statSync(file).size > bytesMax) throw tooLarge(file, bytesMax)
    const bytes = readFileSync(file)
    return file.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: bytesMax }) : bytes
  } catch (error) {
    if (error instanceof AppError) throw error
    const code = errnoOf(error)
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(file, bytesMax)
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${String(error)}`
    throw new AppError('invalid', `${file} ${why}`, { cause: error })
  }
}

function tooLarge(file: string, bytesMax: number): AppError {
  return new AppError('too_large', `${file} is larger than ${bytesMax / 1024 / 1024} MiB`)
}
