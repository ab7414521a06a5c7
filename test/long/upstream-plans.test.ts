// Plans of bundles that nobody would publish: every document and every rule has its place once, whatever
// the bundle says of itself, and the order of its files decides nothing.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { RuleId } from '#kernel/id.ts'
import { compareTexts, takeTheirs } from '#domain/rules/upstreams/merge.ts'
import { mergeTextsHere } from '#domain/rules/merge/compare-task.ts'
import { likeness, proposeOrigins } from '#domain/rules/upstreams/likely.ts'
import {
  placeDocuments,
  type BundleDocument,
  type Here,
  type LinkHere,
} from '#domain/rules/upstreams/plan.ts'

const RUNS = 5_000

const SigmaId = fc.integer({ min: 0, max: 11 }).map((n) => `id-${n}`)
const Related = fc.record({
  id: SigmaId,
  type: fc.constantFrom('obsolete', 'renamed', 'merged', 'derived', 'similar', 'nonsense'),
})
const Document = fc.record({
  sigmaId: fc.option(SigmaId),
  isDeprecated: fc.boolean(),
  related: fc.array(Related, { maxLength: 3 }),
  refused: fc.constantFrom(null, null, null, 'broken' as const, 'left_out' as const),
})
const Bundle = fc.array(Document, { maxLength: 12 }).map((documents) =>
  documents.map((one, at): BundleDocument => ({
    ...one,
    position: at + 1,
    path: `rules/${at}.yml`,
    title: `Rule ${at}`,
    contentHash: String(at),
    problems: [],
    native: null,
  })),
)
const World = fc
  .record({
    linked: fc.uniqueArray(fc.integer({ min: 0, max: 11 })),
    others: fc.uniqueArray(fc.integer({ min: 0, max: 11 })),
    elsewhere: fc.uniqueArray(fc.integer({ min: 0, max: 11 })),
  })
  .map(({ linked, others, elsewhere }): Here => {
    const ruleOf = (n: number) => `rul_${n}` as RuleId
    return {
      links: linked.map((n): LinkHere => ({
        ruleId: ruleOf(n),
        path: `rules/${n}.yml`,
        sigmaId: `id-${n}`,
        standing: 'followed',
        successor: null,
      })),
      idOf: new Map([...linked, ...others].map((n) => [`id-${n}`, ruleOf(n)])),
      elsewhere: new Set(elsewhere.filter((n) => !linked.includes(n)).map(ruleOf)),
    }
  })

test('every document has one place, and every rule that follows is updated once or told gone', () => {
  fc.assert(
    fc.property(Bundle, World, (documents, here) => {
      const { placed, gone } = placeDocuments(documents, here)
      assert.deepEqual(
        placed.map(({ document }) => document.position),
        documents.map(({ position }) => position),
      )
      const updated = placed.flatMap(({ ruleId, finding }) => (finding === null ? [ruleId] : []))
      assert.equal(new Set(updated).size, updated.length, 'no rule is updated twice')
      const left = new Set(gone.map(({ link }) => link.ruleId))
      for (const { ruleId, sigmaId } of here.links) {
        const isTold = documents.some((one) => one.sigmaId === sigmaId && one.refused !== null)
        assert.ok(updated.includes(ruleId) !== left.has(ruleId) || isTold, ruleId)
      }
      for (const { document, ruleId, finding, successor } of placed) {
        if (document.refused !== null) assert.equal(finding, document.refused)
        if (ruleId !== null && here.elsewhere.has(ruleId)) assert.equal(finding, 'left_out')
        if (finding === 'new') assert.ok(!document.isDeprecated)
        if (successor !== null) assert.ok(documents.some(({ sigmaId }) => sigmaId === successor))
      }
    }),
    { numRuns: RUNS },
  )
})

test('the order of the files decides nothing about rules with ids of their own', () => {
  const Own = Bundle.map((documents) => {
    const seen = new Set<string | null>()
    return documents.filter(
      ({ sigmaId }) => sigmaId !== null && !seen.has(sigmaId) && seen.add(sigmaId),
    )
  })
  const summary = (documents: readonly BundleDocument[], here: Here) => {
    const { placed, gone } = placeDocuments(documents, here)
    return {
      placed: placed
        .map(({ document, ruleId, finding }) => `${document.sigmaId} ${ruleId} ${finding}`)
        .toSorted(),
      gone: gone.map(({ link }) => link.ruleId).toSorted(),
    }
  }
  fc.assert(
    fc.property(Own, World, (documents, here) => {
      assert.deepEqual(summary(documents.toReversed(), here), summary(documents, here))
    }),
    { numRuns: RUNS },
  )
})

test('a text that one side alone changed is that side, and what both left stays', async () => {
  const workers = { run: (_: unknown, texts: never) => Promise.resolve(mergeTextsHere(texts)) }
  const house = { workers } as never
  const Level = fc.constantFrom('low', 'medium', 'high', 'critical')
  const Text = fc.record({ level: Level, image: fc.constantFrom('a', 'b', 'c') })
  const write = ({ level, image }: { level: string; image: string }) =>
    `title: x\nlogsource: {product: windows}\ndetection:\n    a:\n        Image: ${image}\n    condition: a\nlevel: ${level}\n`
  await fc.assert(
    fc.asyncProperty(Text, Text, Text, async (b, m, t) => {
      const [base, mine, theirs] = [write(b), write(m), write(t)]
      const { finding, merged, conflicts } = await compareTexts(house, { base, mine, theirs })
      const keys = ['level', 'image'] as const
      const clash = keys.filter(
        (key) => m[key] !== b[key] && t[key] !== b[key] && m[key] !== t[key],
      )
      assert.equal(conflicts > 0, clash.length > 0)
      assert.equal(finding === 'conflict', clash.length > 0)
      const want = (isTheirs: boolean) =>
        write(
          Object.fromEntries(
            keys.map((key) => {
              const isChanged = t[key] !== b[key] && (m[key] === b[key] || isTheirs)
              return [key, isChanged ? t[key] : m[key]]
            }),
          ) as { level: string; image: string },
        )
      const after = finding === 'unchanged' ? mine : (merged ?? theirs)
      assert.equal(after, want(false))
      if (conflicts > 0) assert.equal(await takeTheirs(house, { base, mine, theirs }), want(true))
    }),
    { numRuns: 500 },
  )
})

test('likeness is the same both ways, one for the same query, and a rule is proposed once', () => {
  const Query = fc.array(fc.constantFrom('index=a', 'user', '|', 'stats', 'by', 'x=1', 'not'), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(Query, Query, (a, b) => {
      const [one, other] = [a.join(' '), b.join(' ')]
      assert.equal(likeness(one, other), likeness(other, one))
      assert.equal(likeness(one, one), one === '' ? 0 : 1)
    }),
    { numRuns: RUNS },
  )
  const Titles = fc.array(fc.record({ title: fc.constantFrom('A', 'B'), query: Query }), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(Titles, Titles, (documents, rules) => {
      const texts = ({ title, query }: { title: string; query: readonly string[] }) => ({
        title,
        queries: { splunk: query.join(' ') },
      })
      const proposals = proposeOrigins(
        documents.map((one, position) => ({ ...texts(one), position })),
        rules.map((one, at) => ({ ...texts(one), ruleId: `rul_${at}` as RuleId })),
      )
      const ids = [...proposals.values()].map(({ ruleId }) => ruleId)
      assert.equal(new Set(ids).size, ids.length)
      for (const { confidence } of proposals.values()) assert.ok(confidence > 0 && confidence < 100)
    }),
    { numRuns: 1_000 },
  )
})
