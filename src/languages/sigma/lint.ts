// What is wrong with rule files: what the reader refuses, what the official schemas refuse, traps of
// the language, dead parts, duplicates across files. Every check is a row with a code, a severity and
// the reason it exists; `# rulewright-ignore CODE: reason` in a document waives it there.

import type { Problem } from '#kernel/problem.ts'
import { embeddedAttack, type Attack } from '#languages/attack/attack.ts'
import { ACROSS_ROWS, factsOf, judgeAcross, type Facts } from './lint/across.ts'
import { ATTACK_CHECKS } from './lint/attack.ts'
import { itemsIn, textsIn, type Check, type CheckRow, type Subject } from './lint/check.ts'
import { CONDITION_CHECKS } from './lint/condition.ts'
import { CORRELATION_CHECKS } from './lint/correlations.ts'
import { ITEM_CHECKS } from './lint/items.ts'
import { LOGSOURCE_CHECKS } from './lint/logsource.ts'
import { METADATA_CHECKS } from './lint/metadata.ts'
import { READING_ROWS } from './lint/reading.ts'
import { REGEX_CHECKS } from './lint/regexes.ts'
import { SCHEMA_ROWS } from './lint/schema-rows.ts'
import { judgeSchema } from './lint/schema.ts'
import { SEARCH_CHECKS } from './lint/searches.ts'
import { TAG_CHECKS } from './lint/tags.ts'
import { VALUE_CHECKS } from './lint/values.ts'
import { applyWaivers, readWaivers, WAIVER_ROWS, type Waiver } from './lint/waivers.ts'
import { isNative, type Outline } from './parse.ts'
import { Source } from './source.ts'
import type { YamlMap } from './yaml.ts'

const CHECKS: readonly Check[] = [
  ...METADATA_CHECKS,
  ...TAG_CHECKS,
  ...ATTACK_CHECKS,
  ...LOGSOURCE_CHECKS,
  ...CONDITION_CHECKS,
  ...SEARCH_CHECKS,
  ...ITEM_CHECKS,
  ...VALUE_CHECKS,
  ...REGEX_CHECKS,
  ...CORRELATION_CHECKS,
]

export interface CheckGroup {
  readonly title: string
  readonly rows: readonly CheckRow[]
}

/** All there are, in the order of the page about them. */
export const CHECK_GROUPS: readonly CheckGroup[] = [
  { title: 'Reading', rows: READING_ROWS },
  { title: 'Official schemas', rows: SCHEMA_ROWS },
  { title: 'Metadata', rows: METADATA_CHECKS },
  { title: 'Tags', rows: TAG_CHECKS },
  { title: 'ATT&CK', rows: ATTACK_CHECKS },
  { title: 'Log sources and fields', rows: LOGSOURCE_CHECKS },
  { title: 'Conditions', rows: CONDITION_CHECKS },
  { title: 'Searches taken together', rows: SEARCH_CHECKS },
  { title: 'Detection items', rows: ITEM_CHECKS },
  { title: 'Values', rows: VALUE_CHECKS },
  { title: 'Regular expressions', rows: REGEX_CHECKS },
  { title: 'Correlations and filters', rows: CORRELATION_CHECKS },
  { title: 'Across files', rows: ACROSS_ROWS },
  { title: 'Waivers', rows: WAIVER_ROWS },
]

const ROWS: ReadonlyMap<string, CheckRow> = new Map(
  CHECK_GROUPS.flatMap(({ rows }) => rows.map((row) => [row.code, row] as const)),
)
const KNOWN: ReadonlySet<string> = new Set(ROWS.keys())

export function checkRow(code: string): CheckRow | undefined {
  return ROWS.get(code)
}

/** What is found in one document alone: plain data, so that it can come from another thread. */
export interface Finding {
  readonly path: string
  readonly document: number
  readonly id: string | null
  readonly title: string | null
  readonly problems: readonly Problem[]
  readonly waivers: readonly Waiver[]
  /** Undefined when it is no map. */
  readonly facts: Facts | undefined
}

export interface LintedDocument extends Omit<Finding, 'waivers' | 'facts'> {
  /** In the order of the text, without those waived. */
  readonly problems: readonly Problem[]
}

export interface LintedFile {
  readonly path: string
  readonly text: string
  readonly outlines: readonly Outline[]
}

export interface LintOptions {
  /** `YYYY-MM-DD`; without it no date lies in the future. */
  readonly today?: string
  /** Without it the version that came with the product. */
  readonly attack?: Attack
}

export function lintFiles(
  files: readonly LintedFile[],
  options: LintOptions = {},
): readonly LintedDocument[] {
  return settle(files.flatMap((file) => examine(file, options)))
}

/** The first half: a file by itself. Nothing of its trees is kept. */
export function examine(file: LintedFile, options: LintOptions = {}): readonly Finding[] {
  const { path, text, outlines } = file
  const source = new Source(text)
  return outlines.map((outline, at): Finding => {
    source.problems.length = 0
    if (outline.root !== undefined) judgeAlone(source, outline, outline.root, options)
    const { index, id, title } = outline
    // Comments above a document are part of it to whoever reads it.
    const range = { start: at === 0 ? 0 : outlines[at - 1]!.end, end: outline.end }
    return {
      path,
      document: index,
      id,
      title,
      problems: [...outline.problems, ...source.problems],
      waivers: readWaivers(source, range),
      facts: factsOf(source, outline),
    }
  })
}

/** The second half: what only shows when all are seen together, and what is waived. */
export function settle(findings: readonly Finding[]): readonly LintedDocument[] {
  const members = findings.flatMap(({ path, document, facts }) =>
    facts === undefined ? [] : [{ label: `${path}#${document}`, facts }],
  )
  const across = judgeAcross(members)
  return findings.map(({ facts, waivers, problems, ...finding }) => {
    const found = [...problems, ...((facts && across.get(facts)) ?? [])]
    return { ...finding, problems: applyWaivers(found, waivers, KNOWN).toSorted(byPlace) }
  })
}

/** What a rule in the words of a product need not have. */
const ONLY_SIGMA = ['sigma/missing-detection', 'sigma/missing-logsource']

function judgeAlone(
  source: Source,
  outline: Outline,
  root: YamlMap,
  { today, attack = embeddedAttack() }: LintOptions,
): void {
  const { document } = outline
  // What the reader told already is not told twice.
  const told = new Set(outline.problems.map(({ code }) => code))
  if (isNative(root)) for (const code of ONLY_SIGMA) told.add(code)
  judgeSchema(root, (code, at, message, hint) => {
    if (!told.has(code)) source.report(ROWS.get(code)!.severity, code, at, message, hint)
  })
  let { severity, code } = CHECKS[0]!
  const report: Subject['report'] = (at, message, hint) =>
    source.report(severity, code, at, message, hint)
  const items = itemsIn(document)
  const subject: Subject = { root, document, items, texts: textsIn(items), today, attack, report }
  for (const check of CHECKS) {
    ;({ severity, code } = check)
    check.run(subject)
  }
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}
