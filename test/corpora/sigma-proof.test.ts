// Every published rule in every language: its query, run by an engine that knows nothing of the backend,
// finds what the matcher finds, among events made to miss by little, the shared events the rule is
// known to match, and changed copies of those. Nothing may differ; what takes no part is counted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import {
  makeEvent,
  mutate,
  randomFrom,
  testsByField,
  type MadeEvent,
} from '#test/languages/sigma/proof/near-misses.ts'
import { prove, subjectOf } from '#test/languages/sigma/proof/proof.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { BACKENDS, type Backend } from '#languages/sigma/names.ts'

const MADE = 30
const REAL = 4
const COPIES = 5

const rules = readCorpus<{ id: string; yaml: string }>('sigma/rules.jsonl.gz')

if (rules.length > 0) {
  const real = realEvents()
  for (const backend of BACKENDS) {
    void test(`${backend}: every published rule finds what the matcher finds`, (context) => {
      const { pairs, differing, skipped } = proveAll(backend, real)
      context.diagnostic(`${backend}: ${pairs} pairs of rule and event, ${differing.length} differ`)
      for (const [why, count] of skipped) context.diagnostic(`  ${count} take no part: ${why}`)
      assert.deepEqual(differing, [])
      const refused = [...skipped].filter(
        ([why]) => why.startsWith('refused') && !/characters/.test(why),
      )
      assert.deepEqual(refused, [])
      assert.ok(pairs > 0.9 * rules.length * MADE)
    })
  }
}

function proveAll(backend: Backend, real: ReadonlyMap<string, readonly MadeEvent[]>) {
  let pairs = 0
  const differing: string[] = []
  const skipped = new Map<string, number>()
  for (const [at, { id, yaml }] of rules.entries()) {
    const rule = parseSigma(yaml).documents[0] as SigmaRule
    const predicates = subjectOf(rule)
    if (predicates === undefined) continue
    const random = randomFrom(at + 1)
    const fields = [...testsByField(predicates).keys()]
    const made = Array.from({ length: MADE }, (_, n) =>
      makeEvent(predicates, random, { hasLists: false, isKind: n % 2 === 0 }),
    )
    const known = (real.get(id) ?? []).map((event) => spelled(event, fields))
    const copies = known.flatMap((event) =>
      Array.from({ length: COPIES }, () => mutate(event, fields, random)),
    )
    const proof = prove(rule, predicates, backend, [...made, ...known, ...copies])
    pairs += proof.pairs
    differing.push(...proof.differing)
    if (proof.skipped) skipped.set(proof.skipped, (skipped.get(proof.skipped) ?? 0) + 1)
  }
  return { pairs, differing, skipped }
}

/** Field names as the rule spells them: to the engines case counts in those. */
function spelled(event: MadeEvent, fields: readonly string[]): MadeEvent {
  const names = new Map(fields.map((field) => [field.toLowerCase(), field]))
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [names.get(name.toLowerCase()) ?? name, value]),
  )
}

/** By rule, some of the shared events it is known to match. */
function realEvents(): ReadonlyMap<string, readonly MadeEvent[]> {
  const wanted = readCorpus<{ eid: string; rules: string[] }>('sigma/expected_matches.jsonl.gz')
  const events = readCorpus<{ eid: string; e: MadeEvent }>('sigma/events.jsonl.gz')
  const byId = new Map(events.map(({ eid, e }) => [eid, e]))
  const found = new Map<string, MadeEvent[]>()
  for (const { eid, rules: ids } of wanted) {
    const event = byId.get(eid)
    for (const id of event === undefined ? [] : ids) {
      const known = found.get(id) ?? []
      if (known.length < REAL) found.set(id, [...known, event!])
    }
  }
  return found
}
