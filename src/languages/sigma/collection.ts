// Documents that belong together: correlations find the rules they name by id or name, filters are laid
// over the rules they are for, and rules that only serve a correlation do not speak for themselves.

import { nearest, type Problem } from '#kernel/problem.ts'
import { selectNames, type Condition } from './condition.ts'
import { agreesWith } from './logsource.ts'
import type {
  DetectionGroup,
  Detections,
  SigmaCorrelation,
  SigmaDocument,
  SigmaFilter,
  SigmaRule,
} from './rule.ts'

export type Source = SigmaRule | ResolvedCorrelation

export interface ResolvedCorrelation {
  readonly correlation: SigmaCorrelation
  /** In the order written, each with the reference it was found by. */
  readonly sources: readonly { readonly reference: string; readonly source: Source }[]
}

export interface Collection {
  /** In the order given, with their filters. */
  readonly rules: readonly SigmaRule[]
  readonly correlations: readonly ResolvedCorrelation[]
  /** Among `rules` and the correlations, those that others refer to and that do not speak themselves. */
  readonly hidden: ReadonlySet<SigmaDocument>
  readonly problems: ReadonlyMap<SigmaDocument, readonly Problem[]>
}

/** A chain of correlations longer than this is a mistake or a cycle. */
const CHAIN_MAX = 16

/** `names` are all there are, for hints, when `documents` are only some. */
export function collect(
  documents: readonly SigmaDocument[],
  names?: readonly string[],
): Collection {
  const problems = new Map<SigmaDocument, Problem[]>()
  const report = (document: SigmaDocument, code: string, message: string, hint?: string) => {
    const problem: Problem = { code, severity: 'error', message, ...(hint ? { hint } : {}) }
    const known = problems.get(document)
    if (known) known.push(problem)
    else problems.set(document, [problem])
  }
  const filters = documents.filter((document) => document.kind === 'filter')
  const filtered = new Map<SigmaDocument, SigmaRule>()
  for (const document of documents) {
    if (document.kind !== 'rule') continue
    const own = filters.filter((filter) => isFor(filter, document))
    filtered.set(document, own.reduce<SigmaRule>(withFilter, document))
  }
  const index = indexOf(documents)
  const resolver = new Resolver({ index, filtered, names: names ?? [...index.keys()], report })
  const correlations = documents.flatMap((document) =>
    document.kind === 'correlation' ? (resolver.resolve(document, []) ?? []) : [],
  )
  return { rules: [...filtered.values()], correlations, hidden: resolver.hidden, problems }
}

function indexOf(documents: readonly SigmaDocument[]): ReadonlyMap<string, SigmaDocument> {
  const index = new Map<string, SigmaDocument>()
  for (const document of documents) {
    if (document.kind === 'filter') continue
    for (const key of [document.id, document.name]) {
      if (key !== undefined && !index.has(key)) index.set(key, document)
    }
  }
  return index
}

type Report = (document: SigmaDocument, code: string, message: string, hint?: string) => void

class Resolver {
  readonly hidden = new Set<SigmaDocument>()
  readonly #index: ReadonlyMap<string, SigmaDocument>
  readonly #filtered: ReadonlyMap<SigmaDocument, SigmaRule>
  readonly #names: readonly string[]
  readonly #report: Report
  readonly #known = new Map<SigmaCorrelation, ResolvedCorrelation | undefined>()

  constructor(given: {
    readonly index: ReadonlyMap<string, SigmaDocument>
    readonly filtered: ReadonlyMap<SigmaDocument, SigmaRule>
    readonly names: readonly string[]
    readonly report: Report
  }) {
    this.#index = given.index
    this.#filtered = given.filtered
    this.#names = given.names
    this.#report = given.report
  }

