// Many files of rules as queries, share by share, so that several threads can convert them: each share
// converts its rules under the filters of all, and what depends on documents elsewhere (correlations,
// and the rules that only serve them) is settled at the end, when the names of all are known.
// The answers are those of `convertAll` over all files together.

import type { Problem } from '#kernel/problem.ts'
import { isFor, withFilter } from './collection.ts'
import { withoutDocument, convertAll, type Converted } from './convert-files.ts'
import { convertRule, type Conversion } from './convert.ts'
import { metadataOf } from './metadata.ts'
import type { Backend } from './names.ts'
import { outputsOf, type Output } from './outputs/output.ts'
import { parseSigma, type Outline } from './parse.ts'
import type { Pipeline } from './pipeline.ts'
import type { SigmaDocument, SigmaFilter, SigmaRule } from './rule.ts'

export interface RuleText {
  readonly path: string
  readonly text: string
}

/** What a document has become: plain data, so that it can come from another thread. */
export interface ConvertedText {
  readonly path: string
  /** Zero-based in its file. */
  readonly document: number
  readonly id: string | null
  readonly title: string | null
  /** Empty when there are errors among the problems. */
  readonly queries: readonly string[]
  readonly problems: readonly Problem[]
  /** What a vendor's file of rules is made from; empty unless asked for. */
  readonly outputs: readonly Output[]
}

/** A document as its share knows it. */
export interface Shared {
  readonly converted: ConvertedText
  /** Undefined when it could not be read; only a rule is converted already. */
  readonly kind: SigmaDocument['kind'] | undefined
  /** What correlations and filters may call it by. */
  readonly names: readonly string[]
}

export interface Target {
  readonly to: Backend
  readonly pipelines: readonly Pipeline[]
  readonly withOutputs: boolean
}

/** A list for each file; `filters` are the texts of all files that may hold filters. */
export function convertShare(
  files: readonly RuleText[],
  filters: readonly string[],
  target: Target,
): readonly (readonly Shared[])[] {
  const laidOver = filters
    .flatMap((text) => parseSigma(text).documents)
    .filter((document) => document.kind === 'filter')
  return files.map(({ path, text }) =>
    parseSigma(text).outlines.map((outline): Shared => {
      const { document, problems } = outline
      const names = [document?.id, document?.name].filter((name) => name !== undefined)
      const conversion: Conversion =
        document?.kind === 'rule'
          ? convertFiltered(document, laidOver, target)
          : document === undefined
            ? withoutDocument(problems)
            : { queries: [], problems }
      return {
        converted: toText({ path, outline, conversion }, target),
        kind: document?.kind,
        names,
      }
    }),
  )
}

function convertFiltered(
  rule: SigmaRule,
  filters: readonly SigmaFilter[],
  { to, pipelines }: Target,
): Conversion {
  const own = filters.filter((filter) => isFor(filter, rule))
  return convertRule(own.reduce<SigmaRule>(withFilter, rule), to, pipelines)
}

/** A quick look that may err: `settleShares` sees what it overlooked. */
export function mayBind(text: string): boolean {
  return /^["']?(?:filter|correlation)["']?\s*:/m.test(text)
}

/** Every document that stands on its own, in the order of the files. */
export function settleShares(
  files: readonly RuleText[],
  shared: readonly (readonly Shared[])[],
  target: Target,
): readonly ConvertedText[] {
  const together = togetherIn(files, shared)
  if (together.size === 0) return shared.flat().map(({ converted }) => converted)
  const chosen = [...together].map((at) => ({ ...files[at]!, at }))
  const parsed = chosen.map(({ path, text, at }) => {
    return { path, at, outlines: parseSigma(text).outlines }
  })
  const places = new Map(parsed.flatMap(({ outlines, at }) => outlines.map((one) => [one, at])))
  const allNames = shared.flat().flatMap(({ kind, names }) => (kind === 'filter' ? [] : names))
  const settled = new Map<number, ConvertedText[]>()
  for (const converted of convertAll(parsed, target.to, target.pipelines, allNames)) {
    const at = places.get(converted.outline)!
    settled.set(at, [...(settled.get(at) ?? []), toText(converted, target)])
  }
  return shared.flatMap((documents, at) =>
    together.has(at) ? (settled.get(at) ?? []) : documents.map(({ converted }) => converted),
  )
}

/**
 * Files, by number and in order, that hold filters or correlations or a document that one of these
 * names; all of them when a filter was overlooked.
 */
function togetherIn(
  files: readonly RuleText[],
  shared: readonly (readonly Shared[])[],
): ReadonlySet<number> {
  const isFilter = ({ kind }: Shared) => kind === 'filter'
  const isOverlooked = ({ text }: RuleText, at: number) =>
    shared[at]!.some(isFilter) && !mayBind(text)
  if (files.some(isOverlooked)) return new Set(files.keys())
  const binding = [...files.keys()].filter((at) =>
    shared[at]!.some(({ kind }) => kind === 'filter' || kind === 'correlation'),
  )
  const references = new Set(binding.flatMap((at) => referencesIn(files[at]!.text)))
  const isNamed = ({ names }: Shared) => names.some((name) => references.has(name))
  const isBinding = new Set(binding)
  return new Set([...files.keys()].filter((at) => isBinding.has(at) || shared[at]!.some(isNamed)))
}

function referencesIn(text: string): readonly string[] {
  return parseSigma(text).documents.flatMap((document) =>
    document.kind === 'correlation' ? document.rules.map((rule) => rule.text) : [],
  )
}

function toText({ path, outline, conversion }: Converted, { withOutputs }: Target): ConvertedText {
  const { index, id, title, document } = outline
  const { queries, problems } = conversion
  const outputs = withOutputs ? outputsFor(document, conversion) : []
  return { path, document: index, id, title, queries, problems, outputs }
}

function outputsFor(
  document: Outline['document'],
  { queries, indexes = [] }: Conversion,
): readonly Output[] {
  if (document === undefined || document.kind === 'filter') return []
  // Of the rule only what it says about itself: its trees do not leave the thread.
  const rule = metadataOf(document)
  return outputsOf(document, queries, indexes).map((output) => ({ ...output, rule }))
}
