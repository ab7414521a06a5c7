// Rules of a workspace at the size of a large team: bringing them in, looking for them, taking them out.

import { statSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { saveRules, type Outcome } from '#domain/rules/save-many.ts'
import { exportRules } from '#domain/rules/files/export.ts'
import type { RuleFilter, RuleSort } from '#domain/rules/list.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { writeZip } from '#platform/zip/write.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import type { Bench, Print } from './bench.ts'

export const bench: Bench = { name: 'rules of a workspace', run }

async function run(say: Print): Promise<void> {
  const ends: (() => unknown)[] = []
  const t = { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
  const app = await startApp(t)
  try {
    await measure(app, say)
  } finally {
    for (const end of ends) await end()
  }
}

async function measure(app: TestApp, say: Print): Promise<void> {
  const { house } = app
  const caller = systemCaller(house, 'bench', undefined, app.acme.id)
  const corpus = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').map(({ yaml }) => yaml)
  const size = () => statSync(house.directory.database).size / 1e6
  const items = Array.from({ length: 3_000 }, (_, at) => toItem(fresh(corpus, at)))
  const before = size()
  const began = process.cpuUsage()
  let kept: readonly Outcome[] = []
  const seconds = await timed(async () => {
    kept = await saveRules(house, caller, items)
  })
  const { user, system } = process.cpuUsage(began)
  const created = kept.flatMap((one) => (one.kind === 'created' ? [one.rule.id] : []))
  say('of 3,000 published rules are kept', String(created.length))
  say('computing it took, on all cores', `${((user + system) / 1e6).toFixed(1)} s`)
  say('save 3,000 rules, with index and renderings', `${seconds.toFixed(1)} s`, '≤ 20 s')
  const same = items.map((item, at) => ({ ...item, ruleId: created[at]! }))
  const again = await timed(() => saveRules(house, caller, same))
  say('the same 3,000 again', `${again.toFixed(1)} s`)
  const checkpointed = await app.house.db.write(caller, async () => size())
  say(
    'growth of the database by a rule',
    `${((1e3 * (checkpointed - before)) / 3_000).toFixed(1)} kB`,
  )
  await benchSaving(app, say)
  const more = Array.from({ length: 2_000 }, (_, at) => toItem(fresh(corpus, 3_000 + at)))
  await saveRules(house, caller, more)
  await benchLists(app, say, '5,000')
  await benchExport(app, say)
  if (process.env['RULES'] !== '50000') return
  for (let round = 0; round < 15; round += 1) {
    const copies = corpus
      .slice(0, 3_000)
      .map((text) => toItem(text.replace(/^id:.*$/m, `x: ${round}`)))
    await saveRules(house, caller, copies)
  }
  await benchLists(app, say, '50,000')
}

/** There are fewer published rules here than wanted: the same ones again, under other titles. */
function fresh(corpus: readonly string[], at: number): string {
  const text = corpus[at % corpus.length]!
  return at < corpus.length
    ? text
    : text.replace(/^id:.*$/m, '').replace('title: ', `title: ${at} `)
}

function toItem(text: string): RuleText {
  return { text, reason: '', origin: 'imported' }
}

async function benchSaving({ house, acme }: TestApp, say: Print): Promise<void> {
  const caller = systemCaller(house, 'bench', undefined, acme.id)
  const text =
    'title: One\nlogsource: {product: windows, category: process_creation}\ndetection: {a: {Image: x}, condition: a}\n'
  const { rule } = await createRule(house, caller, { text, reason: '', origin: 'written' })
  const before = statSync(house.directory.database).size
  const times: number[] = []
  for (let at = 0; at < 50; at += 1) {
    const edit = { text: `${text}# ${at}\n`, reason: '', expected: 'any' } as const
    times.push(1e3 * (await timed(() => saveRule(house, caller, rule.id, edit))))
  }
  const grown = (statSync(house.directory.database).size - before) / 50 / 1e3
  say('growth of the database by a version of a small rule', `${grown.toFixed(1)} kB`)
  say('save one rule and compile it (p95)', `${p95(times).toFixed(0)} ms`)
  const reads: number[] = []
  for (let at = 0; at < 50; at += 1) {
    reads.push(1e3 * (await timed(() => getRule(house, caller, rule.id))))
  }
  say('read one rule with its text (p95)', `${p95(reads).toFixed(1)} ms`)
}

async function benchExport({ house, acme }: TestApp, say: Print): Promise<void> {
  const caller = systemCaller(house, 'bench', undefined, acme.id)
  let sizeBytes = 0
  const seconds = await timed(async () => {
    for await (const chunk of writeZip(files())) sizeBytes += chunk.length
  })
  say(
    `export of 5,000 as a ZIP file of ${(sizeBytes / 1e6).toFixed(1)} MB`,
    `${seconds.toFixed(1)} s`,
    '≤ 2 s',
  )

  async function* files() {
    for await (const { path, text } of exportRules(house, caller, {})) {
      yield { name: path, bytes: text, modifiedAt: caller.now }
    }
  }
}

const LISTS: readonly (readonly [string, RuleFilter, RuleSort])[] = [
  ['by title', {}, 'title'],
  ['by time, newest first', {}, '-updatedAt'],
  ['high and critical', { level: ['high', 'critical'] }, 'title'],
  ['of one technique', { technique: 'T1059' }, '-level'],
  ['with words', { q: 'powershell encoded' }, 'title'],
  ['with a common word', { q: 'windows' }, 'title'],
  [
    'that compile for Splunk and not for OpenSearch',
    { compiles: ['splunk'], refuses: ['opensearch'] },
    'title',
  ],
  ['with errors', { problems: 'errors' }, 'title'],
  ['pending', { renders: 'pending' }, 'title'],
]

async function benchLists({ house, acme }: TestApp, say: Print, many: string): Promise<void> {
  const caller = systemCaller(house, 'bench', undefined, acme.id)
  for (const [what, filter, sort] of LISTS) {
    const times: number[] = []
    let count = 0
    for (let at = 0; at < 20; at += 1) {
      const seconds = await timed(async () => {
        count = (await listRules(house, caller, { filter, sort, limit: 50 })).count
      })
      times.push(1e3 * seconds)
    }
    say(`of ${many}, ${what}: ${count} (p95)`, `${p95(times).toFixed(1)} ms`, '≤ 150 ms')
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return (performance.now() - began) / 1e3
}

function p95(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!
}
