// What is wrong with rule files beyond what keeps them from being read: the official schema, traps of
// the language, dead parts, duplicates across files. Every check is a row of a table with a code, a
// severity and the reason it exists; a comment `# rulewright-ignore CODE: reason` in the document
// waives it there.

import type { Problem } from '#kernel/problem.ts'
import { collect } from './collection.ts'
import { ATTACK_CHECKS } from './lint/attack.ts'
import { DETECTION_CHECKS } from './lint/detection.ts'
import { METADATA_CHECKS } from './lint/metadata.ts'
import type { Check, Subject } from './lint/check.ts'
import { lower } from './lower.ts'
import type { Outline } from './parse.ts'
import type { SigmaRule } from './rule.ts'
import { Source } from './source.ts'
import type { YamlMap } from './yaml.ts'

/** In the order they are run and documented. */
export const CHECKS: readonly Check[] = [...METADATA_CHECKS, ...ATTACK_CHECKS, ...DETECTION_CHECKS]

export interface LintedDocument {
  readonly path: string
  readonly document: number
  readonly id: string | null
  readonly title: string | null
  /** In the order of the text. */
  readonly problems: readonly Problem[]
}

export interface LintedFile {
  readonly path: string
  readonly text: string
  readonly outlines: readonly Outline[]
}

export function lintFiles(files: readonly LintedFile[]): readonly LintedDocument[] {
  const across = new AcrossFiles(files)
  return files.flatMap((file) =>
    file.outlines.map((outline, at): LintedDocument => {
      const found = [...outline.problems, ...lintOutline(file.text, outline), ...across.of(outline)]
      // Comments above a document are part of it to whoever reads it.
      const from = at === 0 ? 0 : file.outlines[at - 1]!.end
      const waived = waivers(file.text.slice(from, outline.end))
      const problems = found.filter((problem) => !waived.has(problem.code)).toSorted(byPlace)
      const { index, id, title } = outline
      return { path: file.path, document: index, id, title, problems }
    }),
  )
}

function lintOutline(text: string, outline: Outline): readonly Problem[] {
  const { root, document } = outline
  if (root === undefined) return []
  const source = new Source(text)
  for (const check of CHECKS) {
    const subject: Subject = {
      root,
      document,
      report: (at, message, hint) => {
        source.report(check.severity, check.code, at, message, hint)
      },
    }
    check.run(subject)
  }
  return source.problems
}

const WAIVER = /#\s*rulewright-ignore[ \t]+([a-z]+\/[a-z0-9-]+)[ \t]*:[ \t]*\S/g

/** A waiver without a reason is none. */
function waivers(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(WAIVER)].map((match) => match[1]!))
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

/** What only shows when all documents are seen together. */
class AcrossFiles {
  readonly #found = new Map<YamlMap, Problem[]>()

  constructor(files: readonly LintedFile[]) {
    const outlines = files.flatMap((file) =>
      file.outlines.map((outline) => ({ ...outline, path: file.path, text: file.text })),
    )
    const seen = { id: new Map<string, string>(), logic: new Map<string, string>() }
    for (const { root, id, path, index, document, text } of outlines) {
      if (root === undefined) continue
      const name = `${path}#${index}`
      const at = new Source(text).span(root.entries[0]?.key ?? root)
      const first = id === null ? undefined : seen.id.get(id.toLowerCase())
      if (first !== undefined) {
        const message = `The id ${id} is also that of ${first}.`
        this.#add(root, { code: 'sigma/duplicate-id', severity: 'error', message, ...at })
      } else if (id !== null) seen.id.set(id.toLowerCase(), name)
      const logic = document?.kind === 'rule' ? logicOf(document) : undefined
      const twin = logic && seen.logic.get(logic)
      if (twin !== undefined) {
        const message = `This rule asks for exactly what ${twin} asks for.`
        this.#add(root, { code: 'sigma/duplicate-logic', severity: 'warning', message, ...at })
      } else if (logic !== undefined) seen.logic.set(logic, name)
    }
    const documents = outlines.flatMap(({ document }) => document ?? [])
    for (const [document, problems] of collect(documents).problems) {
      for (const problem of problems) this.#add(document.root, problem)
    }
  }

  of(outline: Outline): readonly Problem[] {
    return (outline.root && this.#found.get(outline.root)) ?? []
  }

  #add(root: YamlMap, problem: Problem): void {
    const known = this.#found.get(root)
    if (known) known.push(problem)
    else this.#found.set(root, [problem])
  }
}

function logicOf(rule: SigmaRule): string {
  const { product, category, service } = rule.logsource
  const { predicates } = lower(rule.detections)
  return JSON.stringify([product, category, service, predicates])
}
