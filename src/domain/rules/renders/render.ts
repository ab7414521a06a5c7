// What a rule becomes at each kind of place: its own words for that place where it brings some, else
// the compiled detection; or a refusal that names why. Pure: everything it is made of comes in, and the
// digest of all that comes out beside it.

import type { MappedPlace } from '#domain/mappings/mapping.ts'
import { pipelineNamed, pipelinesAt, type PlacePipelines } from '#domain/mappings/pipelines.ts'
import { contentHash, sha256Hex } from '#kernel/hash.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'
import { collect, type Collection } from '#languages/sigma/collection.ts'
import { convertCorrelation, convertRule, type Conversion } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { whyNotMatched } from '#languages/sigma/match.ts'
import type { Backend } from '#languages/sigma/names.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { readParsedRule } from '#domain/rules/content.ts'
import { excludeInQuery, type OwnQueryProof } from '#domain/rules/exclusions/own-query.ts'
import {
  layOver,
  readFiltered,
  readFilters,
  type FilteredText,
} from '#domain/rules/exclusions/filtered.ts'
import { readCases, type SoundCase } from '#domain/rules/testing/case.ts'
import type { RenderedBody } from './body.ts'
import { KIND_ROWS, KINDS, type Kind } from './kinds.ts'
import { languageOf } from './own-language.ts'

export interface RenderInput extends FilteredText {
  /** The rules it builds on, and those that these build on. */
  readonly sources: readonly FilteredText[]
  /** Targets of the workspace; overlays name them, and some call things otherwise. */
  readonly targets?: readonly MappedPlace[]
  /** Names what makes the rendering: another renderer is another rendering. */
  readonly renderer: string
}

export interface Rendering {
  readonly kind: Kind
  /** Name of the one with a mapping of its own that it is for; null for any other of the kind. */
  readonly target: string | null
  readonly state: 'ok' | 'refused'
  /** Empty where the matcher runs the rule itself. */
  readonly queries: readonly string[]
  /** Why it was refused; warnings beside a query. */
  readonly problems: readonly Problem[]
  /** Hex SHA-256 of all it was made from. */
  readonly inputHash: string
  /** Of the queries; null where the place has only one, or its settings name it. */
  readonly language: Backend | null
  /** Where the queries look, for places that name it beside them. */
  readonly indexes: readonly string[]
  /** To be run before it counts: exclusions were written into a query of the rule's own. */
  readonly proof?: OwnQueryProof
}

export interface StoredRender extends Omit<Rendering, 'language' | 'indexes' | 'proof'> {
  /** Something it was made from is another one now. */
  readonly isPending: boolean
  readonly version: number
  readonly renderedAt: Instant
  /** What would be written: the usual body first, then that of each overlay. */
  readonly bodies: readonly RenderedBody[]
}

/**
 * One for each kind of place, in their order, and behind each those for its targets with a mapping of
 * their own, where the rule is compiled at all.
 */
export function renderRule(input: RenderInput): readonly Rendering[] {
  const { isCompiled, renderForTarget } = openRenderer(input)
  return KINDS.flatMap((kind) => {
    const mapped = (input.targets ?? []).filter((one) => one.kind === kind && one.mapping !== null)
    const targets = [null, ...(isCompiled(kind) ? mapped : [])]
    return targets.map((target) => renderForTarget(kind, target))
  })
}

export interface Renderer {
  /** False where the rule brings its own words. */
  readonly isCompiled: (kind: Kind) => boolean
  /** The one place where a rule becomes a query; `target` is null for any other of the kind. */
  readonly renderForTarget: (kind: Kind, target: MappedPlace | null) => Rendering
}

/** Reads the rule once. */
export function openRenderer(input: RenderInput): Renderer {
  const parsed = parseSigma(input.text)
  const { value: content } = readParsedRule(input.text, parsed)
  const [outline] = parsed.outlines
  const compiler = outline?.document && new Compiler(outline.document, input)
  const broken = (outline?.problems ?? []).filter(({ severity }) => severity === 'error')
  const soundCases = () => {
    const cases = outline?.root ? readCases(outline.root, '') : []
    return cases.filter((one): one is SoundCase => !('wrong' in one))
  }
  const renderForTarget = (kind: Kind, target: MappedPlace | null): Rendering => {
    const inputHash = hashInput(input, kind, target)
    const at = { kind, target: target?.name ?? null, inputHash }
    const own = content?.implementations[kind]?.query
    if (own !== undefined) {
      const implementation = content!.implementations[kind]!
      const language = ownLanguage(implementation.type)
      const made = { ...at, state: 'ok', problems: [], language, indexes: [] } as const
      if (input.filters.length === 0) return { ...made, queries: [own] }
      const spoken = languageOf(kind, implementation)
      const proof = excludeInQuery(own, spoken, readFilters(input.filters), soundCases())
      if ('code' in proof) return refuse(at, proof)
      return { ...made, queries: [proof.after], proof }
    }
    if (content?.format === 'native') return refuse(at, NATIVE)
    const made = compiler?.compile(kind, target) ?? { queries: [], problems: broken }
    const { queries, problems, indexes = [] } = made
    const state = hasErrors(problems) ? 'refused' : 'ok'
    const language = compiler?.backendFor(kind) ?? null
    return { ...at, state, queries, problems, language, indexes }
  }
  const isCompiled = (kind: Kind) =>
    content?.format !== 'native' && content?.implementations[kind]?.query === undefined
  return { isCompiled, renderForTarget }
}

