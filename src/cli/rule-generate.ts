// `rulewright rule generate`: test cases made of a rule itself. Prints the rule file with them, or writes
// it; everything else in the file stays as it is.

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { casesFor, countCases, withCases } from '#domain/rules/testing/generate-cases.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import type { ProcessCommand } from './command.ts'
import { documentsOf, readRuleFiles, type RuleFile } from './rule-files.ts'
import { EXIT, type Shell } from './shell.ts'

export const ruleGenerate: ProcessCommand = {
  name: 'rule generate',
  about: 'make test cases of rules: an event they find, and events they just miss',
  runsIn: 'process',
  operands: ['PATH…'],
  flags: { write: { about: 'write the cases into the files instead of printing them' } },
  async run({ shell }, args) {
    const files = await readRuleFiles(shell, args.operands)
    const documents = documentsOf(files)
    const isWriting = args.flags['write'] !== undefined
    const texts: string[] = []
    for (const file of files) {
      shell.signal.throwIfAborted()
      const text = generateIn(shell, file, documents)
      if (text === undefined) continue
      texts.push(text)
      const isFile = isWriting && file.path !== '-'
      if (isFile && text !== file.text) await writeFile(path.resolve(shell.cwd, file.path), text)
      else if (!isFile) shell.out(texts.length > 1 ? `---\n${text.trimEnd()}` : text.trimEnd())
    }
    return texts.length < files.length ? EXIT.problems : EXIT.fine
  },
}

/** The file with its new cases; undefined when none could be made, which is told. */
function generateIn(
  shell: Shell,
  { path: name, text, outlines }: RuleFile,
  documents: readonly SigmaDocument[],
): string | undefined {
  const [outline, ...more] = outlines
  if (outline === undefined || more.length > 0 || name.endsWith('.gz')) {
    shell.err(`${name}: cases are made for plain files that hold one rule`)
    return undefined
  }
  const { cases, leftOut } = casesFor(outline.document, documents)
  for (const { name: left, why } of leftOut) shell.err(`${name}: left out "${left}": ${why}`)
  shell.err(`${name}: ${countCases(cases)}`)
  if (cases.length === 0 && leftOut.length > 0) return undefined
  return withCases(text, cases)
}
