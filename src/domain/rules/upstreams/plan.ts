// What a bundle would do to the rules that are here: pure decisions over what its documents say and what
// is here already. Texts are merged elsewhere (merge.ts), by a worker.

import type { RuleId } from '#kernel/id.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { RelatedRule } from '#domain/rules/content.ts'
import type { ExaminedRule } from '#domain/rules/examined.ts'
import type { ComparedTexts } from './merge.ts'
import { nativeTexts, type NativeTexts } from './likely.ts'
import type { UpstreamFinding, UpstreamStanding } from './upstream.ts'

/** A document of the bundle, as far as the plan must know it. */
export interface BundleDocument {
  readonly position: number
  readonly path: string
  readonly title: string | null
  readonly sigmaId: string | null
  readonly contentHash: string
  readonly isDeprecated: boolean
  readonly related: readonly RelatedRule[]
  readonly problems: readonly Problem[]
  /** Of a rule in the words of a product. */
  readonly native: NativeTexts | null
  /** Why it takes no part, if it takes none. */
  readonly refused: 'broken' | 'left_out' | null
}

interface Read {
  readonly position: number
  readonly path: string
  readonly text: string
  readonly contentHash: string
  /** Of taking its file apart. */
  readonly problems: readonly Problem[]
}

export function readDocument(read: Read, { content, problems }: ExaminedRule): BundleDocument {
  const { position, path, text, contentHash } = read
  const all = [...read.problems, ...(text === '' ? [] : problems)]
  const isBroken = text !== '' && (content === undefined || hasErrors(problems))
  const isOther = text === '' ? !hasErrors(all) : content?.kind === 'filter'
  return {
    position,
    path,
    title: content?.title.toWellFormed() ?? null,
    sigmaId: content?.sigmaId?.toWellFormed() ?? null,
    contentHash,
    isDeprecated: content?.status === 'deprecated' || DEPRECATED_FOLDER.test(path),
    related: content?.related ?? [],
    native: (content && nativeTexts(content)) ?? null,
    problems: all.slice(0, PROBLEMS_MAX),
    refused: isOther ? 'left_out' : isBroken || text === '' ? 'broken' : null,
  }
}

const DEPRECATED_FOLDER = /(?:^|\/)deprecated\//i
const PROBLEMS_MAX = 20

/** Types of `related` by which one rule takes the place of another (Sigma specification 2.1, rules). */
const REPLACES = new Set(['obsolete', 'renamed', 'merged'])

export interface Successor {
  readonly sigmaId: string
  /** The same rule under another id, and not a third one. */
  readonly isRename: boolean
}

/**
 * What takes the place of which id. A rule says what it replaces; and one that is deprecated may say
 * what replaces it, the other way round.
 */
