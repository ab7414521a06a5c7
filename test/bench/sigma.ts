// Sigma: CPU seconds to read, lint and convert the shared rules, and events a second with all of them.
// Needs the shared corpora beside the checkout; prints nothing without them.

import { CHECK_GROUPS, lintFiles } from '#languages/sigma/lint.ts'
import { BACKENDS, convertRule } from '#languages/sigma/convert.ts'
import { Matcher, type EventSource } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'
import type { Bench } from './bench.ts'

type Say = Parameters<Bench['run']>[0]

export const bench: Bench = {
  name: 'sigma',
  run: (say) => {
    if (corpusPath('sigma/rules.jsonl.gz') !== undefined) runAll(say)
    return Promise.resolve()
  },
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function runAll(say: Say): void {
  const texts = readCorpus<{ path: string; yaml: string }>('sigma/rules.jsonl.gz')
  let files: { path: string; text: string; outlines: ReturnType<typeof parseSigma>['outlines'] }[] =
    []
  const parsing = cpuSeconds(() => {
    files = texts.map(({ path, yaml }) => ({
      path,
      text: yaml,
      outlines: parseSigma(yaml).outlines,
    }))
  })
  const linting = cpuSeconds(() => void lintFiles(files))
  say(`read ${files.length} rules`, `${parsing.toFixed(2)} CPU s`)
  say(
    `lint them with ${CHECK_GROUPS.flatMap(({ rows }) => rows).length} checks`,
    `${linting.toFixed(2)} CPU s`,
    'both ≤ 2.0',
  )
  const rules = files.flatMap(({ outlines }) => outlines.flatMap(({ document }) => document ?? []))
  for (const backend of BACKENDS) {
    const converting = cpuSeconds(() => {
      for (const rule of rules) convertRule(rule as SigmaRule, backend)
    })
    say(`convert them to ${backend}`, `${converting.toFixed(2)} CPU s`, '≤ 0.6')
  }
  match(say, rules as readonly SigmaRule[])
  edit(
    say,
    texts.map(({ yaml }) => yaml),
  )
}

function match(say: Say, rules: readonly SigmaRule[]): void {
  const lines = readCorpus<{ ls: EventSource & { categories?: string[] }; e: object }>(
    'sigma/events.jsonl.gz',
  ).map(({ ls, e }) => ({
    text: JSON.stringify(e),
    source: { ...ls, category: [ls.category ?? [], ls.categories ?? []].flat() },
  }))
  for (const count of [100, 1_000, rules.length]) {
    let matcher = new Matcher([])
    const compiling = cpuSeconds(() => {
      matcher = new Matcher(rules.slice(0, count))
    })
    const seconds = cpuSeconds(() => {
      for (const { text, source } of lines) matcher.match(JSON.parse(text) as object, source)
    })
    const share = ((100 * matcher.rulesAsked) / (lines.length * count)).toFixed(2)
    say(`compile ${count} rules`, `${compiling.toFixed(2)} CPU s`)
    say(
      `match ${lines.length} events, JSON parsed, ${share} % of rules asked`,
      `${Math.round(lines.length / seconds)} /s`,
      '≥ 15000 with all rules',
    )
  }
  say('memory now', `${Math.round(process.memoryUsage().rss / 1e6)} MB`)
}

function edit(say: Say, texts: readonly string[]): void {
  const times = texts.slice(0, 500).map((text) => {
    const before = process.hrtime.bigint()
    lintFiles([{ path: 'editor', text, outlines: parseSigma(text).outlines }])
    return Number(process.hrtime.bigint() - before) / 1e6
  })
  const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!
  say('lint one rule for the editor, p95', `${p95.toFixed(1)} ms`, '≤ 5 ms')
}
