// A language as doors see it: texts in, answers out, no tree. Everything that crosses here is plain
// data, so that a dialect may as well live in a worker.

import { hasErrors, type Checked, type Problem } from '#kernel/problem.ts'
import type { Editor } from './editor.ts'
import { judge, type Verdict } from './guard.ts'
import type { Language, QueryFacts, QuerySchema } from './query.ts'

export interface Formatted {
  /** Null when the query has errors: it is better left as it was typed. */
  readonly text: string | null
  readonly problems: readonly Problem[]
}

export interface ReadQuery {
  /** Null when nothing could be read. */
  readonly facts: QueryFacts | null
  readonly problems: readonly Problem[]
}

export interface Difference {
  /** Null when both mean the same; meaningless while there are problems. */
  readonly words: string | null
  /** Errors of either. */
  readonly problems: readonly Problem[]
}

export interface Dialect extends Editor {
  /** What is wrong, and what it costs; less what a comment in the query waives. */
  lint(text: string, schema?: QuerySchema): readonly Problem[]
  format(text: string): Formatted
  read(text: string, schema?: QuerySchema): ReadQuery
  guard(text: string, schema?: QuerySchema): Verdict
  compare(before: string, after: string): Difference
}

export function makeDialect<Tree>(language: Language<Tree>, editor: Editor): Dialect {
  const read = (text: string, schema?: QuerySchema): ReadQuery => {
    const { value, problems } = language.parse(text, schema)
    const facts = value === undefined ? null : language.reads(value, text, schema)
    return { facts, problems }
  }
  return {
    ...editor,
    read,
    lint(text, schema) {
      const { facts, problems } = read(text, schema)
      return withoutWaived([...problems, ...(facts?.costs ?? [])], text)
    },
    format(text) {
      const { value, problems } = language.parse(text)
      const isClean = value !== undefined && !hasErrors(problems)
      return { text: isClean ? language.format(text, value) : null, problems }
    },
    guard(text, schema) {
      const { facts, problems } = read(text, schema)
      return judge(facts, problems, text)
    },
    compare(before, after) {
      const [old, now] = [language.parse(before), language.parse(after)]
      const problems = [...errorsOf(old), ...errorsOf(now)]
      const isReadable = old.value !== undefined && now.value !== undefined
      const words = isReadable ? language.compare(old.value, now.value) : null
      return { words, problems }
    },
  }
}

function errorsOf({ problems }: Checked<unknown>): readonly Problem[] {
  return problems.filter((problem) => problem.severity === 'error')
}

const WAIVER = /rulewright-ignore\s+([\w-]+\/[\w-]+):[ \t]*\S/g

// An error cannot be waived: the engine would not waive it either.
function withoutWaived(problems: readonly Problem[], text: string): readonly Problem[] {
  const waived = new Set([...text.matchAll(WAIVER)].map(([, code]) => code!))
  return problems.filter(({ severity, code }) => severity === 'error' || !waived.has(code))
}
