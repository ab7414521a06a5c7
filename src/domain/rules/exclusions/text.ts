// Reads the text of an exclusion, and writes who owns it, why and until when into it. Pure. What could
// catch a rule that nobody named (a pattern, "any") is refused by name.

import { hasErrors, type Checked, type Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'
import { lower, UNRESOLVED } from '#languages/sigma/lower.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaFilter } from '#languages/sigma/rule.ts'
import { Source } from '#languages/sigma/source.ts'
import { valueOf, type YamlMap, type YamlScalar } from '#languages/sigma/yaml.ts'
import { editRuleText } from '#domain/rules/edit.ts'
import { Owner } from '#domain/rules/product-key.ts'
import { findSecrets } from '#domain/rules/secrets.ts'
import { readEnd, type ExclusionContent } from './exclusion.ts'

/** What stands in the text under `rulewright:`. */
export interface ExclusionTerms {
  readonly owner?: string | undefined
  readonly reason?: string | undefined
  /** `YYYY-MM-DD`, or an instant. */
  readonly ends?: string | undefined
}

/**
 * The text with these terms, and the usual ones where it says none; what is not named stays byte for
 * byte. Throws as editRuleText.
 */
export function writeTerms(
  text: string,
  terms: ExclusionTerms,
  usual: ExclusionTerms = {},
): string {
  const said = saidTerms(text)
  const wanted = { ...usual, ...said, ...dropAbsent(terms) }
  const edits = Object.entries(wanted).flatMap(([key, value]) =>
    value === undefined || said[key as keyof ExclusionTerms] === value
      ? []
      : [{ kind: 'set', path: ['rulewright', key], value } as const],
  )
  return editRuleText(text, edits)
}

function dropAbsent(terms: ExclusionTerms): ExclusionTerms {
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined))
}

function saidTerms(text: string): ExclusionTerms {
  const root = parseSigma(text).outlines[0]?.root
  const scalars = TERMS.map((key) => [key, root && termOf(root, key)?.text] as const)
  return Object.fromEntries(scalars.filter(([, value]) => value !== undefined))
}

const TERMS = ['owner', 'reason', 'ends'] as const

function termOf(root: YamlMap, key: (typeof TERMS)[number]): YamlScalar | undefined {
  const extra = valueOf(root, 'rulewright')
  const node = extra?.kind === 'map' ? valueOf(extra, key) : undefined
  return node?.kind === 'scalar' ? node : undefined
}

/** `value` is absent unless everything an exclusion needs is there. */
export function readExclusion(text: string): Checked<ExclusionContent> {
  const { outlines, problems: told } = parseSigma(text)
  const [outline, ...others] = outlines
  const broken = told.filter(({ severity }) => severity === 'error')
  if (broken.length > 0) return { problems: broken }
  if (others.length > 0) return { problems: [refuse('one-document', SEVERAL)] }
  const document = outline?.document
  if (document?.kind !== 'filter')
    return { problems: [refuse('no-filter', NO_FILTER, FILTER_HINT)] }
  const source = new Source(text)
  const references = readReferences(source, document)
  const terms = readTerms(source, document.root)
  const problems = [
    ...source.problems,
    // Which reference lists there are is known where its rules are compiled.
    ...lower(document.detections).problems.filter(({ code }) => code !== UNRESOLVED),
    ...findSecrets(text),
  ]
  if (hasErrors(problems) || !references || !terms) return { problems }
  const { title, id, logsource } = document
  const { product, category, service } = logsource
  const value: ExclusionContent = {
    title: title.trim().toWellFormed(),
    sigmaId: id?.trim().toWellFormed() || null,
    references,
    logsource: {
      ...(product === undefined ? {} : { product }),
      ...(category === undefined ? {} : { category }),
      ...(service === undefined ? {} : { service }),
    },
    ...terms,
  }
  return { value, problems }
}

const SEVERAL = 'An exclusion is one document; this text holds more.'
const NO_FILTER = 'This text is no Sigma filter.'
const FILTER_HINT = 'Begin with "title:", then "logsource:" and "filter:" with its rules.'

function refuse(name: string, message: string, hint?: string): Problem {
  const problem = { code: `exclusion/${name}`, severity: 'error', message } as const
  return hint === undefined ? problem : { ...problem, hint }
}

const RULES_MAX = 100
const NAME_THEM = 'Name each rule by its id, so that no rule which comes later is caught.'

function readReferences(source: Source, { rules, root }: SigmaFilter): string[] | undefined {
  if (rules === 'any') {
    source.error('exclusion/any', nodeOfRules(root), 'The filter is over any rule.', NAME_THEM)
    return undefined
  }
  for (const node of rules.filter(({ text }) => /[*?]/.test(text))) {
    const message = `"${node.text.slice(0, 100)}" is a pattern.`
    source.error('exclusion/pattern', node, message, NAME_THEM)
  }
  if (rules.length > RULES_MAX) {
    const message = `An exclusion names at most ${RULES_MAX} rules.`
    source.error('exclusion/too-many-rules', rules[RULES_MAX]!, message)
  }
  return [...new Set(rules.map(({ text }) => text.trim().toWellFormed()))]
}

function nodeOfRules(root: YamlMap) {
  const filter = valueOf(root, 'filter')
  return (filter?.kind === 'map' ? valueOf(filter, 'rules') : undefined) ?? root
}

interface Terms {
  readonly owner: string
  readonly reason: string
  readonly endsAt: Instant
}

const REASON_CHARS_MAX = 2_000

function readTerms(source: Source, root: YamlMap): Terms | undefined {
  const at = root.entries[0]!.key
  const [owner, reason, ends] = TERMS.map((key) => termOf(root, key))
  const endsAt = ends && readEnd(ends.text.trim())
  if (!Owner.safeParse(owner?.text).success) {
    source.error('exclusion/no-owner', owner ?? at, 'An exclusion has an owner: an e-mail address.')
  }
  const why = reason?.text.trim().toWellFormed() ?? ''
  if (why === '' || why.length > REASON_CHARS_MAX) {
    const message = `An exclusion has a reason of up to ${REASON_CHARS_MAX} characters.`
    source.error('exclusion/no-reason', reason ?? at, message)
  }
  if (endsAt === undefined) {
    const hint = 'Write it as 2026-12-24; that day is the last one.'
    source.error('exclusion/no-end', ends ?? at, 'An exclusion ends on a day that it names.', hint)
  }
  if (source.problems.length > 0 || !owner || endsAt === undefined) return undefined
  return { owner: owner.text, reason: why, endsAt }
}
