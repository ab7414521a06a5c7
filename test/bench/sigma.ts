// Sigma, as one report: reading, linting, converting, matching, and how the answers compare with what
// the corpora want. Needs the shared corpora beside the checkout; prints nothing without them.

import { parseSigma } from '#languages/sigma/parse.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'
import type { Bench } from './bench.ts'
import { benchConverting, reportTexts } from './sigma/converting.ts'
import { benchMatching } from './sigma/matching.ts'
import { benchReading } from './sigma/reading.ts'
import { benchThreads } from './sigma/threads.ts'

export const bench: Bench = {
  name: 'sigma',
  run: async (say) => {
    if (corpusPath('sigma/rules.jsonl.gz') === undefined) return
    const texts = readCorpus<{ path: string; yaml: string }>('sigma/rules.jsonl.gz').map(
      ({ path, yaml }) => ({ path, text: yaml }),
    )
    await benchReading(say, texts)
    const rules = texts
      .flatMap(({ text }) => parseSigma(text).documents)
      .filter((document) => document.kind === 'rule')
    benchConverting(say, rules)
    benchMatching(
      say,
      texts.map(({ text }) => text),
    )
    await benchThreads(say, texts)
    reportTexts(say)
  },
}
