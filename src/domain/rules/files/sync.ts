// What a folder of rule files and a workspace have to tell each other. Pure: documents, the lock file and
// the hashes of the workspace come in, and for each document comes out which rule it is and who changed
// it. Order and file times decide nothing. A document that could be two rules is none.

import type { RuleId } from '#kernel/id.ts'
import type { FiledRule } from './folder.ts'

export interface LocalDocument {
  /** Below the folder, with slashes. */
  readonly path: string
  readonly document: number
  readonly text: string
  readonly hash: string
}

/** By `path#document`: the version at which file and rule were the same. */
export type Lock = ReadonlyMap<string, LockEntry>

export interface LockEntry {
  readonly rule: RuleId
  readonly version: number
  readonly hash: string
}

export type SyncState =
  /** The same on both sides. */
  | 'same'
  /** Only here. */
  | 'new'
  /** Changed here. */
  | 'ahead'
  /** Changed there. */
  | 'behind'
  /** Changed on both sides, or nobody knows since when they differ. */
  | 'both'
  /** Known to the lock file, and gone or retired there. */
  | 'removed'
  /** Claims to be a rule that another document is, too. */
  | 'repeated'

export interface PlannedDocument {
  readonly local: LocalDocument
  readonly state: SyncState
  readonly rule?: FiledRule
  /** The version that both sides come from. */
  readonly base?: { readonly version: number; readonly hash: string }
  /** The other documents that claim the rule, for `repeated`. */
  readonly others?: readonly string[]
}

export interface SyncPlan {
  readonly documents: readonly PlannedDocument[]
  /** Rules of the workspace that no document is. */
  readonly onlyThere: readonly FiledRule[]
}

export interface SyncInput {
  readonly local: readonly LocalDocument[]
  readonly lock: Lock
  readonly remote: readonly FiledRule[]
  /** What a text says of itself; asked only where hashes do not tell. */
  readonly identify: (text: string) => Identity
}

export interface Identity {
  readonly sigmaId: string | null
  readonly title: string | null
}

export function keyOf({ path, document }: Pick<LocalDocument, 'path' | 'document'>): string {
  return `${path}#${document}`
}

export function planSync(input: SyncInput): SyncPlan {
  const finder = new Finder(input)
  const found = input.local.map((local) => ({ local, ...finder.find(local) }))
  const claims = Map.groupBy(found, ({ claim }) => claim)
  const documents = found.map(({ local, claim, rule, isRemoved }): PlannedDocument => {
    const rivals = claims.get(claim)!
    if (rivals.length > 1) {
      const others = rivals
        .filter((rival) => rival.local !== local)
        .map((rival) => keyOf(rival.local))
      return { local, state: 'repeated', others, ...(rule && { rule }) }
    }
    if (rule === undefined) return { local, state: isRemoved ? 'removed' : 'new' }
    return { local, rule, ...stateOf(local, rule, finder.baseOf(local, rule)) }
  })
  const matched = new Set(found.map(({ rule }) => rule?.id))
  return { documents, onlyThere: input.remote.filter(({ id }) => !matched.has(id)) }
}

function stateOf(
  local: LocalDocument,
  rule: FiledRule,
  base: PlannedDocument['base'],
): Pick<PlannedDocument, 'state' | 'base'> {
  const known = base && { base }
  if (local.hash === rule.contentHash) return { state: 'same', ...known }
  if (local.hash === base?.hash) return { state: 'behind', ...known }
  return { state: base?.hash === rule.contentHash ? 'ahead' : 'both', ...known }
}

interface Found {
  /** Two documents with one claim are one rule too many. */
  readonly claim: string
  readonly rule?: FiledRule
  readonly isRemoved?: boolean
}

class Finder {
  readonly #identify: SyncInput['identify']
  readonly #lock: Lock
  readonly #byId: ReadonlyMap<string, FiledRule>
  readonly #bySigmaId: ReadonlyMap<string, FiledRule>
  readonly #byHash: ReadonlyMap<string, readonly FiledRule[]>
  readonly #byPlace: ReadonlyMap<string, FiledRule>
  readonly #lockedRules: ReadonlyMap<string, LockEntry>
  /** Entries whose file is not there any more: it may have been renamed. */
  readonly #orphans: ReadonlyMap<string, readonly LockEntry[]>

  constructor({ local, lock, remote, identify }: SyncInput) {
    this.#identify = identify
    this.#lock = lock
    this.#byId = new Map(remote.map((rule) => [rule.id, rule]))
    this.#bySigmaId = new Map(
      remote.flatMap((rule) => (rule.sigmaId === null ? [] : [[rule.sigmaId, rule]])),
    )
    this.#byHash = Map.groupBy(remote, ({ contentHash }) => contentHash)
    this.#byPlace = new Map(remote.flatMap((rule) => (rule.file ? [[keyOf(rule.file), rule]] : [])))
    this.#lockedRules = new Map([...lock.values()].map((entry) => [entry.rule, entry]))
    const keys = new Set(local.map(keyOf))
    const orphans = [...lock].filter(([key]) => !keys.has(key)).map(([, entry]) => entry)
    this.#orphans = Map.groupBy(orphans, ({ hash }) => hash)
  }

  /** By the Sigma id; without one by the lock file, by what was renamed, by path and title. */
  find(local: LocalDocument): Found {
    const entry = this.#lock.get(keyOf(local))
    const locked = entry && this.#byId.get(entry.rule)
    if (locked !== undefined && entry?.hash === local.hash) return claimed(locked)
    // The same bytes have the same id, so a rule with an id is found without reading them.
    const [twin, ...twins] = this.#byHash.get(local.hash) ?? []
    if (twin !== undefined && twins.length === 0 && twin.sigmaId !== null) return claimed(twin)
    const { sigmaId, title } = this.#identify(local.text)
    if (sigmaId !== null) {
      const rule = this.#bySigmaId.get(sigmaId) ?? (locked?.sigmaId === null ? locked : undefined)
      if (rule !== undefined) return claimed(rule)
      const isRemoved = entry !== undefined && locked === undefined
      return { claim: `id ${sigmaId}`, ...(isRemoved && { isRemoved }) }
    }
    if (locked !== undefined) return claimed(locked)
    const rule = this.#renamed(local) ?? this.#byPlaceAndTitle(local, title)
    if (rule !== undefined) return claimed(rule)
    return { claim: keyOf(local), ...(entry !== undefined && { isRemoved: true }) }
  }

  /** The lock file's word; in a clone without one, what the server remembers of the last push. */
  baseOf(local: LocalDocument, rule: FiledRule): PlannedDocument['base'] {
    const own = this.#lock.get(keyOf(local))
    const entry = own?.rule === rule.id ? own : this.#lockedRules.get(rule.id)
    if (entry !== undefined) return { version: entry.version, hash: entry.hash }
    return rule.file === null
      ? undefined
      : { version: rule.file.version, hash: rule.file.contentHash }
  }

  #renamed({ hash }: LocalDocument): FiledRule | undefined {
    const [entry, ...more] = this.#orphans.get(hash) ?? []
    return entry === undefined || more.length > 0 ? undefined : this.#byId.get(entry.rule)
  }

  #byPlaceAndTitle(local: LocalDocument, title: string | null): FiledRule | undefined {
    const rule = this.#byPlace.get(keyOf(local))
    return rule?.sigmaId === null && rule.title === title?.slice(0, rule.title.length)
      ? rule
      : undefined
  }
}

function claimed(rule: FiledRule): Found {
  return { claim: rule.id, rule }
}
