// The changes of a rule in words, with what its native queries say now: those are read by their own
// languages. All of it happens in workers, because the texts are foreign and may be large.

import { compareQueries } from '#domain/queries/actions.ts'
import type { QueryLanguage } from '#languages/query.ts'
import type { TaskLimits, Workers } from '#platform/worker.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { QueryChange } from './changes-in-words.ts'
import { describeTexts } from './compare-task.ts'

const LIMITS: TaskLimits = { timeoutMs: 20_000 }

/**
 * As describeChanges; a query that cannot be read is told as "another text". Throws `timeout` and
 * `busy`.
 */
export async function explainChanges(
  workers: Workers,
  before: string,
  after: string,
): Promise<readonly string[]> {
  const texts = { before, after }
  const first = await workers.run(describeTexts, { ...texts, answers: [] }, LIMITS)
  if (first.asked.length === 0) return first.sentences
  const answers = await Promise.all(first.asked.map((change) => compare(workers, change)))
  // The second walk asks in the order of the first.
  const { sentences } = await workers.run(describeTexts, { ...texts, answers }, LIMITS)
  return sentences
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
