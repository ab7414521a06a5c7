// The files of an import as they come in: on their own or in an archive. One that is too large for a rule
// is told as such and stops no other.

import { RULE_BYTES_MAX, ZIP_FILES_MAX, ZIP_UNPACKED_BYTES_MAX } from '#kernel/limits.ts'
import { AppError } from '#kernel/error.ts'
import { inTurns } from '#platform/turns.ts'
import type { ZipCaps, ZipFile } from '#platform/zip/read.ts'
import type { FileToSplit } from './split-task.ts'

/** One file may hold the rules of a whole product. */
const FILE_BYTES_MAX = 16 * 1024 * 1024

/** What archives and folders of repositories hold beside rules is left out. */
const RULE_FILE = /\.(?:ya?ml|conf|json|ndjson)$/i
const SIGMA_FILE = /\.ya?ml$/i
const ARCHIVE = /\.zip$/i

/** For `readZip`: sizes are judged here, file by file. */
export const ARCHIVE_CAPS: ZipCaps = {
  filesMax: ZIP_FILES_MAX,
  fileBytesMax: FILE_BYTES_MAX,
  unpackedBytesMax: ZIP_UNPACKED_BYTES_MAX,
}

export function isRuleFile(name: string): boolean {
  return RULE_FILE.test(name)
}

export function isArchive(name: string): boolean {
  return ARCHIVE.test(name)
}

// A byte order mark of a rule is kept: what is brought is kept byte for byte.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `read` is called only for a file that is not too large. */
export function readRuleFile(path: string, sizeBytes: number, read: () => Buffer): FileToSplit {
  const max = SIGMA_FILE.test(path) ? RULE_BYTES_MAX : FILE_BYTES_MAX
  if (sizeBytes > max) return refuse(path, 'This file is larger than any rule: it was not read.')
  try {
    return { path, text: UTF8.decode(read()) }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return refuse(path, 'This file is no UTF-8 text. Save it in that encoding and bring it again.')
  }
}

const refuse = (path: string, refusal: string): FileToSplit => ({ path, text: '', refusal })

/** Those that may hold rules. Throws as `readZip` for damaged ones. */
export async function readEntries(entries: readonly ZipFile[]): Promise<readonly FileToSplit[]> {
  const files: FileToSplit[] = []
  for await (const entry of inTurns(entries)) {
    const { name, sizeBytes } = entry
    if (isRuleFile(name)) files.push(readRuleFile(name, sizeBytes, () => entry.read()))
  }
  return files
}

/** The same files make the same import, in whichever order they came. Throws `too_large` for too many. */
export function inOrder(files: readonly FileToSplit[]): readonly FileToSplit[] {
  if (files.length > ZIP_FILES_MAX) {
    throw new AppError('too_large', `Send at most ${ZIP_FILES_MAX} files at once.`)
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
