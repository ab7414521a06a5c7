// Test cases of rules: making them, and running 3,000 of them.

import type { TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { generateCases, withCases } from '#domain/rules/testing/generate-cases.ts'
import { saveRules } from '#domain/rules/save-many.ts'
import { runManyTests } from '#domain/rules/testing/actions.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { startApp } from '#test/support/start-app.ts'
import type { Bench, Print } from './bench.ts'

export const bench: Bench = { name: 'test cases of rules', run }

const CASES = 3_000

async function run(say: Print): Promise<void> {
  const corpus = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').map(({ yaml }) => yaml)
  if (corpus.length === 0) return say('published rules', 'not here')
  const texts: string[] = []
  let count = 0
  let leftOut = 0
  const making = await timed(async () => {
    for (const text of corpus) {
      if (count >= CASES) break
      const made = generateCases(text, [])
      count += made.cases.length
      leftOut += made.leftOut.length
      texts.push(withCases(text, made.cases))
    }
  })
  say(`make ${count} cases of ${texts.length} rules, ${leftOut} left out`, seconds(making))
  const ends: (() => unknown)[] = []
  const t = { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
  const { house, acme } = await startApp(t)
  try {
    const caller = systemCaller(house, 'bench', undefined, acme.id)
    const items = texts.map((text) => ({ text, reason: '', origin: 'imported' as const }))
    await saveRules(house, caller, items)
    const watch = { signal: new AbortController().signal, progress: () => {} }
    for (const round of ['first', 'again']) {
      let said = ''
      const took = await timed(async () => {
        const { passed, failed, untold } = await runManyTests(house, caller, {}, watch)
        said = `${passed} passed, ${failed} failed, ${untold} untold`
      })
      say(`run them all, ${round}: ${said}`, seconds(took), '≤ 10 s')
    }
  } finally {
    for (const end of ends) await end()
  }
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1e3
}