const NATIVE: Problem = {
  code: 'rule/no-implementation',
  severity: 'error',
  message: 'The rule is native and has no query for this kind of place.',
}
const FILTER: Problem = {
  code: 'rule/filter',
  severity: 'error',
  message: 'A filter runs with the rules it is laid over, not by itself.',
  hint: 'Add it as an exclusion: it names its rules and ends on a day.',
}

export function refuse(
  at: Pick<Rendering, 'kind' | 'target' | 'inputHash'>,
  problem: Problem,
): Rendering {
  return { ...at, state: 'refused', queries: [], problems: [problem], language: null, indexes: [] }
}

function ownLanguage(type: string): Backend | null {
  return type === 'eql' || type === 'esql' ? type : null
}

function hashInput(
  { text, sources, filters, renderer }: RenderInput,
  kind: Kind,
  target: MappedPlace | null,
): string {
  const { printer, sequences } = KIND_ROWS[kind]
  return contentHash({
    text: sha256Hex(text),
    sources: sources.map(hashFiltered).toSorted(),
    filters: hashFilters(filters),
    renderer,
    kind,
    printer: printer ? [printer.backend, printer.pipeline, sequences ?? ''] : [],
    ...(target?.mapping && {
      mapping: target.mapping.contentHash,
      parameters: target.parameters,
    }),
  })
}

function hashFiltered({ text, filters }: FilteredText): string {
  return [sha256Hex(text), ...hashFilters(filters)].join(' ')
}

function hashFilters(filters: readonly string[]): readonly string[] {
  return filters.map((one) => sha256Hex(one)).toSorted()
}

class Compiler {
  readonly #document: SigmaDocument
  readonly #collection: Collection

  constructor(document: SigmaDocument, { sources, filters }: RenderInput) {
    this.#document = layOver(document, readFilters(filters))
    const others = sources.flatMap((one) => readFiltered(one) ?? [])
    this.#collection = collect([this.#document, ...others])
  }

  compile(kind: Kind, target: MappedPlace | null): Conversion {
    if (this.#document.kind === 'filter') return { queries: [], problems: [FILTER] }
    const { printer } = KIND_ROWS[kind]
    if (!printer) return this.#compileMatcher()
    const { pipelines, problems } = pipelinesFor(kind, target)
    if (problems.length > 0) return { queries: [], problems }
    const { root } = this.#document
    const rule = this.#collection.rules.find((one) => one.root === root)
    if (rule) return convertRule(rule, printer.backend, pipelines)
    const resolved = this.#collection.correlations.find((one) => one.correlation.root === root)
    if (!resolved) return { queries: [], problems: this.#unresolved() }
    return convertCorrelation(resolved, this.backendFor(kind)!, pipelines)
  }

  /** Undefined where the matcher runs the rule. */
  backendFor(kind: Kind): Backend | undefined {
    const { printer, sequences } = KIND_ROWS[kind]
    const document = this.#document
    const isSequence = document.kind === 'correlation' && document.type === 'temporal_ordered'
    return (isSequence ? sequences : undefined) ?? printer?.backend
  }

  #compileMatcher(): Conversion {
    const unresolved = this.#unresolved()
    if (hasErrors(unresolved)) return { queries: [], problems: unresolved }
    return { queries: [], problems: whyNotMatched(this.#collection.rules) }
  }

  /** What it builds on is not here, directly or through another; told in the words of a workspace. */
  #unresolved(): readonly Problem[] {
    return [...this.#collection.problems.values()]
      .flat()
      .map((problem) =>
        problem.code === 'sigma/unknown-rule' ? { ...problem, hint: MISSING } : problem,
      )
  }
}

/** Of a target with a mapping of its own, else the usual one of the kind. */
export function pipelinesFor(kind: Kind, target: MappedPlace | null): PlacePipelines {
  if (target !== null) return pipelinesAt(target)
  const { printer } = KIND_ROWS[kind]
  return { pipelines: printer ? [pipelineNamed(printer.pipeline)] : [], problems: [] }
}

const MISSING = 'Add the rule to this workspace, or correct its id or name here.'
