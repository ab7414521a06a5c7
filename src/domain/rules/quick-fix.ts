// What can be written otherwise without a doubt: tags that ATT&CK calls otherwise now, and what a check
// wants in another spelling. Each fix changes its own place and leaves comments and every other byte.

import type { Problem } from '#kernel/problem.ts'
import type { Attack } from '#languages/attack/attack.ts'
import { fixTags, type TagFix } from '#languages/attack/tags.ts'
import { editRuleText, type RuleEdit } from './edit.ts'
import { LEVELS, STATUSES } from './product-key.ts'

export interface QuickFix {
  /** Names it among those of one text. */
  readonly key: string
  readonly why: string
  /** In the imperative. */
  readonly label: string
  /** The text with it. Throws as editRuleText. */
  readonly fixed: () => string
}

export interface Looked {
  readonly problems: readonly Problem[]
  readonly tags: readonly string[]
}

export function quickFixes(text: string, looked: Looked, attack: Attack): readonly QuickFix[] {
  const sure = fixTags(looked.tags, attack).filter(({ isSure }) => isSure)
  return [
    ...sure.map((fix) => ofTag(text, looked.tags, fix)),
    ...looked.problems.flatMap((problem) => ofProblem(text, problem) ?? []),
  ]
}

function ofTag(text: string, tags: readonly string[], { tag, instead, why }: TagFix): QuickFix {
  const [first, ...more] = instead
  const edits: readonly RuleEdit[] =
    first === undefined
      ? [{ kind: 'removeFromList', path: ['tags'], value: tag }]
      : [
          { kind: 'set', path: ['tags', tags.indexOf(tag)], value: first },
          ...more.map((value) => ({ kind: 'addToList', path: ['tags'], value }) as const),
        ]
  return {
    key: tag,
    why,
    label: first === undefined ? `Remove ${tag}` : `Write ${instead.join(', ')}`,
    fixed: () => editRuleText(text, edits),
  }
}

/** By code of the problem: what stands at its place, written as it should be; undefined when unsure. */
const SPELLINGS: Readonly<Record<string, (written: string) => string | undefined>> = {
  'sigma/logsource-case': (written) => written.toLowerCase(),
  'sigma/operator-case': (written) =>
    written.replaceAll(/(?<![\w*-])(?:AND|OR|NOT|OF|THEM|And|Or|Not)(?![\w*-])/g, (word) =>
      word.toLowerCase(),
    ),
  'sigma/unknown-level': (written) => knownIn(LEVELS, written),
  'sigma/unknown-status': (written) => knownIn(STATUSES, written),
  'sigma/date-format': isoDate,
  'sigma/modified-format': isoDate,
}

function knownIn(words: readonly string[], written: string): string | undefined {
  return words.find((word) => word === written.toLowerCase())
}

/** Only with the year first: what else is day and what is month nobody can tell. */
function isoDate(written: string): string | undefined {
  const [, year, month, day] = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$/.exec(written) ?? []
  if (!year || !month || !day) return undefined
  return [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-')
}

function ofProblem(text: string, problem: Problem): QuickFix | undefined {
  const { code, message, line, column, endLine, endColumn } = problem
  const spell = SPELLINGS[code]
  if (!spell || !line || !column || !endLine || !endColumn) return undefined
  const from = offsetOf(text, line, column)
  const to = offsetOf(text, endLine, endColumn)
  const written = text.slice(from, to)
  const instead = spell(written)
  if (instead === undefined || instead === written) return undefined
  return {
    key: `${code}@${line}:${column}`,
    why: message,
    label: `Write ${instead.slice(0, LABEL_CHARS)}`,
    fixed: () => text.slice(0, from) + instead + text.slice(to),
  }
}

const LABEL_CHARS = 60

function offsetOf(text: string, line: number, column: number): number {
  let start = 0
  for (let at = 1; at < line; at++) start = text.indexOf('\n', start) + 1
  return start + column - 1
}
