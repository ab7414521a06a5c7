// The files a `rule` command is about: a file, a folder searched for *.yml and *.yaml, or `-` for
// standard input; gzipped ones are read too. Paths stay as they were given, in a steady order.

import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import { AppError } from '#kernel/error.ts'
import { parseSigma, type Outline } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { errnoOf } from '#platform/errno.ts'
import { Progress } from './progress.ts'
import type { Shell } from './shell.ts'

export interface RuleFile {
  readonly path: string
  readonly text: string
  readonly outlines: readonly Outline[]
}

const RULE_NAME = /\.ya?ml(?:\.gz)?$/
/** An unpacked file larger than this holds no rules: it is a bomb or a mistake. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

const unzip = promisify(gunzip)

/** Throws `invalid` when a path does not exist or holds no rules. */
export async function readRuleFiles(
  shell: Shell,
  operands: readonly string[],
): Promise<readonly RuleFile[]> {
  const files: RuleFile[] = []
  const names = await listRuleFiles(shell, operands)
  const progress = new Progress(shell, 'reading rules', names.length)
  for (const name of names) {
    const text = await readText(shell, name)
    files.push({ path: name, text, outlines: parseSigma(text).outlines })
    shell.signal.throwIfAborted()
    progress.show(files.length)
  }
  progress.clear()
  return files
}

/** Throws `invalid` when a path does not exist or holds no rules. */
export async function listRuleFiles(
  shell: Shell,
  operands: readonly string[],
): Promise<readonly string[]> {
  const names: string[] = []
  for (const operand of operands) names.push(...(await namesUnder(shell, operand)))
  if (names.length > 0) return names
  throw new AppError('invalid', `no .yml or .yaml files in ${operands.join(', ')}`)
}

export function documentsOf(files: readonly RuleFile[]): readonly SigmaDocument[] {
  return files.flatMap(({ outlines }) => outlines.flatMap((outline) => outline.document ?? []))
}

/** One file, unzipped when its name says so. Throws `invalid` with what to do. */
export async function readText(shell: Shell, name: string): Promise<string> {
  if (name === '-') return shell.stdin()
  try {
    const bytes = await readFile(path.resolve(shell.cwd, name))
    if (!name.endsWith('.gz')) return bytes.toString('utf8')
    return (await unzip(bytes, { maxOutputLength: UNPACKED_BYTES_MAX })).toString('utf8')
  } catch (error) {
    throw unreadable(name, error)
  }
}

async function namesUnder(shell: Shell, operand: string): Promise<readonly string[]> {
  if (operand === '-') return ['-']
  const absolute = path.resolve(shell.cwd, operand)
  try {
    if (!(await stat(absolute)).isDirectory()) return [operand]
    const names = await readdir(absolute, { recursive: true })
    return names
      .filter((name) => RULE_NAME.test(name))
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((name) => path.join(operand, name))
  } catch (error) {
    throw unreadable(operand, error)
  }
}

function unreadable(name: string, cause: unknown): AppError {
  const missing = errnoOf(cause) === 'ENOENT'
  const message = missing ? `${name} does not exist` : `${name} cannot be read: ${String(cause)}`
  return new AppError('invalid', message, { cause })
}
