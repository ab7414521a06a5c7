// The test cases of a rule with its exclusions in force, and which of them comes out otherwise because
// of one: a case that fires no more, or one that is silent only now. Pure.

import type { SigmaDocument, SigmaFilter } from '#languages/sigma/rule.ts'
import { testDocument } from '#domain/rules/testing/case.ts'
import type { CaseResult } from '#domain/rules/testing/test-run.ts'
import { layOver, readFiltered, readFilters, type FilteredText } from './filtered.ts'

/** Every case, run over what is left after the exclusions. */
export function testFiltered(
  document: SigmaDocument,
  filters: readonly string[],
  sources: readonly FilteredText[],
): readonly CaseResult[] {
  const others = sources.flatMap((one) => readFiltered(one) ?? [])
  const read = readFilters(filters)
  const test = (over: readonly SigmaFilter[]) => testDocument(layOver(document, over), others)
  const results = test(read)
  if (read.length === 0 || document.kind !== 'rule') return results
  const alone = read.map((filter) => test([filter]))
  return test([]).map((without, at): CaseResult => {
    const result = results[at]!
    if (result.verdict === without.verdict) return result
    const turns = read.filter((_, one) => alone[one]![at]!.verdict !== without.verdict)
    // Where none turns it alone, it takes all of them.
    const flippedBy = (turns.length > 0 ? turns : read).map(({ title }) => title.toWellFormed())
    return { ...result, flippedBy, message: explain(result, flippedBy) }
  })
}

function explain({ verdict, message }: CaseResult, titles: readonly string[]): string | null {
  const named = titles.map((title) => `"${title}"`).join(' and ')
  if (verdict === 'passed') return `passes only because of the exclusion ${named}`
  return `${message ?? 'it fails'}: hidden by the exclusion ${named}`
}
