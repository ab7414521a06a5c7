// A stream of events matched block by block: here at first, over all cores once it proves long. The
// answers come in the order of the events, and only a few blocks are in memory at a time.

import { availableParallelism } from 'node:os'
import {
  type BlockMatcher,
  matchBlock,
  packRules,
  type BlockOfEvents,
  type MatchedBlock,
  type PackedRules,
} from '#domain/rules/match-block-task.ts'
import { MINUTE } from '#kernel/time.ts'
import { Workers } from '#platform/worker.ts'
import { blocksOf } from './event-blocks.ts'
import type { RuleFile } from './rule-files.ts'
import type { Shell } from './shell.ts'

/** Each thread starts, compiles the rules and grows warm: in that time this much is matched here. */
const THREADS_FROM_BYTES = 64 * 1024 * 1024

export interface Threads {
  readonly cores: number
  readonly bytesMin: number
  readonly blockBytes?: number
}

const ALL_CORES: Threads = { cores: availableParallelism(), bytesMin: THREADS_FROM_BYTES }

export interface Matching {
  readonly files: readonly RuleFile[]
  /** Of these files. */
  readonly matcher: BlockMatcher
  readonly format: BlockOfEvents['format']
}

/** Throws what reading throws. */
export async function* matchStream(
  shell: Shell,
  chunks: AsyncIterable<Uint8Array>,
  { files, matcher, format }: Matching,
  { cores, bytesMin, blockBytes }: Threads = ALL_CORES,
): AsyncGenerator<MatchedBlock> {
  const waiting: Promise<MatchedBlock>[] = []
  let workers: Workers | undefined
  let rules: PackedRules | undefined
  let bytesSeen = 0
  try {
    for await (const { bytes, firstLine } of blocksOf(chunks, blockBytes)) {
      shell.signal.throwIfAborted()
      if (cores === 1 || bytesSeen < bytesMin) {
        bytesSeen += bytes.length
        yield matcher.match({ bytes, firstLine, format })
        continue
      }
      workers ??= new Workers(cores)
      rules ??= packRules(files, matcher.timeField)
      const limits = { timeoutMs: 10 * MINUTE, signal: shell.signal }
      const answer = workers.run(matchBlock, { rules, bytes, firstLine, format }, limits)
      answer.catch(() => {}) // thrown below, when its turn comes
      waiting.push(answer)
      if (waiting.length > cores) yield await waiting.shift()!
    }
    for (const answer of waiting) yield await answer
  } finally {
    await workers?.close()
  }
}
