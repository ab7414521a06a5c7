// The offer to say a native query as Sigma: read, placed, written, proved. Pure; whoever calls it gives the
// evaluators, because Kusto's runs in a worker of its own.

import type { EventRecord } from '#languages/evaluation.ts'
import { allOf, leaves, type Predicate } from '#languages/predicate.ts'
import type { Backend } from '#languages/sigma/names.ts'
import { placeOf, type LogSourceKeys, type OfferPipeline } from './place.ts'
import { prove, type Evaluate } from './prove.ts'
import { Declined, type NoOffer, type SimpleQuery } from './read.ts'
import { writeDetection, type DetectionData } from './write.ts'

export interface SigmaOffer {
  readonly logsource: LogSourceKeys
  readonly detection: DetectionData
  /** What the query says beside its logic, which the rule leaves to the place and the schedule. */
  readonly scope: readonly string[]
  /** Fields that keep the name they have at the place. */
  readonly ownNames: readonly string[]
  /** Events on which query, rule and compiled rule were compared. */
  readonly eventCount: number
}

export interface OfferAsked {
  readonly text: string
  readonly pipeline: OfferPipeline
  readonly backend: Backend
  readonly cases: readonly EventRecord[]
}

export interface OfferTools {
  /** Throws `Declined`. */
  readonly read: (text: string) => SimpleQuery
  readonly evaluate: { readonly query: Evaluate; readonly compiled: Evaluate }
}

export function offerSigma(asked: OfferAsked, tools: OfferTools): SigmaOffer | NoOffer {
  try {
    return makeOffer(asked, tools)
  } catch (error) {
    if (!(error instanceof Declined)) throw error
    return { code: error.code, message: error.message }
  }
}

function makeOffer({ text, pipeline, backend, cases }: OfferAsked, tools: OfferTools): SigmaOffer {
  const query = tools.read(text)
  const place = placeOf(query, pipeline)
  if (place.rest.length === 0)
    throw new Declined('computes', 'The query asks for everything there.')
  const names = new Map<string, string>()
  for (const leaf of leaves(allOf(place.rest))) {
    if (leaf.kind === 'test') names.set(leaf.field, place.fieldOf(leaf.field))
  }
  if (new Set(names.values()).size < names.size) {
    throw new Declined('field', 'Two fields of the query have one name in rules.')
  }
  const detection = writeDetection(renamed(allOf(place.rest), names))
  const { logsource } = place
  const ruleText = JSON.stringify({ title: 'Offer', logsource, detection })
  const claim = { query, place, ruleText, backend, pipeline, names, cases }
  const eventCount = prove(claim, tools.evaluate)
  const ownNames = [...names].flatMap(([there, name]) => (there === name ? [name] : []))
  return { logsource, detection, scope: query.scope, ownNames, eventCount }
}

function renamed(predicate: Predicate, names: ReadonlyMap<string, string>): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { ...predicate, of: predicate.of.map((one) => renamed(one, names)) }
    case 'not':
      return { ...predicate, of: renamed(predicate.of, names) }
    case 'test':
      return { ...predicate, field: names.get(predicate.field) ?? predicate.field }
    default:
      return predicate
  }
}
