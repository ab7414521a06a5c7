// Writes a ZIP file piece by piece, so that an archive of any length takes the memory of one file and a
// line per entry. The same files give the same bytes on every machine.

import { deflateRawSync } from 'node:zlib'
import { Zip, ZipPassThrough } from 'fflate'
import { AppError } from '#kernel/error.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'

export interface NewZipFile {
  /** Unique in the archive, with `/` between folders. */
  readonly name: string
  readonly bytes: Uint8Array | string
  readonly modifiedAt: Instant
}

/** More would need ZIP64, which not everything reads. */
const FILES_MAX = 0xff_fe
const BYTES_MAX = 0xff_ff_ff_fe

/** Throws `too_large` where only ZIP64 would do: 65,534 files, or four gigabytes. */
export async function* writeZip(
  files: Iterable<NewZipFile> | AsyncIterable<NewZipFile>,
): AsyncGenerator<Uint8Array, void> {
  let ready: Uint8Array[] = []
  const zip = new Zip((error, part) => {
    if (error) throw error
    ready.push(part)
  })
  let count = 0
  let sizeBytes = 0
  const take = () => {
    const parts = ready
    ready = []
    for (const part of parts) sizeBytes += part.length
    return parts
  }
  for await (const { name, bytes, modifiedAt } of files) {
    const entry = new Deflated(name)
    entry.mtime = asLocalTime(modifiedAt)
    zip.add(entry)
    entry.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, true)
    yield* take()
    count += 1
    if (count > FILES_MAX || sizeBytes > BYTES_MAX) {
      throw new AppError('too_large', 'This is more than a ZIP file holds. Export NDJSON instead.')
    }
  }
  zip.end()
  yield* take()
}

const DEFLATE = 8 // APPNOTE 6.3.10, section 4.4.5

/** Packed by Node: the library's own packer takes two milliseconds for the smallest file. */
class Deflated extends ZipPassThrough {
  override compression = DEFLATE

  protected override process(chunk: Uint8Array, isLast: boolean): void {
    this.ondata(null, deflateRawSync(chunk), isLast)
  }
}

// The format has no time zone and the library takes that of the machine; archives shall say UTC.
function asLocalTime(at: Instant): number {
  return at + new Date(at).getTimezoneOffset() * MINUTE
}
