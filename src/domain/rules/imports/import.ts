// An import of rules: a preview of what each document would do, then a job that does it.

import type { Actor } from '#kernel/actor.ts'
import type { ImportId, JobId, RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'

/**
 * What a document is to the workspace: `merged` changed here and there without meeting, `conflicting`
 * where both changed the same place, `broken` cannot be kept, `left_out` is no rule.
 */
export const FINDINGS = [
  'new',
  'changed',
  'merged',
  'conflicting',
  'same',
  'broken',
  'left_out',
] as const
export type Finding = (typeof FINDINGS)[number]

/** What became of it. */
export const IMPORT_RESULTS = ['created', 'saved', 'same', 'skipped', 'refused'] as const
export type ImportResult = (typeof IMPORT_RESULTS)[number]

export const IMPORT_STATES = ['preview', 'running', 'done'] as const

/** `keep` leaves rules that conflict as they are here, `take` puts what is imported over them. */
export const CONFLICT_CHOICES = ['keep', 'take'] as const
export type ConflictChoice = (typeof CONFLICT_CHOICES)[number]

export interface ImportWish {
  readonly conflicts: ConflictChoice
  /** Nothing is written when anything is broken. */
  readonly isAllOrNothing: boolean
  /** Broken ones that can be found again become rules too, which say what is wrong. */
  readonly keepsBroken: boolean
}

export interface RuleImport {
  readonly id: ImportId
  readonly state: (typeof IMPORT_STATES)[number]
  /** The file that was sent, or how many. */
  readonly source: string
  readonly fileCount: number
  readonly conflicts: ConflictChoice | null
  readonly jobId: JobId | null
  readonly createdAt: Instant
  readonly createdBy: Actor
}

export interface ImportItem {
  /** From 1, in the order of the files. */
  readonly position: number
  /** Of the file, with the place of the document in it where it holds several. */
  readonly path: string
  readonly title: string | null
  readonly finding: Finding
  readonly problems: readonly Problem[]
  /** The rule it is a version of, or became. */
  readonly ruleId: RuleId | null
  readonly result: ImportResult | null
}

export type Counts<Key extends string> = Readonly<Partial<Record<Key, number>>>
