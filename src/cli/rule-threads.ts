// Thousands of rule files over all cores: the files are read here, each thread examines a share of
// them, and the answers come in the order of the names. A few files are not worth a thread.

import { availableParallelism } from 'node:os'
import { MINUTE } from '#kernel/time.ts'
import { examineRules, examineRulesHere, type RuleTexts } from '#domain/rules/examine-task.ts'
import type { Finding } from '#languages/sigma/lint.ts'
import { Workers } from '#platform/worker.ts'
import { Progress } from './progress.ts'
import { readText } from './rule-files.ts'
import type { Shell } from './shell.ts'

/** A thread takes as long to start as some hundred files take to be examined. */
const THREADS_FROM = 600
/** Small enough that threads end together, large enough that messages do not count. */
const SHARE_FILES = 60

/** Throws what reading throws. */
export async function examineAll(
  shell: Shell,
  names: readonly string[],
  today: string,
): Promise<readonly Finding[]> {
  const progress = new Progress(shell, 'reading rules', names.length)
  const cores = availableParallelism()
  const workers = names.length >= THREADS_FROM && cores > 1 ? new Workers(cores) : undefined
  let done = 0
  const examineShare = async (texts: RuleTexts) => {
    const limits = { timeoutMs: 10 * MINUTE, signal: shell.signal }
    const found = workers ? await workers.run(examineRules, texts, limits) : examineRulesHere(texts)
    progress.show((done += texts.files.length))
    return found
  }
  try {
    const shares: Promise<readonly Finding[]>[] = []
    for (let at = 0; at < names.length; at += SHARE_FILES) {
      shell.signal.throwIfAborted()
      const files = await readShare(shell, names.slice(at, at + SHARE_FILES))
      const share = examineShare({ files, today })
      share.catch(() => {}) // thrown below, when its turn comes
      shares.push(share)
      if (!workers) await share
    }
    return (await Promise.all(shares)).flat()
  } finally {
    progress.clear()
    await workers?.close()
  }
}

function readShare(shell: Shell, names: readonly string[]): Promise<RuleTexts['files']> {
  return Promise.all(names.map(async (path) => ({ path, text: await readText(shell, path) })))
}
