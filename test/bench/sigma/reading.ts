// Reading and linting: one core with each reader, all cores through the command, one rule for an editor.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { CHECK_GROUPS, examine, lintFiles, settle } from '#languages/sigma/lint.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { Source } from '#languages/sigma/source.ts'
import { readThoroughly } from '#languages/sigma/yaml.ts'
import { runHere } from '#test/support/shell.ts'
import type { Print } from '#test/bench/bench.ts'
import { cpu, cpuSeconds, cpuSecondsOf, peakMemory } from './measure.ts'

interface Text {
  readonly path: string
  readonly text: string
}

export async function benchReading(say: Print, texts: readonly Text[]): Promise<void> {
  const count = texts.length
  const checks = CHECK_GROUPS.reduce((sum, { rows }) => sum + rows.length, 0)
  const examined = () =>
    settle(texts.flatMap((one) => examine({ ...one, outlines: parseSigma(one.text).outlines })))
  const cold = cpuSeconds(() => void examined())
  say(`read ${count} rules and lint with ${checks} checks, cold`, cpu(cold), '≤ 0.9')
  say('the same again, warm', cpu(cpuSeconds(() => void examined())))
  const reading = cpuSeconds(() => {
    for (const { text } of texts) parseSigma(text)
  })
  say('of it reading, warm', cpu(reading))
  const thorough = cpuSeconds(() => {
    for (const { text } of texts) readThoroughly(new Source(text))
  })
  say('YAML alone by the thorough reader, cold', cpu(thorough))
  await benchCommand(say, texts)
  benchEditor(say, texts)
  say('peak memory so far', peakMemory())
}

async function benchCommand(say: Print, texts: readonly Text[]): Promise<void> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'bench-sigma-'))
  try {
    mkdirSync(path.join(cwd, 'rules'))
    for (const [at, { text }] of texts.entries()) {
      writeFileSync(path.join(cwd, 'rules', `${at}.yml`), text)
    }
    const from = performance.now()
    const seconds = await cpuSecondsOf(async () => {
      await runHere(['rule', 'lint', 'rules', '--format', 'ndjson'], { cwd })
    })
    const wall = ((performance.now() - from) / 1000).toFixed(2)
    say(`rule lint on ${availableParallelism()} cores, threads started`, `${wall} s`)
    say('  in processor time', cpu(seconds))
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

function benchEditor(say: Print, texts: readonly Text[]): void {
  const times = texts.slice(0, 500).map(({ text }) => {
    const from = performance.now()
    lintFiles([{ path: 'editor', text, outlines: parseSigma(text).outlines }])
    return performance.now() - from
  })
  const p95 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!
  say('lint one rule for the editor, p95', `${p95.toFixed(1)} ms`, '≤ 5 ms')
}
