// The changes of a rule in words, with what its native queries say now: those are read by their own
// languages, one of which lives in a worker.

import { compareQueries } from '#domain/queries/actions.ts'
import type { QueryLanguage } from '#languages/query.ts'
import type { Workers } from '#platform/worker.ts'
import { describeChanges, type QueryChange } from './changes-in-words.ts'
import type { Kind } from './kinds.ts'

/** As describeChanges; a query that cannot be read is told as "another text". */
export async function explainChanges(
  workers: Workers,
  before: string,
  after: string,
): Promise<readonly string[]> {
  const asked: QueryChange[] = []
  const first = describeChanges(before, after, (change) => void asked.push(change))
  if (asked.length === 0) return first
  const answers = await Promise.all(asked.map((change) => compare(workers, change)))
  // The second walk asks in the order of the first.
  let at = 0
  return describeChanges(before, after, () => answers[at++])
}

async function compare(
  workers: Workers,
  { kind, type, before, after }: QueryChange,
): Promise<string | null | undefined> {
  const language = languageOf(kind, type)
  if (language === undefined) return undefined
  const { words, problems } = await compareQueries(workers, language, before, after)
  return problems.length > 0 ? undefined : words
}

function languageOf(kind: Kind, type: string): QueryLanguage | undefined {
  if (kind === 'splunk') return 'spl'
  if (kind === 'sentinel' || kind === 'defender') return 'kusto'
  if (kind === 'opensearch') return 'lucene'
  if (kind !== 'elastic') return undefined
  return type === 'esql' || type === 'eql' || type === 'lucene' ? type : 'kuery'
}
