// Answers that hold until something is committed. SQLite tells a connection whether any other has
// committed since it looked last (`PRAGMA data_version`), which costs microseconds: no write has to
// know what it makes untrue, and another process on the same file is seen, too.

import type { Statement } from 'better-sqlite3'
import type { Connection } from './open.ts'

/** Between two commits; beyond that all are forgotten, for these are figures and quickly asked again. */
const KEPT_MAX = 1_000

export class Memo {
  readonly #version: Statement<[], number>
  readonly #kept = new Map<string, Promise<unknown>>()
  #seen: number | undefined

  /** Of what `reader` sees, which never writes itself. */
  constructor(reader: Connection) {
    this.#version = reader.prepare<[], number>('pragma data_version').pluck()
  }

  /** An answer is kept from when it was asked for, so none outlives a commit that it did not see. */
  remember<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const version = this.#version.get()
    if (version !== this.#seen || this.#kept.size >= KEPT_MAX) this.#kept.clear()
    this.#seen = version
    const known = this.#kept.get(key)
    if (known) return known as Promise<T>
    const asked = ask()
    this.#kept.set(key, asked)
    asked.catch(() => this.#kept.delete(key))
    return asked
  }
}
