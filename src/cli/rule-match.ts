// `rulewright rule match`: rules and correlations over a file of events, one JSON object a line.
// Exit 0 whether or not anything matched.

import { createReadStream } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { AppError } from '#kernel/error.ts'
import { formatInstant, instant } from '#kernel/time.ts'
import { collect } from '#languages/sigma/collection.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { MatchRun, type Answer } from '#languages/sigma/run.ts'
import { errnoOf } from '#platform/errno.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { documentsOf, readRuleFiles, type RuleFile } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type Shell } from './shell.ts'

const FORMATS = ['ndjson', 'summary'] as const

export const ruleMatch: ProcessCommand = {
  name: 'rule match',
  about: 'run rules over a file of events',
  runsIn: 'process',
  flags: {
    rules: { value: 'PATH', about: 'a rule file or folder', isRequired: true, isRepeatable: true },
    events: {
      value: 'FILE',
      about: 'one JSON object a line; - for standard input',
      isRequired: true,
    },
    format: { value: 'FORMAT', about: `${FORMATS.join(' or ')} (default ndjson)` },
    'time-field': { value: 'FIELD', about: 'where events say their time' },
  },
  async run({ shell }, args) {
    const format = oneOf('--format', textFlag(args, 'format') ?? 'ndjson', FORMATS)
    const files = await readRuleFiles(shell, textFlag(args, 'rules')!.split(','))
    const names = namesOf(files)
    const collection = collect(documentsOf(files))
    reportRules(shell, files)
    for (const [document, problems] of collection.problems) {
      for (const problem of problems) shell.err(textLine(names.get(document.root)!, problem))
    }
    const timeField = textFlag(args, 'time-field')
    const run = new MatchRun(collection, timeField === undefined ? {} : { timeField })
    for (const { rule, problems } of run.matcher.refused) {
      for (const problem of problems) shell.err(textLine(names.get(rule.root)!, problem))
    }
    const summary = new Map<string, number>()
    const tell = (answer: Answer) => {
      const document = answer.kind === 'match' ? answer.rule : answer.correlation
      const rule = document.id ?? names.get(document.root)!
      if (format === 'ndjson') shell.out(JSON.stringify(lineOf(answer, rule)))
      else summary.set(rule, (summary.get(rule) ?? 0) + 1)
    }
    const counts = await matchFile(shell, textFlag(args, 'events')!, run, tell)
    for (const [rule, count] of [...summary].toSorted(([, a], [, b]) => b - a)) {
      shell.out(`${count}\t${rule}`)
    }
    if (run.untimedCount > 0) {
      shell.err(`${run.untimedCount} events say no time and took no part in correlations`)
    }
    shell.err(`${counts.events} events, ${counts.bad} of ${counts.lines} lines could not be read`)
    return EXIT.fine
  },
}

function reportRules(shell: Shell, files: readonly RuleFile[]): void {
  for (const { path: name, outlines } of files) {
    for (const problem of outlines.flatMap(({ problems }) => problems)) {
      if (problem.severity === 'error') shell.err(textLine(name, problem))
    }
  }
}

/** `path#document`, for rules without an id. */
function namesOf(files: readonly RuleFile[]): ReadonlyMap<SigmaDocument['root'], string> {
  const names = files.flatMap(({ path: name, outlines }) =>
    outlines.flatMap(({ document, index }) =>
      document ? [[document.root, `${name}#${index}`] as const] : [],
    ),
  )
  return new Map(names)
}

function lineOf(answer: Answer, rule: string): object {
  if (answer.kind === 'match') {
    const { title, level } = answer.rule
    return { rule, title, level: level ?? null, event: answer.event, fields: answer.fields }
  }
  const { correlation, group, events, atMs } = answer
  return {
    rule,
    type: correlation.type,
    group,
    events,
    at: formatInstant(instant(Math.floor(atMs))),
  }
}

interface Counts {
  lines: number
  events: number
  bad: number
}

/** The event number is the zero-based line; lines that are no JSON object are counted and skipped. */
async function matchFile(
  shell: Shell,
  file: string,
  run: MatchRun,
  tell: (answer: Answer) => void,
): Promise<Counts> {
  const counts: Counts = { lines: 0, events: 0, bad: 0 }
  const take = (line: string) => {
    const at = counts.lines++
    if (line.trim() === '') return
    const event = readEvent(line)
    if (event === undefined) counts.bad++
    else {
      counts.events++
      for (const answer of run.next(event, sourceOf(event), at)) tell(answer)
    }
  }
  if (file === '-') for (const line of (await shell.stdin()).split('\n')) take(line)
  else await eachLine(shell, file, take)
  for (const answer of run.finish()) tell(answer)
  return counts
}

async function eachLine(shell: Shell, file: string, take: (line: string) => void): Promise<void> {
  const bytes = createReadStream(path.resolve(shell.cwd, file), { signal: shell.signal })
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  const failed = new Promise<never>((_resolve, reject) => {
    bytes.on('error', reject)
    input.on('error', reject)
  })
  const read = async () => {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) take(line)
  }
  try {
    await Promise.race([read(), failed])
  } catch (error) {
    if (shell.signal.aborted) throw new AppError('cancelled', 'cancelled')
    const missing = errnoOf(error) === 'ENOENT'
    const message = missing ? `${file} does not exist` : `${file} cannot be read: ${String(error)}`
    throw new AppError('invalid', message, { cause: error })
  }
}

export function readEvent(line: string): object | undefined {
  try {
    const event: unknown = JSON.parse(line)
    return typeof event === 'object' && event !== null && !Array.isArray(event) ? event : undefined
  } catch {
    return undefined // counted by the caller: one bad line must not end a run over millions
  }
}
