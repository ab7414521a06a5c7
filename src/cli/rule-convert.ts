// `rulewright rule convert`: rules as queries of a target language. One NDJSON line a document, or
// the queries alone as text. Exit 1 when a document could not be converted.

import type { Problem } from '#kernel/problem.ts'
import { collect } from '#languages/sigma/collection.ts'
import { BACKENDS, convertRule, type Conversion } from '#languages/sigma/convert.ts'
import type { Outline } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { documentsOf, readRuleFiles } from './rule-files.ts'
import { textLine } from './rule-lint.ts'
import { EXIT } from './shell.ts'

const FORMATS = ['text', 'ndjson'] as const

export const ruleConvert: ProcessCommand = {
  name: 'rule convert',
  about: 'turn rules into queries',
  runsIn: 'process',
  operands: ['PATH…'],
  flags: {
    to: { value: 'LANGUAGE', about: BACKENDS.join(', '), isRequired: true },
    format: { value: 'FORMAT', about: `${FORMATS.join(' or ')} (default text)` },
  },
  async run({ shell }, args) {
    const backend = oneOf('--to', textFlag(args, 'to')!, BACKENDS)
    const format = oneOf('--format', textFlag(args, 'format') ?? 'text', FORMATS)
    const files = await readRuleFiles(shell, args.operands)
    const collection = collect(documentsOf(files))
    const filtered = new Map(collection.rules.map((rule) => [rule.root, rule]))
    const hidden = new Set([...collection.hidden].map((document) => document.root))
    let isFailed = false
    for (const { path, outlines } of files) {
      for (const outline of outlines) {
        if (outline.document?.kind === 'filter') continue
        if (outline.document && hidden.has(outline.document.root)) continue
        const rule = outline.document && filtered.get(outline.document.root)
        const conversion = convertOutline(outline, rule, backend)
        isFailed ||= conversion.queries.length === 0
        if (format === 'ndjson') shell.out(ndjsonLine(path, outline, conversion))
        else {
          for (const query of conversion.queries) shell.out(query)
          for (const problem of conversion.problems) shell.err(textLine(path, problem))
        }
      }
    }
    return isFailed ? EXIT.problems : EXIT.fine
  },
}

function convertOutline(
  outline: Outline,
  rule: SigmaRule | undefined,
  backend: (typeof BACKENDS)[number],
): Conversion {
  if (outline.document === undefined) return { queries: [], problems: outline.problems }
  if (rule === undefined) {
    const message = 'Correlation rules cannot be converted yet; "rule match" runs them.'
    const problem: Problem = { code: 'sigma/correlation-unsupported', severity: 'error', message }
    return { queries: [], problems: [problem] }
  }
  return convertRule(rule, backend)
}

function ndjsonLine(path: string, outline: Outline, { queries, problems }: Conversion): string {
  const { index, id, title } = outline
  const head = { path, document: index, id, title }
  if (queries.length === 0) return JSON.stringify({ ...head, ok: false, problems })
  return JSON.stringify({ ...head, ok: true, queries, warnings: problems })
}
