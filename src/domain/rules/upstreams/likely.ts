// Which rules here began as which documents of a bundle, where no id says so: the same name, or queries of
// the same place that share most of their words. A proposal; a person confirms it.

import type { RuleId } from '#kernel/id.ts'
import type { RuleContent } from '#domain/rules/content.ts'
import { KIND_ROWS, KINDS, type Kind } from '#domain/rules/renders/kinds.ts'

export interface NativeTexts {
  readonly title: string
  readonly queries: Readonly<Partial<Record<Kind, string>>>
}

export interface Proposal {
  readonly ruleId: RuleId
  /** Percent. */
  readonly confidence: number
  readonly why: string
}

/** Undefined for a rule that has no query of its own. */
export function nativeTexts({ title, implementations }: RuleContent): NativeTexts | undefined {
  const queries = KINDS.flatMap((kind) => {
    const query = implementations[kind]?.query
    return query === undefined ? [] : [[kind, query] as const]
  })
  return queries.length === 0 ? undefined : { title, queries: Object.fromEntries(queries) }
}

type Document = NativeTexts & { readonly position: number }
type Rule = NativeTexts & { readonly ruleId: RuleId }

/** By the position of the document. Each rule is proposed once, where it fits best. */
export function proposeOrigins(
  documents: readonly Document[],
  rules: readonly Rule[],
): ReadonlyMap<number, Proposal> {
  const index = new LikenessIndex(documents)
  const pairs = rules.flatMap((rule) =>
    index.near(rule).flatMap((document) => {
      const proposal = judge(document, rule)
      return proposal === undefined ? [] : [{ position: document.position, ...proposal }]
    }),
  )
  const best = pairs.toSorted((a, b) => b.confidence - a.confidence || a.position - b.position)
  const taken = new Set<RuleId>()
  const proposals = new Map<number, Proposal>()
  for (const { position, ...proposal } of best) {
    if (proposals.has(position) || taken.has(proposal.ruleId)) continue
    proposals.set(position, proposal)
    taken.add(proposal.ruleId)
  }
  return proposals
}

/** Queries that share this much likely had one author. */
const LIKE_MIN = 0.5
/** With the same name less is enough. */
const LIKE_NAMED_MIN = 0.2

function judge(document: Document, rule: Rule): Proposal | undefined {
  const isNamed = nameOf(document) === nameOf(rule)
  const shares = KINDS.flatMap((kind) => {
    const [theirs, mine] = [document.queries[kind], rule.queries[kind]]
    return theirs === undefined || mine === undefined
      ? []
      : [{ kind, share: likeness(theirs, mine) }]
  })
  const best = shares.toSorted((a, b) => b.share - a.share)[0]
  if (best === undefined || best.share < (isNamed ? LIKE_NAMED_MIN : LIKE_MIN)) return undefined
  const { kind, share } = best
  const confidence = Math.min(99, Math.round(isNamed ? 60 + 40 * share : 95 * share))
  const words = `${Math.round(share * 100)} % of the words of the query for ${KIND_ROWS[kind].label} are the same`
  return {
    ruleId: rule.ruleId,
    confidence,
    why: isNamed ? `The same name, and ${words}.` : `${words}.`,
  }
}

function nameOf({ title }: NativeTexts): string {
  return title
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** From 0 to 1: the runs of three words that both have, of those that either has. */
export function likeness(a: string, b: string): number {
  const [ours, theirs] = [shinglesOf(a), shinglesOf(b)]
  const shared = [...ours].filter((one) => theirs.has(one)).length
  const all = ours.size + theirs.size - shared
  return all === 0 ? 0 : shared / all
}

const WORDS_MAX = 5_000

function shinglesOf(query: string): ReadonlySet<string> {
  const words = (query.toLowerCase().match(/[\p{L}\p{N}_.]+|[^\s\p{L}\p{N}_.]/gu) ?? []).slice(
    0,
    WORDS_MAX,
  )
  if (words.length < 3) return new Set(words.length === 0 ? [] : [words.join(' ')])
  return new Set(words.slice(2).map((_, at) => words.slice(at, at + 3).join(' ')))
}

/** What every query of a place begins with tells none from another. */
const COMMON_MIN = 100
/** Documents compared with one rule. */
const NEAR_MAX = 20

/** Finds the few documents that are worth a comparison. */
class LikenessIndex {
  readonly #byName = new Map<string, Document[]>()
  readonly #byShingle = new Map<string, Document[]>()

  constructor(documents: readonly Document[]) {
    for (const document of documents) {
      add(this.#byName, nameOf(document), document)
      for (const query of Object.values(document.queries)) {
        for (const shingle of shinglesOf(query)) add(this.#byShingle, shingle, document)
      }
    }
  }

  near(rule: NativeTexts): readonly Document[] {
    const counts = new Map<Document, number>()
    for (const query of Object.values(rule.queries)) {
      for (const shingle of shinglesOf(query)) {
        const found = this.#byShingle.get(shingle) ?? []
        if (found.length > COMMON_MIN) continue
        for (const document of found) counts.set(document, (counts.get(document) ?? 0) + 1)
      }
    }
    const nearest = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, NEAR_MAX)
    const named = this.#byName.get(nameOf(rule)) ?? []
    return [...new Set([...named.slice(0, NEAR_MAX), ...nearest.map(([document]) => document)])]
  }
}

function add(lists: Map<string, Document[]>, key: string, document: Document): void {
  const known = lists.get(key)
  if (known) known.push(document)
  else lists.set(key, [document])
}
