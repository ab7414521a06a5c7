// All shared rules over all shared events. Undisputed pairs must agree to the last one; where the two
// reference engines differ, DECISIONS says who is right and by which words of the specification.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Matcher, type EventSource } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'

interface CorpusEvent {
  readonly eid: string
  readonly ls: { product?: string; service?: string; category?: string; categories?: string[] }
  readonly e: object
}

/** Rule id prefix -> whether it matches in the pairs where the engine `rsigma` is wrong, and why. */
const DECISIONS: Readonly<Record<string, { readonly isMatch: boolean; readonly why: string }>> = {
  ab6bffca: {
    isMatch: true,
    why: 'rules specification, "Escaping": `?` is a wildcard for one character; 0x10 ends with `1?`',
  },
  f6de9536: {
    isMatch: true,
    why: 'rules specification, "Escaping": `?` is a wildcard for one character; 0x8210 ends with `8???`',
  },
  '4a0b2c7e': {
    isMatch: true,
    why: 'modifiers, "windash": the characters are exchanged both ways; /accepteula finds -accepteula',
  },
}

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  const rules = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz')
  const parsed = rules.flatMap(({ yaml }) => parseSigma(yaml).documents) as readonly SigmaRule[]
  const matcher = new Matcher(parsed)
  const found = new Set<string>()
  const seen = new Set<string>()
  for (const { eid, ls, e } of readCorpus<CorpusEvent>('sigma/events.jsonl.gz')) {
    const source: EventSource = { ...ls, category: [ls.category ?? [], ls.categories ?? []].flat() }
    seen.add(eid)
    for (const rule of matcher.match(e, source)) found.add(`${eid} ${rule.id}`)
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

  void test('every disputed pair is decided by the specification', () => {
    const odd = readDisputed().flatMap(({ eid, rule, rsigma }) => {
      const isMatch = found.has(`${eid} ${rule}`)
      const decided = DECISIONS[rule.slice(0, 8)]?.isMatch ?? rsigma
      return isMatch === decided ? [] : [{ eid, rule, isMatch }]
    })
    assert.deepEqual(odd, [])
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

function readDisputed(): readonly { eid: string; rule: string; rsigma: boolean }[] {
  return readCorpus('sigma/disputed.jsonl.gz')
}
