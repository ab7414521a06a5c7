// All shared rules over all shared events. Undisputed pairs must agree to the last one; where the two
// reference engines differ, sigma-disputes.ts says who is right and by which words of the specification.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Matcher, type EventSource } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'
import { CAUSES, disputeOf } from './sigma-disputes.ts'

interface CorpusEvent {
  readonly eid: string
  readonly ls: { product?: string; service?: string; category?: string; categories?: string[] }
  readonly e: Readonly<Record<string, unknown>>
}

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  const rules = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz')
  const parsed = rules.flatMap(({ yaml }) => parseSigma(yaml).documents) as readonly SigmaRule[]
  const matcher = new Matcher(parsed)
  const found = new Set<string>()
  const seen = new Set<string>()
  const byId = new Map(parsed.map((rule) => [rule.id, rule]))
  const events = new Map<string, CorpusEvent>()
  for (const event of readCorpus<CorpusEvent>('sigma/events.jsonl.gz')) {
    seen.add(event.eid)
    events.set(event.eid, event)
    for (const rule of matcher.match(event.e, sourceOf(event))) found.add(`${event.eid} ${rule.id}`)
  }

  void test('every published rule is read, and only placeholders keep one from matching', () => {
    assert.equal(parsed.length, rules.length)
    const codes = matcher.refused.flatMap(({ problems }) => problems.map(({ code }) => code))
    assert.deepEqual(
      codes.filter((code) => code !== 'sigma/unresolved-placeholder'),
      [],
    )
  })

  void test('every undisputed pair agrees with the reference, in both directions', () => {
    const disputed = new Set(readDisputed().map(({ eid, rule }) => `${eid} ${rule}`))
    const expected = readCorpus<{ eid: string; rules: string[] }>('sigma/expected_matches.jsonl.gz')
    const wanted = new Set(
      expected.flatMap(({ eid, rules: ids }) => ids.map((id) => `${eid} ${id}`)),
    )
    const missing = [...wanted.difference(disputed).difference(found)]
    const extra = [...found.difference(disputed).difference(wanted)]
    assert.deepEqual({ missing, extra }, { missing: [], extra: [] })
    assert.ok(wanted.difference(disputed).size > 1_000)
  })

  void test('every disputed pair is decided by the specification, for a cause that is seen', (context) => {
    const counts = new Map<string, number>()
    const odd: object[] = []
    for (const told of readDisputed()) {
      const { eid, rule: id } = told
      const event = events.get(eid)!
      const source = sourceOf(event)
      const rule = byId.get(id)!
      const dispute = disputeOf(rule, event.e, source, {
        inMemory: told.rsigma,
        inSql: told.zircolite,
      })
      const cause = CAUSES.find((one) => one.applies(dispute))
      if (cause?.isMatch !== found.has(`${eid} ${id}`)) odd.push({ eid, id, cause: cause?.name })
      if (cause) counts.set(cause.name, (counts.get(cause.name) ?? 0) + 1)
    }
    for (const [name, count] of counts) context.diagnostic(`${count}: ${name}`)
    assert.deepEqual(odd, [])
    assert.equal(counts.size, CAUSES.length, 'a cause nobody has is no cause')
  })

  void test('the published regression cases fire', () => {
    const cases = readCorpus<{ rule_ids: string[]; eids: string[] }>('sigma/regression.jsonl.gz')
    const silent = cases
      .filter(({ eids }) => eids.some((eid) => seen.has(eid)))
      .flatMap(({ rule_ids: ids, eids }) =>
        ids.filter((id) => !eids.some((eid) => found.has(`${eid} ${id}`))),
      )
    assert.deepEqual(silent, [])
  })
}

function sourceOf({ ls }: CorpusEvent): EventSource {
  return { ...ls, category: [ls.category ?? [], ls.categories ?? []].flat() }
}

interface Disputed {
  readonly eid: string
  readonly rule: string
  readonly rsigma: boolean
  readonly zircolite: boolean
}

function readDisputed(): readonly Disputed[] {
  return readCorpus('sigma/disputed.jsonl.gz')
}