  resolve(
    correlation: SigmaCorrelation,
    above: readonly SigmaCorrelation[],
  ): ResolvedCorrelation | undefined {
    if (this.#known.has(correlation)) return this.#known.get(correlation)
    if (above.includes(correlation) || above.length > CHAIN_MAX) {
      const message = 'This correlation refers to itself, directly or through others.'
      this.#report(correlation, 'sigma/correlation-cycle', message)
      return undefined
    }
    const sources = correlation.rules.map(({ text }) => {
      const source = this.#source(correlation, text, [...above, correlation])
      return source && { reference: text, source }
    })
    const found = sources.filter((source) => source !== undefined)
    const resolved = found.length === sources.length ? { correlation, sources: found } : undefined
    this.#known.set(correlation, resolved)
    return resolved
  }

  #source(
    from: SigmaCorrelation,
    reference: string,
    above: readonly SigmaCorrelation[],
  ): Source | undefined {
    const document = this.#index.get(reference)
    if (document === undefined) {
      const near = nearest(reference, this.#names)
      const hint =
        near === undefined
          ? 'Give the rule file together with this one.'
          : `Did you mean "${near}"?`
      const message = `The correlation refers to "${reference}", which is not among the rules.`
      this.#report(from, 'sigma/unknown-rule', message, hint)
      return undefined
    }
    const source = this.#filtered.get(document) ?? document
    if (!from.isGenerating) this.hidden.add(source)
    if (source.kind === 'rule') return source
    return source.kind === 'correlation' ? this.resolve(source, above) : undefined
  }
}

/** A filter is for a rule it names (or for any) whose log source says at least what its own says. */
export function isFor(filter: SigmaFilter, rule: SigmaRule): boolean {
  if (!agreesWith(filter.logsource, rule.logsource)) return false
  if (filter.rules === 'any') return true
  return filter.rules.some(({ text }) => text === rule.id || text === rule.name)
}

/** `(condition of the rule) and (condition of the filter)`, under names that cannot meet. */
export function withFilter(rule: SigmaRule, filter: SigmaFilter, index: number): SigmaRule {
  const prefix = `_filter${index}_`
  const { searches, conditions } = rule.detections
  const merged = new Map<string, DetectionGroup>(searches)
  for (const [name, group] of filter.detections.searches) merged.set(prefix + name, group)
  const added = filter.detections.conditions.map(({ tree }) =>
    prefixed(tree, prefix, [...filter.detections.searches.keys()]),
  )
  const detections: Detections = {
    searches: merged,
    conditions: conditions.map((condition) => ({
      ...condition,
      tree: {
        kind: 'and',
        of: [fixed(condition.tree, [...searches.keys()]), ...added],
        start: condition.tree.start,
        end: condition.tree.end,
      },
    })),
  }
  return { ...rule, detections }
}

function prefixed(tree: Condition, prefix: string, names: readonly string[]): Condition {
  return rename(fixed(tree, names), (name) => prefix + name)
}

/** Patterns spelled out, so that names added later are not drawn in. */
function fixed(tree: Condition, names: readonly string[]): Condition {
  if (tree.kind === 'identifier') return tree
  if (tree.kind === 'not') return { ...tree, of: fixed(tree.of, names) }
  if (tree.kind !== 'selector') {
    return { ...tree, of: tree.of.map((operand) => fixed(operand, names)) }
  }
  const { start, end } = tree
  const of = selectNames(tree.pattern, names).map((name): Condition => ({
    kind: 'identifier',
    name,
    start,
    end,
  }))
  if (of.length === 1) return of[0]!
  return { kind: tree.quantity === 'all' ? 'and' : 'or', of, start, end }
}

function rename(tree: Condition, to: (name: string) => string): Condition {
  switch (tree.kind) {
    case 'identifier':
      return { ...tree, name: to(tree.name) }
    case 'not':
      return { ...tree, of: rename(tree.of, to) }
    case 'selector':
      return tree
    default:
      return { ...tree, of: tree.of.map((operand) => rename(operand, to)) }
  }
}
