// The shape of a check: a row of the table, documented by its own fields.

import type { Severity } from '#kernel/problem.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import type { Range } from '#languages/sigma/source.ts'
import type { YamlMap } from '#languages/sigma/yaml.ts'

export interface Subject {
  readonly root: YamlMap
  /** Undefined when the document could not be read; checks of the text still run. */
  readonly document: SigmaDocument | undefined
  readonly report: (at: Range, message: string, hint?: string) => void
}

export interface Check {
  readonly code: string
  readonly severity: Severity
  /** Why it matters, for the list of checks. */
  readonly why: string
  /** A snippet it reports. */
  readonly example: string
  run(subject: Subject): void
}
