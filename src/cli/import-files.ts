// The files that `rule import` is about: rules of this and other products, in folders, archives, packed
// by gzip, or on standard input.

import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import {
  ARCHIVE_CAPS,
  inOrder,
  isArchive,
  isRuleFile,
  readEntries,
  readRuleFile,
} from '#domain/rules/imports/files.ts'
import type { FileToSplit } from '#domain/rules/imports/split-task.ts'
import { AppError } from '#kernel/error.ts'
import { errnoOf } from '#platform/errno.ts'
import { readZip } from '#platform/zip/read.ts'
import { Progress } from './progress.ts'
import type { Shell } from './shell.ts'

const PACKED = /\.gz$/
const unzip = promisify(gunzip)

/** Paths as they were given, of packed files without their `.gz`. Throws `invalid` when one does not exist, or none holds rules. */
export async function readImportFiles(
  shell: Shell,
  operands: readonly string[],
): Promise<readonly FileToSplit[]> {
  const names = new Set<string>()
  for (const operand of operands)
    for (const name of await namesUnder(shell, operand)) names.add(name)
  const progress = new Progress(shell, 'reading files', names.size)
  const files: FileToSplit[] = []
  let done = 0
  for (const name of names) {
    shell.signal.throwIfAborted()
    files.push(...(await readNamed(shell, name)))
    progress.show(++done)
  }
  progress.clear()
  if (files.length > 0) return inOrder(files)
  throw new AppError('invalid', `no files with rules in ${operands.join(', ')}`)
}

async function namesUnder(shell: Shell, operand: string): Promise<readonly string[]> {
  if (operand === '-') return ['-']
  const absolute = path.resolve(shell.cwd, operand)
  try {
    if (!(await stat(absolute)).isDirectory()) return [operand]
    const names = await readdir(absolute, { recursive: true })
    return names
      .filter((name) => isRuleFile(name.replace(PACKED, '')) && !isHidden(name))
      .map((name) => path.join(operand, name))
  } catch (error) {
    throw unreadable(operand, error)
  }
}

/** `.git` and `.github` hold no rules. */
function isHidden(name: string): boolean {
  return name.split(path.sep).some((part) => part.startsWith('.'))
}

async function readNamed(shell: Shell, name: string): Promise<readonly FileToSplit[]> {
  if (name === '-') return [{ path: 'standard input', text: await shell.stdin() }]
  const bytes = await readBytes(shell, name)
  if (isArchive(name)) return readEntries(readZip(bytes, ARCHIVE_CAPS))
  return [readRuleFile(name.replace(PACKED, ''), bytes.length, () => bytes)]
}

async function readBytes(shell: Shell, name: string): Promise<Buffer> {
  try {
    const bytes = await readFile(path.resolve(shell.cwd, name))
    if (!PACKED.test(name)) return bytes
    return await unzip(bytes, { maxOutputLength: ARCHIVE_CAPS.fileBytesMax })
  } catch (error) {
    throw unreadable(name, error)
  }
}

function unreadable(name: string, cause: unknown): AppError {
  const isMissing = errnoOf(cause) === 'ENOENT'
  const message = isMissing ? `${name} does not exist` : `${name} cannot be read: ${String(cause)}`
  return new AppError('invalid', message, { cause })
}
