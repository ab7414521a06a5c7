// Checkpoints kept outside the database, one file each: `<day>/<epoch>-<size>.checkpoint`. Whoever
// rolls the database back does not roll these back, when the folder is elsewhere or write-once. The
// day folders keep reading cheap: the newest notes are in the last of them.

import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import path from 'node:path'
import { formatInstant, type Instant } from '#kernel/time.ts'

export interface Anchor {
  readonly epoch: number
  readonly size: number
  readonly note: string
}

/** Larger than any note with all the witnesses it may carry. */
const NOTE_BYTES_MAX = 64 * 1024

/** Returns once the file is on the disk. A file that exists is left as it is. */
export async function writeAnchor(folder: string, anchor: Anchor, at: Instant): Promise<void> {
  const day = path.join(folder, formatInstant(at).slice(0, 10))
  await mkdir(day, { recursive: true, mode: 0o700 })
  const file = path.join(day, anchorName(anchor))
  const partial = `${file}.partial`
  await writeSynced(partial, anchor.note)
  await rename(partial, file)
  await syncFolder(day)
  await syncFolder(folder)
}

/** Public keys of the log, beside what they verify; written whole or not at all. */
export async function writePublicKeys(folder: string, lines: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, PUBLIC_KEYS)
  const text = `${lines.join('\n')}\n`
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known === text) return
  await writeSynced(`${file}.partial`, text)
  await rename(`${file}.partial`, file)
  await syncFolder(folder)
}

/**
 * Notes by the order of their names, the last `limit` of them: all there are when absent. An absent
 * folder holds none. What the notes say is for the verifier to judge.
 */
export async function readAnchors(folder: string, limit = Infinity): Promise<string[]> {
  const notes: string[] = []
  for (const day of (await namesIn(folder)).toReversed()) {
    const files = (await namesIn(path.join(folder, day))).filter((name) => NAME.test(name))
    for (const name of files.toReversed()) {
      if (notes.length >= limit) return notes.toReversed()
      notes.push(await readNote(path.join(folder, day, name)))
    }
  }
  return notes.toReversed()
}

/**
 * Leaves one note of each day before `keepFrom`, the last. Returns how many files went; a folder that
 * lets nothing go keeps them all.
 */
export async function thinAnchors(folder: string, keepFrom: Instant): Promise<number> {
  const firstKept = formatInstant(keepFrom).slice(0, 10)
  let removed = 0
  for (const day of await namesIn(folder)) {
    if (!DAY_FOLDER.test(day) || day >= firstKept) continue
    const files = (await namesIn(path.join(folder, day))).filter((name) => NAME.test(name))
    for (const name of files.slice(0, -1)) {
      if (!(await tryRemove(path.join(folder, day, name)))) return removed
      removed += 1
    }
  }
  return removed
}

const DAY_FOLDER = /^\d{4}-\d\d-\d\d$/
const PUBLIC_KEYS = 'audit.pub'
const NAME = /^\d{6}-\d{16}\.checkpoint$/

// Padded, so that names sort as numbers do.
function anchorName({ epoch, size }: Anchor): string {
  return `${String(epoch).padStart(6, '0')}-${String(size).padStart(16, '0')}.checkpoint`
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

async function tryRemove(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['EPERM', 'EACCES', 'EROFS'].includes(code)) return false // write-once, as it should be
    throw error
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function readNote(file: string): Promise<string> {
  return (await readFile(file)).subarray(0, NOTE_BYTES_MAX + 1).toString()
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
