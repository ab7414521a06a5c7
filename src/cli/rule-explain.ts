// `rulewright rule explain RULE --event FILE`: why a rule matches an event, or why it does not.

import { readEvent } from '#domain/rules/match-block-task.ts'
import { AppError } from '#kernel/error.ts'
import { explainRule, type Explanation } from '#languages/sigma/explain.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { readRuleFiles, readText } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT } from './shell.ts'

export const ruleExplain: ProcessCommand = {
  name: 'rule explain',
  about: 'show how a rule judges an event, part by part',
  runsIn: 'process',
  operands: ['RULE'],
  flags: {
    event: { value: 'FILE', about: 'one JSON object; - for standard input', isRequired: true },
  },
  async run({ shell }, args) {
    const files = await readRuleFiles(shell, args.operands)
    const file = textFlag(args, 'event')!
    const event = readEvent(await readText(shell, file))
    if (event === undefined) throw new AppError('invalid', `${file} holds no JSON object`)
    let isBroken = false
    for (const { path, outlines } of files) {
      for (const { document, problems } of outlines) {
        for (const problem of problems) shell.err(textLine(path, problem))
        isBroken ||= document === undefined
        if (document?.kind !== 'rule') continue
        shell.out(document.title)
        for (const one of explainRule(document, event)) {
          for (const line of lines(one, 1)) shell.out(line)
        }
      }
    }
    return isBroken ? EXIT.problems : EXIT.fine
  },
}

function lines(one: Explanation, depth: number): readonly string[] {
  const mark = one.isTrue === undefined ? '?' : one.isTrue ? '✓' : '✗'
  const saw = 'saw' in one ? `  saw ${one.saw ? one.saw.map(show).join(', ') : 'nothing'}` : ''
  const why = one.why === undefined ? '' : `  (${one.why})`
  const own = `${'  '.repeat(depth)}${mark} ${one.label}${saw}${why}`
  return [own, ...one.parts.flatMap((part) => lines(part, depth + 1))]
}

function show(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
