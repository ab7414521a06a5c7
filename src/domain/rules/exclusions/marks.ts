// What is to be known about exclusions beside what they say: whether one hides every match of a rule,
// which cases it turns, and which of them overlap. Pure; what is claimed is proved, by the cases of the
// rule or by following one predicate from another.

import { hasErrors } from '#kernel/problem.ts'
import { allOf, anyOf, leaves, not, type Predicate } from '#languages/predicate.ts'
import { follows } from '#languages/sigma/implication.ts'
import { lower } from '#languages/sigma/lower.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { Detections, SigmaFilter } from '#languages/sigma/rule.ts'
import { toData, valueOf } from '#languages/sigma/yaml.ts'
import { isData, sayDetection } from '#domain/rules/merge/detection-in-words.ts'
import { readFilters } from './filtered.ts'
import { testFiltered } from './flips.ts'

export interface ExclusionToJudge {
  readonly id: string
  readonly text: string
  /** Some of its rules, with their texts. */
  readonly rules: readonly { readonly id: string; readonly text: string }[]
  /** Others in force over any of its rules. */
  readonly beside: readonly { readonly id: string; readonly text: string }[]
}

export interface ExclusionMarks {
  readonly id: string
  /** What it excludes, in words. */
  readonly says: readonly string[]
  /** Rules of which nothing is left. */
  readonly hides: readonly string[]
  /** Cases that come out otherwise because of it alone. */
  readonly flips: readonly { readonly ruleId: string; readonly cases: readonly string[] }[]
  readonly overlaps: readonly Overlap[]
}

export interface Overlap {
  readonly id: string
  /** `within`: the other hides all that this one hides. */
  readonly how: 'within' | 'covers' | 'same_fields'
}

export function judgeExclusion({ id, text, rules, beside }: ExclusionToJudge): ExclusionMarks {
  const [filter] = readFilters([text])
  if (!filter) return { id, says: [], hides: [], flips: [], overlaps: [] }
  const hidden = excludedBy(filter)
  const judged = rules.map((rule) => ({ id: rule.id, ...judgeRule(rule.text, text, hidden) }))
  const overlaps = beside.flatMap((other): Overlap[] => {
    const [theirs] = readFilters([other.text])
    const how = theirs && overlapOf(hidden, excludedBy(theirs))
    return how === undefined ? [] : [{ id: other.id, how }]
  })
  return {
    id,
    says: sayFilter(filter),
    hides: judged.filter((one) => one.isHidden).map((one) => one.id),
    flips: judged.flatMap((one) =>
      one.cases.length === 0 ? [] : [{ ruleId: one.id, cases: one.cases }],
    ),
    overlaps,
  }
}

/** What of the events it takes away; undefined where it cannot be read as one predicate. */
function excludedBy({ detections }: SigmaFilter): Predicate | undefined {
  const kept = predicateOf(detections, 'and')
  return kept && not(kept)
}

function predicateOf(detections: Detections, link: 'and' | 'or'): Predicate | undefined {
  const { predicates, problems } = lower(detections)
  if (hasErrors(problems)) return undefined
  return link === 'and' ? allOf(predicates) : anyOf(predicates)
}

function judgeRule(ruleText: string, filterText: string, hidden: Predicate | undefined) {
  const document = parseSigma(ruleText).documents[0]
  if (document?.kind !== 'rule') return { isHidden: false, cases: [] }
  const results = testFiltered(document, [filterText], [])
  const turned = results.filter((one) => one.flippedBy !== undefined)
  const wanted = results.filter((one) => one.expect === 'match')
  const isHiddenByCases =
    wanted.length > 0 && wanted.every((one) => one.flippedBy && one.verdict === 'failed')
  const finds = predicateOf(document.detections, 'or')
  const isHiddenByLogic = finds !== undefined && hidden !== undefined && follows(finds, hidden)
  return { isHidden: isHiddenByCases || isHiddenByLogic, cases: turned.map(({ name }) => name) }
}

function overlapOf(
  own: Predicate | undefined,
  other: Predicate | undefined,
): Overlap['how'] | undefined {
  if (!own || !other) return undefined
  if (follows(own, other)) return 'within'
  if (follows(other, own)) return 'covers'
  const [fields, theirs] = [fieldsOf(own), fieldsOf(other)]
  return fields.length > 0 && fields.join('\n') === theirs.join('\n') ? 'same_fields' : undefined
}

function fieldsOf(predicate: Predicate): readonly string[] {
  const fields = [...leaves(predicate)].flatMap((leaf) =>
    leaf.kind === 'test' ? leaf.field.toLowerCase() : [],
  )
  return [...new Set(fields)].toSorted()
}

const SAID_MAX = 10

/** One line for the usual exclusion, and one for each search where the condition is its own. */
function sayFilter({ root }: SigmaFilter): readonly string[] {
  const node = valueOf(root, 'filter')
  const data: unknown = node && toData(node)
  if (!isData(data)) return []
  const { rules: _, condition, ...searches } = data
  const names = Object.keys(searches)
  if (names.length === 1 && isNegation(condition, names[0]!)) {
    return [sayDetection(searches[names[0]!])]
  }
  const said = names.map((name) => `${name}: ${sayDetection(searches[name])}`)
  return [...said.slice(0, SAID_MAX), `kept is: ${String(condition).slice(0, 200)}`]
}

function isNegation(condition: unknown, name: string): boolean {
  if (typeof condition !== 'string') return false
  const [word, one, ...rest] = condition.trim().split(/\s+/)
  return word?.toLowerCase() === 'not' && one === name && rest.length === 0
}
