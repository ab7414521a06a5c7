// Secret files: read with care, watched, and in force when they change. A file its group or others
// can read is refused: the secret may already be known. The master secret is only reported when it
// changes, because what it sealed must be sealed again first (`rulewright secret rotate`).

import { closeSync, fstatSync, openSync, readSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import { isSameBytes, sha256 } from '#kernel/hash.ts'
import { errnoOf } from '#platform/errno.ts'
import type { SecretSource } from './load.ts'

export const SECRET_BYTES_MAX = 64 * 1024
const OTHERS = 0o077

/**
 * The bytes of a secret file, one trailing line end removed. Throws `invalid` with what to do when it
 * is missing, empty, too large or open to others.
 */
export function readSecretFile(file: string, { isGuarded = false } = {}): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (cause) {
    const code = errnoOf(cause)
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new AppError('invalid', `the secret file ${file} ${what}`, { cause })
  }
  try {
    // Asked of the open file, so that what was checked is what is read.
    const { mode, size } = fstatSync(descriptor)
    if (!isGuarded && (mode & OTHERS) !== 0) throw openToOthers(file, mode)
    if (size > SECRET_BYTES_MAX) {
      throw new AppError('invalid', `the secret file ${file} is larger than 64 kB`)
    }
    const buffer = Buffer.alloc(SECRET_BYTES_MAX)
    const bytes = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0))
    const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length
    const secret = bytes.subarray(0, end)
    if (secret.length === 0) throw new AppError('invalid', `the secret file ${file} is empty`)
    return secret
  } finally {
    closeSync(descriptor)
  }
}

function openToOthers(file: string, mode: number): AppError {
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  return new AppError(
    'invalid',
    `the secret file ${file} can be read by others (mode ${octal}): run chmod 600 ${file}, ` +
      'and replace the secret if others used this machine',
  )
}

export interface SecretsOptions {
  /** Where each secret is, by id; those that are not set are left out. */
  readonly sources: ReadonlyMap<string, SecretSource>
  /** Ids whose new value is reported and not taken over. */
  readonly reportedOnly: ReadonlySet<string>
  /** `kept`: the file changed and cannot be used; the value before stays in force. */
  report(event: 'changed' | 'reported' | 'kept' | 'unwatched', id: string, cause?: unknown): void
}

/** Secrets in force now. */
export class Secrets {
  readonly #options: SecretsOptions
  readonly #held = new Map<string, Held>()
  readonly #watchers: FSWatcher[] = []
  readonly #changed = new Set<string>()

  /** Throws `invalid` when a file that is named cannot be used. */
  constructor(options: SecretsOptions) {
    this.#options = options
    for (const [id, source] of options.sources) {
      const bytes = source.kind === 'value' ? Buffer.from(source.text) : readFile(source)
      this.#held.set(id, { source, bytes, seen: sha256(bytes) })
    }
  }

  /** The value in force; undefined when the secret is not set. */
  current(id: string): Buffer | undefined {
    return this.#held.get(id)?.bytes
  }

  /** Every value in force, as text: what the log must hide wherever it appears. */
  texts(): readonly string[] {
    return [...this.#held.values()].map(({ bytes }) => bytes.toString())
  }

  /** Whether the file holds another secret than the one in force. */
  isPending(id: string): boolean {
    return this.#changed.has(id)
  }

  /** Watches the folders, not the files: a new file is usually renamed over the old one. */
  watch(): void {
    const folders = new Set<string>()
    for (const { source } of this.#held.values()) {
      if (source.kind === 'file') folders.add(path.dirname(source.path))
    }
    for (const folder of folders) {
      try {
        this.#watchers.push(watch(folder, { persistent: false }, () => this.reload()))
      } catch (cause) {
        this.#options.report('unwatched', folder, cause)
      }
    }
  }

  /** Reads every file again. Never throws: a value that worked stays in force. */
  reload(): void {
    for (const [id, held] of this.#held) {
      if (held.source.kind === 'file') this.#refresh(id, held, held.source)
    }
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
  }

  #refresh(id: string, held: Held, source: SecretSource & { kind: 'file' }): void {
    let bytes: Buffer
    try {
      bytes = readFile(source)
    } catch (cause) {
      // A file is missing for a moment while it is being replaced; said once until it is good.
      if (held.seen.length > 0) this.#options.report('kept', id, cause)
      held.seen = NOTHING_SEEN
      return
    }
    const seen = sha256(bytes)
    if (isSameBytes(seen, held.seen)) return
    held.seen = seen
    if (isSameBytes(bytes, held.bytes)) this.#changed.delete(id)
    else if (this.#options.reportedOnly.has(id)) {
      this.#changed.add(id)
      this.#options.report('reported', id)
    } else {
      held.bytes = bytes
      this.#options.report('changed', id)
    }
  }
}

interface Held {
  readonly source: SecretSource
  bytes: Buffer
  /** Digest of what the file held when it was last looked at. */
  seen: Buffer
}

const NOTHING_SEEN = Buffer.alloc(0)

function readFile(source: SecretSource & { kind: 'file' }): Buffer {
  return readSecretFile(source.path, { isGuarded: source.isGuarded })
}
