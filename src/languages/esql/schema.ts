// The columns a row may have at one place of an ES|QL query. Behind FROM any field may be there, since
// events say what they hold only when they are read; a command that names its columns closes the list.

import { Refusal } from '#languages/evaluation.ts'
import type { EsqlType } from './values.ts'

export class Schema {
  readonly types: ReadonlyMap<string, EsqlType>
  /** A name that is not listed may still be a field of the events. */
  readonly isOpen: boolean
  readonly #dropped: ReadonlySet<string>

  constructor(
    types: ReadonlyMap<string, EsqlType>,
    isOpen: boolean,
    dropped: ReadonlySet<string> = new Set(),
  ) {
    this.types = types
    this.isOpen = isOpen
    this.#dropped = dropped
  }

  /** Throws `Refusal` for a column that cannot be there. */
  typeOf(name: string): EsqlType {
    const known = this.types.get(name)
    if (known !== undefined) return known
    if (this.isOpen && !this.#dropped.has(name)) return 'unknown'
    throw new Refusal('unknown-column', `There is no column “${name}” here.`)
  }

  has(name: string): boolean {
    return this.types.has(name) || (this.isOpen && !this.#dropped.has(name))
  }

  /** The new column stands last, also where it replaces one. */
  with(name: string, type: EsqlType): Schema {
    const types = new Map(this.types)
    types.delete(name)
    types.set(name, type)
    return new Schema(types, this.isOpen, this.#dropped.difference(new Set([name])))
  }

  without(names: Iterable<string>): Schema {
    const gone = new Set(names)
    const types = new Map([...this.types].filter(([name]) => !gone.has(name)))
    return new Schema(types, this.isOpen, this.isOpen ? this.#dropped.union(gone) : new Set())
  }

  renamed(from: string, to: string): Schema {
    const type = this.typeOf(from)
    if (this.isOpen) return this.without([from]).with(to, type)
    const kept = [...this.types].filter(([name]) => name !== to || name === from)
    return new Schema(new Map(kept.map(([name, own]) => [name === from ? to : name, own])), false)
  }
}
