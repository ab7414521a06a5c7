// A rule text looked at once, for keeping it: what it says, all that is wrong with it, and the words it
// is found by. Pure and foreign-text-safe, but slow for a megabyte: a worker thread calls it.

import type { Problem } from '#kernel/problem.ts'
import { examine, settle, type LintOptions } from '#languages/sigma/lint.ts'
import { parseSigma, type Outline } from '#languages/sigma/parse.ts'
import { valueOf } from '#languages/sigma/yaml.ts'
import { readParsedRule, type RuleContent } from './content.ts'
import { findSecrets } from './secrets.ts'

export interface ExaminedRule {
  /** Absent for a text that no rule can be kept of; the problems say why. */
  readonly content?: RuleContent
  readonly problems: readonly Problem[]
  /** What full-text search looks at. */
  readonly words: string
}

/** `today` is `YYYY-MM-DD`. */
export function examineRuleText(text: string, options: Required<LintOptions>): ExaminedRule {
  const parsed = parseSigma(text)
  const { value: content, problems } = readParsedRule(text, parsed)
  if (content === undefined) return { problems, words: '' }
  const secrets = findSecrets(text)
  if (secrets.length > 0) return { problems: secrets, words: '' }
  const words = wordsOf(text, parsed.outlines[0]!, content)
  if (content.format === 'native') return { content, problems, words }
  const linted = settle(examine({ path: '', text, outlines: parsed.outlines }, options))
  const ours = problems.filter(({ code }) => code.startsWith('rule/'))
  const told = linted.flatMap((one) => one.problems).filter(({ code }) => code !== ELSEWHERE)
  return { content, problems: [...told, ...ours], words }
}

/** Rules that it builds on stand elsewhere in the workspace: compiling says when one is not there. */
const ELSEWHERE = 'sigma/unknown-rule'

function wordsOf(text: string, { root }: Outline, content: RuleContent): string {
  const { title, name, sigmaId, description, author, tags, owner, group } = content
  const logic = ['logsource', 'detection', 'correlation', 'filter'].flatMap((key) => {
    const node = root && valueOf(root, key)
    return node ? [text.slice(node.start, node.end)] : []
  })
  const native = Object.values(content.implementations).map((one) => one?.query ?? '')
  const about = [title, name, sigmaId, description, author, owner, group].filter(Boolean)
  return [...about, ...tags, ...logic, ...native].join('\n')
}
