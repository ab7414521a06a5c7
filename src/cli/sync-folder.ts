// The folder of a team's rules on disk: its documents, its lock file, and the files beside a conflict.
// Files are replaced whole, by a rename, so that a stop in the middle leaves the old one or the new one.

import { readdir, readFile, rename, rm, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { type FileDocument, joinDocuments, splitDocuments } from '#domain/rules/files/documents.ts'
import { keyOf, type LocalDocument, type Lock, type LockEntry } from '#domain/rules/files/sync.ts'
import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import { errnoOf } from '#platform/errno.ts'

export const LOCK_FILE = 'rulewright.lock.json'
/** Behind the name of a file: what the other side has, while somebody decides. */
const OTHER_SIDE = '.theirs'
const RULE_NAME = /\.ya?ml$/

const LockText = z.strictObject({
  lockVersion: z.literal(1),
  /** A lock file of another workspace would name rules that are not there. */
  workspace: z.string(),
  documents: z.record(
    z.string(),
    z.strictObject({
      rule: z.string().refine((text): text is RuleId => isId(ID_PREFIXES.rule, text)),
      version: z.int().min(1),
      hash: z.string(),
    }),
  ),
})

export interface OpenedFolder {
  readonly documents: readonly LocalDocument[]
  /** Documents with the other side of a conflict beside them, by key. */
  readonly undecided: ReadonlySet<string>
}

export class SyncFolder {
  readonly root: string
  readonly #files = new Map<string, FileDocument[]>()
  readonly #changed = new Set<string>()
  #lockText: string | undefined

  constructor(root: string) {
    this.root = root
  }

  /** Throws `invalid` for a folder that is not there. */
  async open(): Promise<OpenedFolder> {
    const names = await this.#names()
    const rules = names.filter((name) => RULE_NAME.test(name))
    const documents: LocalDocument[] = []
    for (const name of rules) {
      const parts = splitDocuments(await readFile(path.join(this.root, name), 'utf8'))
      this.#files.set(name, [...parts])
      for (const [document, { text }] of parts.entries()) {
        documents.push({ path: name, document, text, hash: sha256Hex(text) })
      }
    }
    const beside = new Set(names.filter((name) => name.endsWith(OTHER_SIDE)))
    const undecided = documents.filter((one) => beside.has(besideOf(one))).map(keyOf)
    return { documents, undecided: new Set(undecided) }
  }

  /** Throws `invalid` for one that is damaged, or of another workspace. */
  async readLock(workspace: string): Promise<Lock> {
    const text = await readIfThere(path.join(this.root, LOCK_FILE))
    this.#lockText = text
    if (text === undefined) return new Map()
    const read = LockText.safeParse(parseJson(text))
    if (!read.success) {
      throw new AppError('invalid', `${LOCK_FILE} is damaged. Restore it, or remove it and pull.`)
    }
    if (read.data.workspace !== workspace) {
      const message = `${LOCK_FILE} belongs to another workspace than the token. Use its token, or remove the file and pull.`
      throw new AppError('invalid', message)
    }
    return new Map(Object.entries(read.data.documents))
  }

  /** Sorted and without times or addresses, so that equal folders have equal lock files. */
  async writeLock(workspace: string, lock: Lock): Promise<void> {
    const entries = [...lock].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const documents = Object.fromEntries(
      entries.map(([key, { rule, version, hash }]: [string, LockEntry]) => [
        key,
        { rule, version, hash },
      ]),
    )
    const text = `${JSON.stringify({ lockVersion: 1, workspace, documents }, null, 2)}\n`
    if (text !== this.#lockText) await replaceFile(path.join(this.root, LOCK_FILE), text)
  }

  get paths(): ReadonlySet<string> {
    return new Set(this.#files.keys())
  }

  /** In memory, until `save`. */
  setText({ path: name, document }: Pick<LocalDocument, 'path' | 'document'>, text: string): void {
    const parts = this.#files.get(name) ?? [{ mark: '', text: '' }]
    parts[document] = { mark: parts[document]?.mark ?? '', text }
    this.#files.set(name, parts)
    this.#changed.add(name)
  }

  async save(): Promise<void> {
    for (const name of this.#changed) {
      await replaceFile(path.join(this.root, name), joinDocuments(this.#files.get(name)!))
    }
    this.#changed.clear()
  }

  /** Puts the other side beside a document, and says where. */
  async layBeside(local: LocalDocument, text: string): Promise<string> {
    const name = besideOf(local)
    await replaceFile(path.join(this.root, name), text)
    return name
  }

  async #names(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.root, { recursive: true })
      const plain = names.map((name) => name.split(path.sep).join('/'))
      return plain.filter((name) => !/(?:^|\/)\./.test(name)).toSorted()
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT' && errnoOf(cause) !== 'ENOTDIR') throw cause
      throw new AppError('invalid', `${this.root} is no folder`, { cause })
    }
  }
}

function besideOf({ path: name, document }: Pick<LocalDocument, 'path' | 'document'>): string {
  return `${name}${document === 0 ? '' : `.${document}`}${OTHER_SIDE}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const beside = `${file}.new`
  try {
    await writeFile(beside, text)
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
