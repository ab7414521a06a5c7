// Files that are sent to a page: written beside the sandbox as they arrive, and under their name only
// when they are whole.

import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '#kernel/error.ts'
import { EVENT_UPLOAD_BYTES_MAX } from '#kernel/limits.ts'

const PARTIAL = '.partial'

export function receivedPath(file: string, id: string): string {
  return path.join(path.dirname(file), `${path.basename(file, '.db')}.${id}.received`)
}

/** Throws `too_large` and `storage_full`, and what the chunks throw; then nothing is left. */
export async function receive(
  file: string,
  id: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const target = receivedPath(file, id)
  const partial = target + PARTIAL
  try {
    await pipeline(chunks, capped, createWriteStream(partial, { mode: 0o600, flags: 'wx' }))
    renameSync(partial, target)
  } catch (cause) {
    rmSync(partial, { force: true })
    if ((cause as { code?: unknown }).code !== 'ENOSPC') throw cause
    throw new AppError('storage_full', 'The disk is full: the file was not kept.', { cause })
  }
}

async function* capped(chunks: AsyncIterable<Uint8Array>) {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > EVENT_UPLOAD_BYTES_MAX) {
      throw new AppError('too_large', 'A file of events has at most 1 GiB here; use the command.')
    }
    yield chunk
  }
}

/** What was being sent when the process ended. Called before anything is received. */
export function removePartials(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (name.endsWith(PARTIAL)) rmSync(path.join(folder, name), { force: true })
  }
}
