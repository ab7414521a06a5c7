// Every folder in golden/ is a case: `rule.yml` over `events.ndjson` must give `matches.json`.
// RECORD=1 rewrites what the code answers now; read the difference before you keep it.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { collect } from '#languages/sigma/collection.ts'
import type { EventSource } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { MatchRun, type Answer } from '#languages/sigma/run.ts'

const golden = path.join(import.meta.dirname, 'golden')
const isRecording = process.env['RECORD'] === '1'

for (const name of readdirSync(golden)) {
  const file = (leaf: string) => path.join(golden, name, leaf)
  void test(`golden: ${name.replaceAll('-', ' ')}`, () => {
    const parsed = parseSigma(readFileSync(file('rule.yml'), 'utf8'))
    assert.deepEqual(parsed.problems, [])
    const collection = collect(parsed.documents)
    assert.deepEqual([...collection.problems.values()], [])
    const run = new MatchRun(collection)
    const lines = readFileSync(file('events.ndjson'), 'utf8').trim().split('\n')
    const answers = lines.flatMap((line) => {
      const event = JSON.parse(line) as { logsource?: EventSource }
      return run.next(event, event.logsource).map(show)
    })
    check(file('matches.json'), [...answers, ...run.finish().map(show)])
  })
}

function check(file: string, answers: readonly object[]): void {
  const text = `[\n${answers.map((answer) => `  ${JSON.stringify(answer)}`).join(',\n')}\n]\n`
  if (isRecording || !existsSync(file)) writeFileSync(file, text)
  assert.deepEqual(answers, JSON.parse(readFileSync(file, 'utf8')))
}

function show(answer: Answer): object {
  if (answer.kind === 'match') return { event: answer.event, title: answer.rule.title }
  const { correlation, group, events, atMs } = answer
  return { title: correlation.title, group, events, at: new Date(atMs).toISOString() }
}
