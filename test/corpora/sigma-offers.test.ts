// Published native queries offered as Sigma: how many of each language, refused why; and an independent
// check of each offer over events of another maker, which changes what it likes.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '#languages/evaluation.ts'
import { lower } from '#languages/sigma/lower.ts'
import { Matcher } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { evaluateKustoFor } from '#languages/sigma-offer/evaluate-kusto.ts'
import {
  evaluateEqlFor,
  evaluateEsqlFor,
  evaluateSplFor,
} from '#languages/sigma-offer/evaluators.ts'
import { readEqlSimply } from '#languages/sigma-offer/eql.ts'
import { readEsqlSimply } from '#languages/sigma-offer/esql.ts'
import { readKustoSimply } from '#languages/sigma-offer/kusto.ts'
import { offerSigma, type OfferTools, type SigmaOffer } from '#languages/sigma-offer/offer.ts'
import { placeOf, type OfferPipeline } from '#languages/sigma-offer/place.ts'
import { readSplSimply } from '#languages/sigma-offer/spl.ts'
import type { Backend } from '#languages/sigma/names.ts'
import { leaves, type Predicate } from '#languages/predicate.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { thoroughly } from '#test/support/thorough.ts'
import { makeEvent, mutate, randomFrom } from '#test/languages/sigma/proof/near-misses.ts'

interface Set {
  readonly file: string
  readonly pipeline: OfferPipeline
  readonly backend: Backend
  readonly tools: OfferTools
}

const spl: OfferTools = {
  read: readSplSimply,
  evaluate: { query: evaluateSplFor, compiled: evaluateSplFor },
}
const kusto: OfferTools = {
  read: readKustoSimply,
  evaluate: { query: evaluateKustoFor, compiled: evaluateKustoFor },
}
const esql: OfferTools = {
  read: readEsqlSimply,
  evaluate: { query: evaluateEsqlFor, compiled: evaluateEsqlFor },
}
const eql: OfferTools = {
  read: readEqlSimply,
  evaluate: { query: evaluateEqlFor, compiled: evaluateEsqlFor },
}
const SETS: readonly Set[] = [
  { file: 'spl', pipeline: 'rw_splunk', backend: 'spl', tools: spl },
  { file: 'kql', pipeline: 'rw_defender', backend: 'kusto', tools: kusto },
  { file: 'kql', pipeline: 'rw_sentinel', backend: 'kusto', tools: kusto },
  { file: 'esql', pipeline: 'rw_elastic', backend: 'esql', tools: esql },
  { file: 'eql', pipeline: 'rw_elastic', backend: 'esql', tools: eql },
]
const LEAST: Readonly<Record<string, number>> = { 'kql rw_defender': 100, 'kql rw_sentinel': 110 }
/** Kusto's parser reads the query again for each: the whole takes six minutes. */
const EVENTS = thoroughly(50, 300)

for (const one of SETS) {
  const name = `${one.file} ${one.pipeline}`
  const rows = readCorpus<{ query: string }>(`queries/queries-${one.file}.jsonl.gz`)
  const skip = rows.length === 0 && 'the published queries are not here'
  test(`offers made of ${name} hold for events of another maker`, { skip }, (t) => {
    const counts: Record<string, number> = {}
    let pairs = 0
    for (const [seed, { query }] of rows.entries()) {
      const { pipeline, backend, tools } = one
      const answer = offerSigma({ text: query, pipeline, backend, cases: [] }, tools)
      const key = 'code' in answer ? answer.code : 'offered'
      counts[key] = (counts[key] ?? 0) + 1
      if (!('code' in answer)) pairs += check(one, query, answer, seed)
    }
    t.diagnostic(`${name}: ${rows.length} queries ${JSON.stringify(counts)}, ${pairs} pairs`)
    assert.ok((counts['offered'] ?? 0) >= (LEAST[name] ?? 0), JSON.stringify(counts))
  })
}

/** How many events were judged by both. */
function check({ pipeline, tools }: Set, text: string, offer: SigmaOffer, seed: number): number {
  const query = tools.read(text)
  const place = placeOf(query, pipeline)
  const { logsource, detection } = offer
  const rule = parseSigma(JSON.stringify({ title: 'x', logsource, detection })).outlines[0]!
    .document
  assert.ok(rule?.kind === 'rule')
  const { predicates } = lower(rule.detections)
  const names = new Map<string, string>()
  for (const part of place.rest) {
    for (const leaf of leaves(part)) {
      if (leaf.kind === 'test') names.set(place.fieldOf(leaf.field), leaf.field)
    }
  }
  const events = inventEvents(predicates, seed)
  const around = { ...query.scopeFields, ...place.marks }
  const there = events.map((event) => ({ ...around, ...renamed(event, names) }))
  const found = tools.evaluate.query(query.filterText, there, query.table)
  const matcher = new Matcher([rule])
  for (const [at, event] of events.entries()) {
    const isMatch = matcher.match(event).length > 0
    assert.equal(found.has(at), isMatch, `${JSON.stringify(event)}\n${text}`)
  }
  return events.length
}

function inventEvents(predicates: readonly Predicate[], seed: number): readonly EventRecord[] {
  const random = randomFrom(seed)
  const fields = predicates.flatMap((predicate) =>
    [...leaves(predicate)].flatMap((leaf) => (leaf.kind === 'test' ? [leaf.field] : [])),
  )
  return Array.from({ length: EVENTS }, (_, at) => {
    const event = makeEvent(predicates, random, { hasLists: false, isKind: at % 2 === 0 })
    return at % 3 === 0 ? mutate(event, fields, random) : event
  })
}

function renamed(event: EventRecord, names: ReadonlyMap<string, string>): EventRecord {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]),
  )
}
