// Native rules offered as Sigma: each query of its own that is proved to say the same as a detection. Taking
// an offer makes a version that has both; what was there stays byte for byte.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import type { SigmaOffer } from '#languages/sigma-offer/offer.ts'
import type { NoOffer } from '#languages/sigma-offer/read.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { readRuleText } from '#domain/rules/content.ts'
import { editRuleText } from '#domain/rules/edit.ts'
import { KIND_ROWS, KINDS, type Kind } from '#domain/rules/renders/kinds.ts'
import type { Implementation } from '#domain/rules/product-key.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleWithText } from '#domain/rules/rule.ts'
import type { Kept } from '#domain/rules/save.ts'
import { languageOf } from '#domain/rules/renders/own-language.ts'
import { offerKustoTask, offerSigmaTask, type OfferToMake } from './task.ts'

/** The first Kusto query waits for the parser to load. */
const LIMITS: TaskLimits = { timeoutMs: 20_000 }

export interface KindOffer {
  readonly kind: Kind
  readonly answer: WrittenOffer | NoOffer
}

export interface WrittenOffer extends SigmaOffer {
  /** Log source and detection as they would stand in the text. */
  readonly yaml: string
}

/** One for each query of a rule that has no detection yet. Throws `timeout` and `busy`. */
export async function offersFor(
  house: House,
  caller: Caller,
  rule: Pick<RuleWithText, 'format' | 'text'>,
): Promise<readonly KindOffer[]> {
  permit(caller, 'rule.read')
  if (rule.format !== 'native') return []
  const { value: content } = readRuleText(rule.text)
  const cases = content?.tests.flatMap(({ events }) => events) ?? []
  const offers: KindOffer[] = []
  for (const kind of KINDS) {
    const own = content?.implementations[kind]
    if (own?.query === undefined) continue
    const answer = await offerOne(house, kind, { ...own, query: own.query }, cases)
    offers.push({ kind, answer: 'code' in answer ? answer : withText(answer) })
  }
  return offers
}

const HEAD = 'title: x\n'

function withText(offer: SigmaOffer): WrittenOffer {
  return { ...offer, yaml: addDetection(HEAD, offer).slice(HEAD.length).trimEnd() }
}

function addDetection(text: string, { logsource, detection }: SigmaOffer): string {
  return editRuleText(text, [
    { kind: 'set', path: ['logsource'], value: logsource },
    { kind: 'set', path: ['detection'], value: detection },
  ])
}

type WithQuery = Implementation & { readonly query: string }

async function offerOne(
  { workers }: House,
  kind: Kind,
  own: WithQuery,
  cases: readonly EventRecord[],
): Promise<SigmaOffer | NoOffer> {
  const asked = toAsk(kind, own, cases)
  if ('code' in asked) return asked
  const task = asked.language === 'kusto' ? offerKustoTask : offerSigmaTask
  return workers.run(task, asked, LIMITS)
}

function toAsk(kind: Kind, own: WithQuery, cases: readonly EventRecord[]): OfferToMake | NoOffer {
  const language = languageOf(kind, own)
  const { printer } = KIND_ROWS[kind]
  if (language === undefined || language === 'lucene' || language === 'kuery' || !printer) {
    const message = 'Queries of this language are not run here, so nothing can be proved.'
    return { code: 'not_evaluated', message }
  }
  const counts = countsIn(own)
  if (counts !== undefined) return { code: 'aggregates', message: counts }
  const { backend, pipeline } = printer
  return {
    language,
    text: own.query,
    pipeline: pipeline as OfferToMake['pipeline'],
    backend,
    cases,
  }
}

const ONE_BY_ONE = new Set(['query', 'eql', 'esql'])

/** What makes an alert of more than one event, beside the query. */
function countsIn({ type, settings }: WithQuery): string | undefined {
  if (!ONE_BY_ONE.has(type)) return `A rule of type ${type} is more than a query.`
  const thresholds = ['triggerThreshold', 'quantity', 'alert_threshold', 'threshold']
  const above = thresholds.find((name) => {
    const value = settings[name]
    return value !== undefined && value !== null && value !== 0 && value !== '0'
  })
  if (above !== undefined) return `“${above}” among the settings counts events.`
  const operator = settings['triggerOperator']
  const isAny =
    operator === undefined ||
    (typeof operator === 'string' && /^(?:gt|greaterthan)$/i.test(operator))
  return isAny ? undefined : '“triggerOperator” among the settings counts events.'
}

/** Throws `conflict` where there is no offer any more, and as saveRule. */
export async function takeOffer(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  kind: Kind,
): Promise<Kept> {
  permit(caller, 'rule.write')
  const rule = await getRule(house, caller, ruleId)
  const offers = await offersFor(house, caller, rule)
  const offer = offers.find((one) => one.kind === kind)?.answer
  if (offer === undefined || 'code' in offer) {
    throw new AppError('conflict', offer?.message ?? 'There is no offer for this rule any more.')
  }
  const text = addDetection(rule.text, offer)
  const reason = `Adds a detection that says the same as the query for ${KIND_ROWS[kind].label}`
  return saveRule(house, caller, ruleId, {
    text,
    reason,
    expected: new Set([String(rule.version)]),
  })
}
