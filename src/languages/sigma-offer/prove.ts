// Proves that a rule says what a query says: events are made for every way in which the query finds one
// and for every test that alone fails; the query, the rule and the query that the rule compiles to must
// judge each the same. One difference, or one event that an evaluator refuses, and there is no offer.

import type { EventRecord } from '#languages/evaluation.ts'
import { leaves, type Predicate } from '#languages/predicate.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { eventFor, type Example } from '#languages/sigma/examples/event.ts'
import { waysTo, type Goal, type Way } from '#languages/sigma/examples/goals.ts'
import { Matcher } from '#languages/sigma/match.ts'
import type { Backend } from '#languages/sigma/names.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import type { OfferPipeline, Place } from './place.ts'
import { Declined, type SimpleQuery } from './read.ts'

/** The places of the events that a query finds. Throws `Declined` when it refuses. */
export type Evaluate = (
  query: string,
  events: readonly EventRecord[],
  table: string | null,
) => ReadonlySet<number>

export interface Claim {
  readonly query: SimpleQuery
  readonly place: Place
  /** Of the rule, as a whole document. */
  readonly ruleText: string
  readonly backend: Backend
  readonly pipeline: OfferPipeline
  /** Fields of the place, each with what the rule calls it. */
  readonly names: ReadonlyMap<string, string>
  /** Events of the rule's own cases, in the names of the place. */
  readonly cases: readonly EventRecord[]
}

/** How many events were judged. Throws `Declined` when anything differs. */
export function prove(
  claim: Claim,
  evaluate: { readonly query: Evaluate; readonly compiled: Evaluate },
): number {
  const rule = readRule(claim.ruleText)
  const { queries, problems } = convertRule(rule, claim.backend, [builtinPipeline(claim.pipeline)!])
  if (queries.length !== 1) {
    throw new Declined('differs', problems[0]?.message ?? 'The rule compiles to several queries.')
  }
  const { made, apart } = eventsFor(claim)
  const events = [...made, ...apart]
  const own = evaluate.query(claim.query.filterText, events, claim.query.table)
  const compiled = evaluate.compiled(queries[0]!, events, claim.query.table)
  const matcher = new Matcher([rule])
  if (matcher.refused.length > 0) throw new Declined('differs', 'The rule cannot be run.')
  let [found, missed] = [0, 0]
  for (const [at, event] of events.entries()) {
    const isFound = own.has(at)
    if (isFound) found++
    else missed++
    // The rule itself says nothing of events of other log sources.
    const isOwn = at < made.length
    const isMatch = isOwn ? matcher.match(inRuleNames(event, claim.names)).length > 0 : isFound
    if (isMatch !== isFound || compiled.has(at) !== isFound) {
      throw new Declined('differs', `They differ on ${JSON.stringify(event).slice(0, 300)}.`)
    }
  }
  if (found === 0 || missed === 0) {
    throw new Declined('differs', 'No events were found that tell the two apart.')
  }
  return events.length
}

function readRule(text: string): SigmaRule {
  const document = parseSigma(text).outlines[0]?.document
  if (document?.kind !== 'rule') throw new Declined('differs', 'The rule cannot be read.')
  return document
}

const WAYS_MAX = 40
const EVENTS_MAX = 600
/** Events of which variants are made. */
const VARIED_MAX = 20

/** Of the log source; and such as lack a mark of it. */
function eventsFor({ query, place, cases }: Claim) {
  const around = { ...query.scopeFields, ...place.marks }
  const logic: Predicate = { kind: 'and', of: place.rest }
  const made: EventRecord[] = []
  const seen = new Set<string>()
  const add = (event: Example | undefined) => {
    const whole = event && { ...around, ...event }
    const key = JSON.stringify(whole)
    if (whole === undefined || seen.has(key) || made.length >= EVENTS_MAX) return
    seen.add(key)
    made.push(whole)
  }
  for (const way of waysTo(logic, true).slice(0, WAYS_MAX)) {
    const near = eventFor(way)
    add(near)
    for (const flipped of nearMisses(way)) add(eventFor(flipped, near ?? {}))
  }
  for (const way of waysTo(logic, false).slice(0, WAYS_MAX)) add(eventFor(way))
  for (const leaf of leaves(logic)) {
    if (leaf.kind !== 'test') continue
    const { field, test } = leaf
    for (const isWanted of [true, false]) add(eventFor([{ field, test, isWanted }]))
  }
  add({})
  for (const event of made.slice(0, VARIED_MAX)) for (const one of variants(event, around)) add(one)
  const given = cases.map((event) => ({ ...around, ...event }))
  const first = made[0] ?? {}
  const apart = Object.keys(place.marks).map((mark) => ({ ...first, [mark]: 'something-else' }))
  return { made: [...made, ...given], apart }
}

/** Each test of a way alone the other way round; its other case, and each of its fields gone. */
function* nearMisses(way: Way<Goal>): Generator<Way<Goal>> {
  for (const at of way.keys()) {
    yield way.map((goal, index) => (index === at ? { ...goal, isWanted: !goal.isWanted } : goal))
  }
}

/** Whether case counts, and whether a text may stand inside a word, tells languages apart most. */
function* variants(
  event: EventRecord,
  around: Readonly<Record<string, unknown>>,
): Generator<Example> {
  for (const [name, value] of Object.entries(event)) {
    if (typeof value !== 'string' || Object.hasOwn(around, name)) continue
    const upper = value.toUpperCase()
    const others = [upper === value ? value.toLowerCase() : upper, `x${value}`, `${value}x`]
    for (const other of others) yield { ...event, [name]: other } as Example
  }
}

function inRuleNames(event: EventRecord, names: ReadonlyMap<string, string>): EventRecord {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]),
  )
}