export function successorsIn(documents: readonly BundleDocument[]): ReadonlyMap<string, Successor> {
  const living = new Set<string>()
  for (const { sigmaId, isDeprecated, refused } of documents) {
    if (sigmaId !== null && !isDeprecated && refused === null) living.add(sigmaId)
  }
  const claims: (Successor & { readonly old: string; readonly rank: number })[] = []
  for (const { sigmaId, related, isDeprecated, refused } of documents) {
    if (sigmaId === null || refused !== null) continue
    for (const { id, type } of related) {
      if (!REPLACES.has(type) || id === sigmaId) continue
      const isRename = type === 'renamed'
      if (!isDeprecated) claims.push({ old: id, sigmaId, isRename, rank: isRename ? 0 : 1 })
      else if (living.has(id)) claims.push({ old: sigmaId, sigmaId: id, isRename: false, rank: 2 })
    }
  }
  // Of several claims to one id the same is taken, in whichever order the files came.
  claims.sort((a, b) => compare(a.old, b.old) || a.rank - b.rank || compare(a.sigmaId, b.sigmaId))
  const successors = new Map<string, Successor>()
  for (const { old, sigmaId, isRename } of claims) {
    if (!successors.has(old)) successors.set(old, { sigmaId, isRename })
  }
  // What is there, alive and not replaced by its own word stays what it is.
  for (const id of living) successors.delete(id)
  return successors
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export interface LinkHere {
  readonly ruleId: RuleId
  readonly path: string
  readonly sigmaId: string | null
  readonly standing: UpstreamStanding
  readonly successor: string | null
}

export interface Here {
  /** Rules that follow this upstream. */
  readonly links: readonly LinkHere[]
  /** Rules of the workspace by Sigma id, whether they follow it or not. */
  readonly idOf: ReadonlyMap<string, RuleId>
  /** Rules that follow another upstream. */
  readonly elsewhere: ReadonlySet<RuleId>
}

/** What each document is about, before any text is compared. */
export interface Placed {
  readonly document: BundleDocument
  /** A rule to compare it with. */
  readonly ruleId: RuleId | null
  /** Known already, where no text decides it. */
  readonly finding: UpstreamFinding | null
  readonly successor: string | null
  readonly problem?: Problem
}

export interface Gone {
  readonly link: LinkHere
  readonly successor: string | null
}

/**
 * Each document in its order, and the rules that follow the upstream and are in it no more, as far as
 * that is news.
 */
export function placeDocuments(
  documents: readonly BundleDocument[],
  here: Here,
): { readonly placed: readonly Placed[]; readonly gone: readonly Gone[] } {
  const successors = successorsIn(documents)
  const byId = new Map<string, LinkHere>()
  const byPath = new Map<string, LinkHere>()
  for (const link of here.links) {
    if (link.sigmaId === null) byPath.set(link.path, link)
    else byId.set(link.sigmaId, link)
  }
  const inBundle = new Set(documents.flatMap(({ sigmaId }) => sigmaId ?? []))
  const renamed = new Map<string, LinkHere>()
  for (const [old, { sigmaId, isRename }] of successors) {
    const link = byId.get(old)
    const isFree = !inBundle.has(old) && !byId.has(sigmaId) && !here.idOf.has(sigmaId)
    if (isRename && link && isFree && !renamed.has(sigmaId)) renamed.set(sigmaId, link)
  }
  const followed = new Set<RuleId>()
  const firsts = new Map<string, string>()
  const placed = documents.map((document): Placed => {
    const { sigmaId, path, refused, isDeprecated } = document
    const open = { document, ruleId: null, finding: null, successor: null }
    const link = sigmaId === null ? byPath.get(path) : (byId.get(sigmaId) ?? renamed.get(sigmaId))
    if (refused !== null) {
      if (link) followed.add(link.ruleId)
      return { ...open, finding: refused }
    }
    const first = sigmaId === null ? undefined : firsts.get(sigmaId)
    if (first !== undefined) return { ...open, finding: 'broken', problem: repeated(first) }
    if (sigmaId !== null) firsts.set(sigmaId, path)
    const ruleId = link?.ruleId ?? (sigmaId === null ? undefined : here.idOf.get(sigmaId))
    if (ruleId === undefined) {
      return isDeprecated
        ? { ...open, finding: 'left_out', problem: DEPRECATED }
        : { ...open, finding: 'new' }
    }
    if (!link && here.elsewhere.has(ruleId)) {
      return { ...open, ruleId, finding: 'left_out', problem: ELSEWHERE }
    }
    followed.add(ruleId)
    const isRenamed = sigmaId !== null && renamed.has(sigmaId)
    const successor = isRenamed ? sigmaId : (successors.get(sigmaId ?? '')?.sigmaId ?? null)
    return { ...open, ruleId, successor }
  })
  const gone = here.links
    .filter(({ ruleId }) => !followed.has(ruleId))
    .map((link) => ({ link, successor: successors.get(link.sigmaId ?? '')?.sigmaId ?? null }))
    .filter(({ link, successor }) => {
      const isKnown = link.standing === (successor === null ? 'gone' : 'replaced')
      return !isKnown || link.successor !== successor
    })
  return { placed, gone }
}

/** What a comparison means for a document, by what the upstream says of it. */
export function findingOf(
  { isDeprecated, successor }: Regard,
  compared: ComparedTexts['finding'],
): UpstreamFinding {
  // Nobody knows what of it is ours, so a person looks first.
  if (compared === 'likely') return compared
  if (successor !== null) return 'replaced'
  return isDeprecated ? 'deprecated' : compared
}

/** What the upstream says of a rule, beside its text. */
export interface Regard {
  readonly isDeprecated: boolean
  readonly successor: string | null
}

function repeated(path: string): Problem {
  return {
    code: 'upstream/repeated-id',
    severity: 'error',
    message: `Another document of this bundle has the same id: ${path.slice(0, 200)}.`,
  }
}

const DEPRECATED: Problem = {
  code: 'upstream/deprecated',
  severity: 'info',
  message: 'The upstream deprecates this rule, and it is not here.',
}

const ELSEWHERE: Problem = {
  code: 'upstream/elsewhere',
  severity: 'info',
  message: 'The rule with this id follows another upstream.',
}
