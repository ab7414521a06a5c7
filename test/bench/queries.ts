// Query languages: CPU milliseconds to lint one published query as a door asks for it, what Kusto costs
// when it is first needed, and how many published queries run over events. Needs the shared corpora
// beside the checkout; prints nothing without them.

import { DIALECTS } from '#languages/dialects.ts'
import type { Dialect } from '#languages/dialect.ts'
import { hasErrors } from '#kernel/problem.ts'
import { corpusMacros, corpusPath, corpusQueries, readCorpus } from '#test/support/corpora.ts'
import type { Bench } from './bench.ts'

type Say = Parameters<Bench['run']>[0]

const LANGUAGES = ['spl', 'esql', 'eql', 'kuery'] as const
const RULES = 'sigma/rules.jsonl.gz'

export const bench: Bench = {
  name: 'queries',
  run: async (say) => {
    if (corpusPath('queries/queries-spl.jsonl.gz') === undefined) return
    for (const name of LANGUAGES) {
      const texts = corpusQueries(name).map(({ query }) => query)
      measure(say, name, DIALECTS[name], texts, 'p95 ≤ 2 ms')
    }
    measure(say, 'lucene', DIALECTS.lucene, await luceneQueries(), 'p95 ≤ 2 ms')
    await measureKusto(say)
    await sayRun(say)
  },
}

/** How many published queries the evaluators run, over no events; the rest is refused by name. */
async function sayRun(say: Say): Promise<void> {
  const { runQueryHere } = await import('#domain/queries/run-here.ts')
  const macros = corpusMacros()
  for (const language of ['spl', 'esql', 'eql'] as const) {
    const texts = corpusQueries(language).map(({ query }) => withoutOwnMacros(query))
    const limits = { now: 0, rowsMax: 1, timeoutMs: 60_000 }
    const asked = { language, events: [], lookups: {}, schema: { macros }, ...limits }
    const refused = texts.filter((text) => hasErrors(runQueryHere({ ...asked, text }).problems))
    say(`${language}: run`, `${texts.length - refused.length} of ${texts.length}`)
  }
}

// Those that every detection ends with come from the app that installs it, not from the table.
function withoutOwnMacros(text: string): string {
  return text
    .replaceAll(/\|\s*`\w+_filter`/g, '')
    .replaceAll(/`drop_dm_object_name\("?(\w+)"?\)`/g, 'rename $1.* as *')
}

// The queries our own converter prints: there is no published collection.
async function luceneQueries(): Promise<readonly string[]> {
  if (corpusPath(RULES) === undefined) return []
  const { parseSigma } = await import('#languages/sigma/parse.ts')
  const { convertRule } = await import('#languages/sigma/convert.ts')
  return readCorpus<{ yaml: string }>(RULES).flatMap(({ yaml }) =>
    parseSigma(yaml).outlines.flatMap(({ document }) =>
      document?.kind === 'rule' ? convertRule(document, 'lucene').queries : [],
    ),
  )
}

function measure(
  say: Say,
  name: string,
  dialect: Dialect,
  texts: readonly string[],
  wanted: string,
): void {
  for (const text of texts) dialect.lint(text) // warm
  const times = texts.map((text) => {
    // CPU time: a machine that does other things meanwhile must not show.
    const before = process.cpuUsage()
    dialect.lint(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e3
  })
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2)
  say(`${name}: lint each of ${texts.length}`, `${at(0.5)} / ${at(0.95)} ms`, `p50 / ${wanted}`)
}

async function measureKusto(say: Say): Promise<void> {
  const memory = process.memoryUsage().rss
  const before = process.hrtime.bigint()
  const { KUSTO } = await import('#languages/kusto/dialect.ts')
  const loaded = process.hrtime.bigint()
  KUSTO.lint('SecurityEvent | take 1')
  const answered = process.hrtime.bigint()
  say('kusto: load', `${(Number(loaded - before) / 1e6).toFixed(0)} ms`)
  say('kusto: first query', `${(Number(answered - loaded) / 1e6).toFixed(0)} ms`)
  say('kusto: memory', `${((process.memoryUsage().rss - memory) / 1e6).toFixed(0)} MB`)
  const texts = corpusQueries('kql').map(({ query }) => query)
  measure(say, 'kusto', KUSTO, texts, 'p95 ≤ 10 ms warm')
}
