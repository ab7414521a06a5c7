// `rulewright rule match`: rules and correlations over a file of events, one JSON object a line.
// Exit 0 whether or not anything matched.

import { BlockMatcher } from '#domain/rules/match-block-task.ts'
import type { Problem } from '#kernel/problem.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { openEvents } from './event-stream.ts'
import { oneOf } from './input.ts'
import { MatchReport } from './match-report.ts'
import { matchStream } from './match-threads.ts'
import { Progress } from './progress.ts'
import { readRuleFiles, type RuleFile } from './rule-files.ts'
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
    const timeField = textFlag(args, 'time-field')
    const files = await readRuleFiles(shell, textFlag(args, 'rules')!.split(','))
    const matcher = new BlockMatcher(files, timeField)
    reportRules(shell, files, matcher)
    const report = new MatchReport(shell, format, matcher)
    const stream = await openEvents(shell, textFlag(args, 'events')!)
    const progress = new Progress(shell, 'matching events', stream.size)
    for await (const block of matchStream(shell, stream.chunks, { files, matcher, format })) {
      progress.clear()
      report.take(block)
      progress.show(stream.size === undefined ? report.events : stream.position())
      await shell.drained?.()
    }
    progress.clear()
    report.end()
    return EXIT.fine
  },
}

/** What keeps documents from taking part. */
function reportRules(shell: Shell, files: readonly RuleFile[], matcher: BlockMatcher): void {
  for (const { path: name, outlines } of files) {
    for (const problem of outlines.flatMap(({ problems }) => problems)) {
      if (problem.severity === 'error') shell.err(textLine(name, problem))
    }
  }
  const { places, collection, refused } = matcher
  const tell = (document: SigmaDocument, problems: readonly Problem[]) => {
    for (const one of problems) shell.err(textLine(places.get(document.root)!.path, one))
  }
  for (const [document, problems] of collection.problems) tell(document, problems)
  for (const { rule, problems } of refused) tell(rule, problems)
}
