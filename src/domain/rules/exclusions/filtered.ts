// A rule together with the exclusions laid over it. They are bound to the rule itself, so a rule keeps
// them whatever an update makes of its id, its name or its log source.

import { withFilter } from '#languages/sigma/collection.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaDocument, SigmaFilter, SigmaRule } from '#languages/sigma/rule.ts'

export interface FilteredText {
  readonly text: string
  /** Texts of the exclusions in force over it. */
  readonly filters: readonly string[]
}

/** Undefined for a text that holds no document. */
export function readFiltered({ text, filters }: FilteredText): SigmaDocument | undefined {
  const [document] = parseSigma(text).documents
  return document && layOver(document, readFilters(filters))
}

/** `(the rule) and (each filter)`. A correlation has no events of its own to exclude. */
export function layOver(document: SigmaDocument, filters: readonly SigmaFilter[]): SigmaDocument {
  return document.kind === 'rule' ? filters.reduce<SigmaRule>(withFilter, document) : document
}

export function readFilters(texts: readonly string[]): readonly SigmaFilter[] {
  return texts
    .flatMap((text) => parseSigma(text).documents)
    .filter((document) => document.kind === 'filter')
}
