// The commands over one core and over all of them: converting and matching, threads and their start
// included.

import { availableParallelism } from 'node:os'
import { Readable } from 'node:stream'
import { matchStream } from '#cli/match-threads.ts'
import { convertShares } from '#cli/rule-threads.ts'
import { BlockMatcher } from '#domain/rules/match-block-task.ts'
import { settleShares, type RuleText } from '#languages/sigma/convert-shares.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { Print } from '#test/bench/bench.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { shellFor } from '#test/support/shell.ts'
import { cpu, cpuSecondsOf, peakMemory } from './measure.ts'

const CORES = [...new Set([1, availableParallelism()])]
const PIPELINE = 'rw_splunk'
/** What passes through `rule match`: a stream of this length is cut from the events again and again. */
const STREAM_BYTES = 256 * 1024 * 1024
const CHUNK_BYTES = 256 * 1024

export async function benchThreads(say: Print, texts: readonly RuleText[]): Promise<void> {
  const files = [...texts, ...texts]
  for (const cores of CORES) {
    const wall = await timed(async () => {
      const how = { to: 'spl', withOutputs: false } as const
      const sources = { ...how, pipelines: [{ name: PIPELINE }] }
      const shared = await convertShares(shellFor(), files, sources, { cores, filesMin: 1 })
      settleShares(files, shared, { ...how, pipelines: [builtinPipeline(PIPELINE)!] })
    })
    say(`rule convert of ${files.length} files through ${PIPELINE} on ${on(cores)}`, wall)
  }
  const rules = texts.map((one) => ({ ...one, outlines: parseSigma(one.text).outlines }))
  for (const [what, own] of [
    [`${rules.length} rules`, rules],
    ['50 rules', rules.slice(0, 50)],
  ] as const) {
    for (const cores of CORES) {
      let events = 0
      const matcher = new BlockMatcher(own)
      const wall = await timed(async () => {
        const matching = { files: own, matcher, format: 'summary' } as const
        const threads = { cores, bytesMin: 0 }
        for await (const block of matchStream(shellFor(), stream(), matching, threads)) {
          events += block.events
        }
      })
      say(`rule match of ${events} events with ${what} on ${on(cores)}`, wall)
    }
  }
  say('peak memory so far', peakMemory())
}

async function timed(work: () => Promise<void>): Promise<string> {
  const from = performance.now()
  const seconds = await cpuSecondsOf(work)
  return `${((performance.now() - from) / 1000).toFixed(1)} s, ${cpu(seconds)}`
}

function on(cores: number): string {
  return cores === 1 ? 'one core' : `${cores} cores`
}

function stream(): Readable {
  const lines = readCorpus<{ ls: object; e: object }>('sigma/events.jsonl.gz').map(({ ls, e }) =>
    JSON.stringify({ ...e, logsource: ls }),
  )
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < STREAM_BYTES; sent += bytes.length) {
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
          yield bytes.subarray(at, at + CHUNK_BYTES)
        }
      }
    })(),
  )
}
