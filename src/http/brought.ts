// Files of rules that somebody sends with a form: on their own, or in archives.

import { z } from 'zod'
import {
  ARCHIVE_CAPS,
  inOrder,
  isArchive,
  readEntries,
  readRuleFile,
} from '#domain/rules/imports/files.ts'
import type { FileToSplit } from '#domain/rules/imports/split-task.ts'
import { readZip } from '#platform/zip/read.ts'

/** A field of files sends an empty one when nothing was chosen. */
export const Files = z
  .union([z.array(z.instanceof(File)), z.instanceof(File).transform((file) => [file])])
  .default([])
  .transform((files) => files.filter((file) => file.size > 0 || file.name !== ''))

/** In the order of their paths. Throws as `readZip` for a damaged archive, `too_large` for too many. */
export async function readFiles(files: readonly File[]): Promise<readonly FileToSplit[]> {
  const read: FileToSplit[] = []
  for (const file of files) {
    const bytes = Buffer.from(await file.arrayBuffer())
    if (isArchive(file.name)) read.push(...(await readEntries(readZip(bytes, ARCHIVE_CAPS))))
    else read.push(readRuleFile(file.name, file.size, () => bytes))
  }
  return inOrder(read)
}
