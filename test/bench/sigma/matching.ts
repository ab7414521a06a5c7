// Matching: events a second on one core, JSON parsed, as rules grow; and whether the answers are those
// the corpora and the specification want.

import { Matcher, type EventSource } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { readCorpus } from '#test/support/corpora.ts'
import type { Print } from '#test/bench/bench.ts'
import { cpu, cpuSeconds, peakMemory } from './measure.ts'

interface Line {
  readonly eid: string
  readonly text: string
  readonly source: EventSource
}

interface CorpusEvent {
  readonly eid: string
  readonly ls: EventSource & { readonly categories?: readonly string[] }
  readonly e: object
}

const COUNTS = [100, 1_000, 3_000]

export function benchMatching(say: Print, texts: readonly string[]): void {
  const lines = readCorpus<CorpusEvent>('sigma/events.jsonl.gz').map(({ eid, ls, e }): Line => {
    const category = [ls.category ?? [], ls.categories ?? []].flat()
    return { eid, text: JSON.stringify(e), source: { ...ls, category } }
  })
  const rules = grown(texts, COUNTS.at(-1)!)
  for (const count of COUNTS) {
    let matcher = new Matcher([])
    const compiling = cpuSeconds(() => {
      matcher = new Matcher(rules.slice(0, count))
    })
    say(`compile ${count} rules`, cpu(compiling))
    for (const [what, isRouted] of [
      ['with log sources', true],
      ['without', false],
    ] as const) {
      const asked = matcher.rulesAsked
      const seconds = cpuSeconds(() => {
        for (const { text, source } of lines) {
          matcher.match(JSON.parse(text) as object, isRouted ? source : undefined)
        }
      })
      const share = ((100 * (matcher.rulesAsked - asked)) / (lines.length * count)).toFixed(2)
      const wanted = isRouted ? '≥ 15000, stretch 50000' : undefined
      const rate = `${Math.round(lines.length / seconds)} /s`
      say(`  ${lines.length} events ${what}, ${share} % of rules asked`, rate, wanted)
    }
  }
  say('peak memory so far', peakMemory())
  reportAnswers(say, rules.slice(0, texts.length), lines)
}

/** Beyond the shared rules, the same with other programs: their texts are as long and as many. */
function grown(texts: readonly string[], count: number): readonly SigmaRule[] {
  const own = texts.flatMap((text) => parseSigma(text).documents)
  const others = texts
    .slice(0, count - own.length)
    .flatMap((text) => parseSigma(text.replaceAll('.exe', '.x32')).documents)
  return [...own, ...others].filter((document) => document.kind === 'rule')
}

function reportAnswers(say: Print, rules: readonly SigmaRule[], lines: readonly Line[]): void {
  const matcher = new Matcher(rules)
  const found = new Set<string>()
  for (const { eid, text, source } of lines) {
    for (const { id } of matcher.match(JSON.parse(text) as object, source))
      found.add(`${eid} ${id}`)
  }
  const disputed = new Set(
    readCorpus<{ eid: string; rule: string }>('sigma/disputed.jsonl.gz').map(
      ({ eid, rule }) => `${eid} ${rule}`,
    ),
  )
  const wanted = new Set(
    readCorpus<{ eid: string; rules: string[] }>('sigma/expected_matches.jsonl.gz').flatMap(
      ({ eid, rules: ids }) => ids.map((id) => `${eid} ${id}`),
    ),
  ).difference(disputed)
  const wrong = wanted.symmetricDifference(found.difference(disputed)).size
  say('undisputed pairs that agree', `${wanted.size - wrong} of ${wanted.size}`)
  const cases = readCorpus<{ rule_ids: string[]; eids: string[] }>('sigma/regression.jsonl.gz')
  const seen = new Set(lines.map(({ eid }) => eid))
  const here = cases.filter(({ eids }) => eids.some((eid) => seen.has(eid)))
  const fired = here.filter(({ rule_ids: ids, eids }) =>
    ids.every((id) => eids.some((eid) => found.has(`${eid} ${id}`))),
  )
  say('published regression cases that fire', `${fired.length} of ${here.length}`)
  say('disputed pairs, decided in test/corpora', String(disputed.size))
}
