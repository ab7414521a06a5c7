// A ZIP file as the body of an operation. It is held in memory until the operation has answered, so only
// a few are taken at a time.

import { AppError } from '#kernel/error.ts'
import { readZip, type ZipCaps, type ZipFile } from '#platform/zip/read.ts'
import type { HttpContext } from '#http/env.ts'
import { requireType } from '#http/input.ts'

/** Of 64 MiB each. */
const ARCHIVES_MAX = 4
const RETRY_AFTER_SECONDS = 5

export class Archives {
  #count = 0

  /** Throws `busy` while as many are read as may be. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    if (this.#count >= ARCHIVES_MAX) {
      throw new AppError('busy', 'Several archives are being read. Try again in a moment.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      })
    }
    this.#count += 1
    try {
      return await work()
    } finally {
      this.#count -= 1
    }
  }
}

const ZIP_TYPES = ['application/zip', 'application/x-zip-compressed']

/** Throws 415 for another format, and as `readZip`. */
export async function readArchive(c: HttpContext, caps?: ZipCaps): Promise<readonly ZipFile[]> {
  requireType(c, ZIP_TYPES)
  return readZip(Buffer.from(await c.req.arrayBuffer()), caps)
}
