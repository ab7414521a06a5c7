// What is known of a target's dependencies while it is pulled: what the target told, what people gave, and
// the id of each. What one of them is made of is read once, when the first rule leads to it.

import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type DependencyId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { readQuery } from '#domain/queries/actions.ts'
import type { DependenciesAnswer } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { QueryLanguage } from '#languages/query.ts'
import {
  distinct,
  isDependencyKind,
  keyOf,
  plainName,
  type NamedDependency,
  type ToldState,
} from './dependency.ts'
import * as store from './dependency-store.ts'
import { macrosIn, macrosOf, type Macros } from './macros.ts'

type Told = DependenciesAnswer['dependencies'][number]

export interface NamingQuery {
  readonly language: QueryLanguage
  readonly text: string
}

export class DependencyBook {
  readonly #house: House
  readonly #target: Target
  readonly #answer: DependenciesAnswer | undefined
  readonly #told: ReadonlyMap<string, Told>
  readonly #macros: Macros
  readonly #ids = new Map<string, DependencyId>()
  readonly #inside = new Map<string, Promise<readonly NamedDependency[]>>()

  constructor(
    house: House,
    target: Target,
    answer: DependenciesAnswer | undefined,
    given: Parameters<typeof macrosOf>[0],
  ) {
    this.#house = house
    this.#target = target
    this.#answer = answer
    const told = answer?.dependencies ?? []
    this.#told = new Map(
      told.map((one) => {
        const plain = { ...one, name: plainName(one.name) }
        return [keyOf(plain), plain]
      }),
    )
    // The target knows better than whoever gave one by hand.
    this.#macros = { ...macrosOf(given), ...macrosOf(told) }
  }

  /** What was told, and what is told no more. Returns what is another one than it was. */
  async keepTold(tx: Tx, caller: Caller, since: Instant | null): Promise<readonly DependencyId[]> {
    const known = await store.selectKnownDependencies(tx, tx.scope, this.#target.id)
    const byKey = new Map(known.map((one) => [`${one.kind} ${one.name}`, one]))
    const changed: DependencyId[] = []
    for (const [key, told] of this.#told) {
      const before = byKey.get(key)
      const hash = contentHash(told.definition)
      const isOther = before?.hash !== hash
      const now = {
        ...this.#rowOf(told, caller),
        title: told.title ?? null,
        state: 'told' as const,
        hash,
        definition: JSON.stringify(told.definition),
        version: (before?.version ?? 0) + (isOther ? 1 : 0),
      }
      if (before) {
        await store.updateDependency(tx, { ...now, id: before.id }, isOther)
        this.#ids.set(key, before.id)
        if (isOther || before.state !== 'told') changed.push(before.id)
      } else {
        await store.insertDependency(tx, now)
        this.#ids.set(key, now.id)
      }
    }
    for (const [key, { id, kind, name, state, givenAt, changedAt }] of byKey) {
      this.#ids.set(key, id)
      if (this.#told.has(key) || !isDependencyKind(kind)) continue
      // Given since rules were read last: what it leads to is not known of them yet.
      if (givenAt !== null && since !== null && changedAt >= since) changed.push(id)
      const now = this.#stateOf({ kind, name })
      if (now === state || (now === 'untold' && state === 'told')) continue
      await store.updateState(tx, id, { state: now, seenAt: caller.now })
    }
    return changed
  }

  /** What a query names, what its macros lead to, and what all of that is made of. */
  async namesOf(
    query: NamingQuery | null,
    names: readonly NamedDependency[],
  ): Promise<readonly NamedDependency[]> {
    return this.closure([...names, ...(query === null ? [] : await this.#namesIn(query))])
  }

  async closure(names: readonly NamedDependency[]): Promise<readonly NamedDependency[]> {
    const found = new Map<string, NamedDependency>()
    const open = [...names]
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const key = keyOf(one)
      if (found.has(key)) continue
      found.set(key, one)
      open.push(...(await this.#namesInside(key)))
    }
    return [...found.values()]
  }

  async idsOf(
    tx: Tx,
    caller: Caller,
    names: readonly NamedDependency[],
  ): Promise<readonly DependencyId[]> {
    const ids: DependencyId[] = []
    for (const one of names) {
      const key = keyOf(one)
      const known = this.#ids.get(key)
      if (known) {
        ids.push(known)
        continue
      }
      const row = { ...this.#rowOf(one, caller), state: this.#stateOf(one) }
      await store.insertDependency(tx, row)
      this.#ids.set(key, row.id)
      ids.push(row.id)
    }
    return [...new Set(ids)]
  }

  #namesInside(key: string): Promise<readonly NamedDependency[]> {
    const known = this.#inside.get(key)
    if (known) return known
    const { names = [], queries = [] } = this.#told.get(key) ?? {}
    const read = Promise.all(queries.map((query) => this.#namesIn(query)))
    const inside = read.then((all) => distinct([...names, ...all.flat()]))
    this.#inside.set(key, inside)
    return inside
  }

  async #namesIn({ language, text }: NamingQuery): Promise<readonly NamedDependency[]> {
    const schema = language === 'spl' ? { macros: macrosIn(text, this.#macros) } : {}
    const { facts } = await readQuery(this.#house.workers, { language, text, schema })
    if (facts === null) return []
    const sources = facts.sources.flatMap(({ kind, name }): NamedDependency[] => {
      if (kind === 'datamodel') return [{ kind, name: name.split('.', 1)[0]! }]
      return isDependencyKind(kind) ? [{ kind, name }] : []
    })
    // A function without arguments is called as a table is named.
    const called = language === 'kusto' ? [...facts.functions, ...facts.sources] : []
    const functions = called.flatMap(({ name }): NamedDependency[] =>
      this.#told.has(keyOf({ kind: 'function', name })) ? [{ kind: 'function', name }] : [],
    )
    return distinct([...sources, ...functions])
  }

  #stateOf({ kind, name }: NamedDependency): ToldState {
    const { kinds = [], isBuiltIn } = this.#answer ?? {}
    const isListed = (kinds as readonly string[]).includes(kind)
    return isListed && isBuiltIn?.(kind, name) !== true ? 'missing' : 'untold'
  }

  #rowOf({ kind, name }: NamedDependency, { now }: Caller): store.NewDependency {
    const id = makeId(ID_PREFIXES.dependency, now, this.#house.random(10))
    const unknown = { version: 0, hash: null, definition: null, title: null }
    const nobody = { givenAt: null, givenBy: null }
    const targetId = this.#target.id
    return { id, targetId, kind, name, state: 'untold', ...unknown, ...nobody, at: now }
  }
}
