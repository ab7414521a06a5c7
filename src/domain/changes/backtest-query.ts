// The query of a body: what the target would run, so that the very same is asked in a backtest. What
// runs no query that a search could ask is refused by name.

import { convertRuleTexts } from '#domain/rules/questions.ts'
import { KIND_ROWS } from '#domain/rules/renders/kinds.ts'
import { readObserved } from '#languages/rule-formats/observed/observed.ts'
import { memberOf } from '#languages/rule-formats/observed/spelling.ts'
import type { RuleBody, TargetQuery } from '#domain/targets/port.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { alertingOf, type Alerting } from './alerting.ts'

/** What is asked, or why it cannot be. */
export type Question = AskedQuery | { readonly why: string }

export interface AskedQuery extends TargetQuery {
  /** What the rule makes of its matches. */
  readonly alerting?: Alerting
}

export async function questionOf(
  house: House,
  caller: Caller,
  kind: SiemKind,
  body: RuleBody,
): Promise<Question> {
  const question = await bareQuestion(house, caller, kind, body)
  return 'why' in question
    ? question
    : { ...question, alerting: alertingOf(kind, body, question.text) }
}

async function bareQuestion(
  house: House,
  caller: Caller,
  kind: SiemKind,
  body: RuleBody,
): Promise<Question> {
  if (kind === 'local') return localQuestion(body)
  if (kind === 'opensearch') return detectorQuestion(house, caller, body)
  const { query, type } = readObserved(kind, { ref: '', name: '', raw: nested(kind, body), body })
  const why = WHY_NOT[type]
  if (why !== undefined) return { why }
  return query ?? { why: NO_QUERY }
}

/** What stands there comes in the spelling that it is compared in; a vendor's own is read. */
function nested(kind: SiemKind, body: RuleBody): RuleBody {
  if (kind === 'sentinel') {
    const query = memberOf(body, ['properties', 'query']) ?? null
    return { kind: body['kind'] ?? null, properties: { query } }
  }
  if (kind !== 'defender') return body
  return { queryCondition: { queryText: memberOf(body, ['queryCondition', 'queryText']) ?? null } }
}

const NO_QUERY = 'It has no query that a search could ask.'

/** Types that find by more than the rows of their query. */
const WHY_NOT: Readonly<Record<string, string>> = {
  threshold: 'It counts rows in each of its runs, which one search over the window does not.',
  new_terms: 'It looks for what was not there before, which no search of its query tells.',
  indicator_match: 'It compares two queries, which no search does.',
  ml: 'A machine learning job decides, and no query.',
}

/** As the sandbox runs it: the rule with what it builds on and what is laid over it. */
function localQuestion({ rule, others }: RuleBody): Question {
  if (typeof rule !== 'string') return { why: NO_QUERY }
  const more = Array.isArray(others) ? others.filter((one) => typeof one === 'string') : []
  return { language: 'sigma', text: [rule, ...more].join('\n---\n') }
}

/** A detector translates the Sigma document itself; it is asked as our printer says it. */
async function detectorQuestion(
  house: House,
  caller: Caller,
  { rule }: RuleBody,
): Promise<Question> {
  const { printer } = KIND_ROWS.opensearch
  if (typeof rule !== 'string' || !printer) return { why: NO_QUERY }
  const { backend: to, pipeline } = printer
  const rules = [{ path: 'rule.yml', text: rule }]
  const [made] = await convertRuleTexts(house, caller, { rules, to, pipelines: [pipeline] })
  const [text, ...more] = made?.queries ?? []
  if (text === undefined) return { why: made?.problems[0]?.message ?? NO_QUERY }
  if (more.length > 0) return { why: 'It is several queries there, which one search is not.' }
  return { language: 'lucene', text }
}
