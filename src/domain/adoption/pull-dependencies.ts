// What the rules of a target build on: told by the target where it tells, named by the rules in any case.
// A rule's query is read in a thread by its language; what macros stand for is looked into.

import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type DependencyId, type ObservedId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { readQuery } from '#domain/queries/actions.ts'
import type { Completeness, DependenciesAnswer, SiemPort } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { QuerySchema } from '#languages/query.ts'
import type { ObservedFacts } from '#languages/rule-formats/observed/object.ts'
import {
  distinct,
  isDependencyKind,
  keyOf,
  type NamedDependency,
  type ToldDependency,
} from './dependency.ts'
import * as store from './dependency-store.ts'

/** A rule that is new or whose body is another one. */
export interface Touched extends Pick<ObservedFacts, 'query' | 'names'> {
  readonly id: ObservedId
}

const BATCH = 40

/** Null where the target tells of nothing. */
export async function pullDependencies(
  house: House,
  caller: Caller,
  { target, port, touched }: { target: Target; port: SiemPort; touched: readonly Touched[] },
  signal: AbortSignal,
): Promise<Completeness | null> {
  const answer = await asked(port, signal)
  await nextTurn() // the reader is not used in the turn of a commit
  const book = new Book(target, answer)
  await house.db.write(caller, (tx) => book.keepTold(tx, house, caller))
  for (let at = 0; at < touched.length; at += BATCH) {
    signal.throwIfAborted()
    const some = touched.slice(at, at + BATCH)
    const named = await Promise.all(some.map((one) => namesOf(house, one, book.macros)))
    await house.db.write(caller, async (tx) => {
      for (const [index, { id }] of some.entries()) {
        await store.replaceLinks(tx, id, await book.idsOf(tx, house, caller, named[index]!))
      }
    })
  }
  return answer?.completeness ?? null
}

/** Rules are read without them: who may not see lists sees rules none the less, and is told. */
async function asked(port: SiemPort, signal: AbortSignal): Promise<DependenciesAnswer | undefined> {
  try {
    return await port.dependencies?.(signal)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'forbidden') throw error
    const completeness = { kind: 'partial', reason: error.message } as const
    return { kinds: [], dependencies: [], completeness }
  }
}

async function namesOf(
  { workers }: House,
  { query, names }: Touched,
  macros: NonNullable<QuerySchema['macros']>,
): Promise<readonly NamedDependency[]> {
  if (query === null) return distinct(names)
  const schema = query.language === 'spl' ? { macros: macrosIn(query.text, macros) } : {}
  const { facts } = await readQuery(workers, { ...query, schema })
  const found = (facts?.sources ?? []).flatMap(({ kind, name }): NamedDependency[] =>
    isDependencyKind(kind) ? [{ kind, name }] : [],
  )
  return distinct([...names, ...found])
}

type Macros = NonNullable<QuerySchema['macros']>

/** Those that a text may lead to: not all of thousands travel with each query. */
function macrosIn(text: string, all: Macros): Macros {
  const found: Record<string, Macros[string]> = {}
  const open = [text]
  for (let looked = 0; open.length > 0 && looked < MACROS_LOOKED_AT; looked++) {
    const words = new Set(open.pop()!.match(/[\w.:-]+/g))
    for (const [name, macro] of Object.entries(all)) {
      if (found[name] !== undefined || !words.has(plainName(name))) continue
      found[name] = macro
      open.push(macro.definition)
    }
  }
  return found
}

const MACROS_LOOKED_AT = 100

/** Rules call `name`, whatever arguments its definition `name(2)` has. */
function plainName(name: string): string {
  return name.replace(/\(\d+\)$/, '')
}

/** What is known of a target's dependencies, while it is pulled. */
class Book {
  readonly #target: Target
  readonly #told: ReadonlyMap<string, ToldDependency>
  readonly #tells: ReadonlySet<string>
  readonly #ids = new Map<string, DependencyId>()
  readonly macros: Macros

  constructor(target: Target, answer: DependenciesAnswer | undefined) {
    this.#target = target
    const told = (answer?.dependencies ?? []).map((one) => ({ ...one, name: plainName(one.name) }))
    this.#told = new Map(told.map((one) => [keyOf(one), one]))
    // Of a list that was cut nobody knows what is not there.
    const isWhole = answer?.completeness.kind === 'complete'
    this.#tells = new Set(isWhole ? answer.kinds : [])
    this.macros = Object.fromEntries(
      (answer?.dependencies ?? []).flatMap(({ kind, name, definition }) => {
        const macro = kind === 'macro' ? (definition as Macros[string] | null) : null
        return macro === null ? [] : [[name, macro] as const]
      }),
    )
  }

  /** What was told, and what is told no more. */
  async keepTold(tx: Tx, house: House, caller: Caller): Promise<void> {
    const known = await store.selectKnownDependencies(tx, tx.scope, this.#target.id)
    const byKey = new Map(known.map((one) => [`${one.kind} ${one.name}`, one]))
    for (const [key, told] of this.#told) {
      const before = byKey.get(key)
      const hash = contentHash(told.definition)
      const row = this.#rowOf(told, house, caller)
      const version = (before?.version ?? 0) + (before?.hash === hash ? 0 : 1)
      const definition = JSON.stringify(told.definition)
      const now = { ...row, state: 'told' as const, hash, definition, version }
      if (before) {
        await store.updateDependency(tx, { ...now, id: before.id }, before.hash !== hash)
        this.#ids.set(key, before.id)
      } else {
        await store.insertDependency(tx, now)
        this.#ids.set(key, now.id)
      }
    }
    for (const [key, { id, kind, name, state }] of byKey) {
      this.#ids.set(key, id)
      if (this.#told.has(key) || !isDependencyKind(kind)) continue
      const now = this.#stateOf(kind)
      if (now === state || (now === 'untold' && state === 'told')) continue
      const row = { ...this.#rowOf({ kind, name }, house, caller), id, state: now }
      await store.updateDependency(tx, row, false)
    }
  }

  async idsOf(
    tx: Tx,
    house: House,
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
      const row = { ...this.#rowOf(one, house, caller), state: this.#stateOf(one.kind) }
      await store.insertDependency(tx, row)
      this.#ids.set(key, row.id)
      ids.push(row.id)
    }
    return [...new Set(ids)]
  }

  #stateOf(kind: string): 'missing' | 'untold' {
    return this.#tells.has(kind) ? 'missing' : 'untold'
  }

  #rowOf({ kind, name }: NamedDependency, house: House, { now }: Caller): store.NewDependency {
    const id = makeId(ID_PREFIXES.dependency, now, house.random(10))
    const targetId = this.#target.id
    const unknown = { version: 0, hash: null, definition: null }
    return { id, targetId, kind, name, state: 'untold', ...unknown, at: now }
  }
}
