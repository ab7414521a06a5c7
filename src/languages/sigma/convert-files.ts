// Files of rules as queries: what stands in one file may serve a correlation of another.

import type { Problem } from '#kernel/problem.ts'
import { collect } from './collection.ts'
import { convertCorrelation, convertRule, type Conversion } from './convert.ts'
import type { Outline } from './parse.ts'
import type { Pipeline } from './pipeline.ts'
import type { SigmaDocument } from './rule.ts'
import type { Backend } from './names.ts'

const NATIVE: Problem = {
  code: 'sigma/cannot-convert',
  severity: 'error',
  message: 'The rule has queries of its own and no detection to convert.',
}

export interface ConvertibleFile {
  readonly path: string
  readonly outlines: readonly Outline[]
}

export interface Converted {
  readonly path: string
  readonly outline: Outline
  readonly conversion: Conversion
}

/**
 * Every document that stands on its own: filters and rules that only serve others do not. `names` are
 * those of all documents, for hints, when only some are given.
 */
export function convertAll(
  files: readonly ConvertibleFile[],
  backend: Backend,
  pipelines: readonly Pipeline[],
  names?: readonly string[],
): readonly Converted[] {
  const collection = collect(
    files.flatMap(({ outlines }) => outlines.flatMap(({ document }) => document ?? [])),
    names,
  )
  const filtered = new Map(collection.rules.map((rule) => [rule.root, rule]))
  const resolved = new Map(collection.correlations.map((one) => [one.correlation.root, one]))
  const hidden = new Set([...collection.hidden].map((document) => document.root))
  const reported = new Map([...collection.problems].map(([{ root }, list]) => [root, list]))
  const convert = ({ root, kind }: SigmaDocument): Conversion => {
    const correlation = kind === 'correlation' ? resolved.get(root) : undefined
    if (correlation) return convertCorrelation(correlation, backend, pipelines)
    const rule = filtered.get(root)
    if (rule) return convertRule(rule, backend, pipelines)
    return { queries: [], problems: reported.get(root) ?? [] }
  }
  return files.flatMap(({ path, outlines }) =>
    outlines.flatMap((outline): readonly Converted[] => {
      const { document, problems } = outline
      if (document === undefined) return [{ path, outline, conversion: withoutDocument(problems) }]
      if (document.kind === 'filter' || hidden.has(document.root)) return []
      return [{ path, outline, conversion: convert(document) }]
    }),
  )
}

/** What cannot be read says why; what can be is a rule in the words of a product. */
export function withoutDocument(problems: readonly Problem[]): Conversion {
  return { queries: [], problems: problems.length === 0 ? [NATIVE] : problems }
}
