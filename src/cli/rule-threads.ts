// Thousands of rule files over all cores: they are cut into shares, each thread works on one share at a
// time, and the answers come in the order of what was given. A few files are not worth a thread.

import { availableParallelism } from 'node:os'
import { MINUTE } from '#kernel/time.ts'
import {
  convertRuleShare,
  convertRuleShareHere,
  type RulesOfShare,
} from '#domain/rules/renders/convert-share-task.ts'
import { examineRules, examineRulesHere } from '#domain/rules/examine-task.ts'
import { mayBind, type RuleText, type Shared } from '#languages/sigma/convert-shares.ts'
import type { Finding } from '#languages/sigma/lint.ts'
import { Workers, type WorkerTask } from '#platform/worker.ts'
import { Progress } from './progress.ts'
import { readText } from './rule-files.ts'
import type { Shell } from './shell.ts'

/** How many files are worth threads: one takes as long to start and grow warm as these take here. */
interface Threads {
  readonly cores: number
  readonly filesMin: number
}

const EXAMINING: Threads = { cores: availableParallelism(), filesMin: 600 }
const CONVERTING: Threads = { cores: availableParallelism(), filesMin: 3_000 }

/** Small enough that threads end together, large enough that messages do not count. */
const SHARE_FILES = 60

/** Throws what reading throws. */
export function examineAll(
  shell: Shell,
  names: readonly string[],
  today: string,
): Promise<readonly Finding[]> {
  const work: Work<string, Finding> = async (share, run) =>
    run(examineRules, examineRulesHere, { files: await readTexts(shell, share), today })
  return overShares(shell, 'reading rules', names, work, EXAMINING)
}

/** A list for each file, for `settleShares`. */
export function convertShares(
  shell: Shell,
  files: readonly RuleText[],
  how: Omit<RulesOfShare, 'files' | 'filters'>,
  threads = CONVERTING,
): Promise<readonly (readonly Shared[])[]> {
  const filters = files.flatMap(({ text }) => (mayBind(text) ? [text] : []))
  const work: Work<RuleText, readonly Shared[]> = (share, run) =>
    run(convertRuleShare, convertRuleShareHere, { ...how, files: share, filters })
  return overShares(shell, 'converting rules', files, work, threads)
}

/** Every text, in the order of the names. Throws what reading throws. */
export async function readAll(
  shell: Shell,
  names: readonly string[],
): Promise<readonly RuleText[]> {
  const texts: RuleText[] = []
  for (const share of sharesOf(names)) {
    shell.signal.throwIfAborted()
    texts.push(...(await readTexts(shell, share)))
  }
  return texts
}

/** Does a task in a thread, or here when there are none. */
type Run = <Input, Output>(
  task: WorkerTask<Input, Output>,
  here: (input: Input) => Output,
  input: Input,
) => Promise<Output>

type Work<Item, Answer> = (share: readonly Item[], run: Run) => Promise<readonly Answer[]>

async function overShares<Item, Answer>(
  shell: Shell,
  what: string,
  items: readonly Item[],
  work: Work<Item, Answer>,
  { cores, filesMin }: Threads,
): Promise<readonly Answer[]> {
  const progress = new Progress(shell, what, items.length)
  const workers = items.length >= filesMin && cores > 1 ? new Workers(cores) : undefined
  const limits = { timeoutMs: 10 * MINUTE, signal: shell.signal }
  const run: Run = async (task, here, input) =>
    workers ? workers.run(task, input, limits) : here(input)
  const shares = sharesOf(items)
  const answers: (readonly Answer[])[] = []
  let next = 0
  let done = 0
  const lane = async () => {
    while (next < shares.length) {
      shell.signal.throwIfAborted()
      const at = next++
      answers[at] = await work(shares[at]!, run)
      progress.show((done += shares[at]!.length))
    }
  }
  try {
    // One lane more than threads reads the next share while they work.
    await Promise.all(Array.from({ length: workers ? cores + 1 : 1 }, lane))
    return answers.flat()
  } finally {
    progress.clear()
    await workers?.close()
  }
}

function sharesOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const shares: (readonly Item[])[] = []
  for (let at = 0; at < items.length; at += SHARE_FILES) {
    shares.push(items.slice(at, at + SHARE_FILES))
  }
  return shares
}

function readTexts(shell: Shell, names: readonly string[]): Promise<readonly RuleText[]> {
  return Promise.all(names.map(async (path) => ({ path, text: await readText(shell, path) })))
}
