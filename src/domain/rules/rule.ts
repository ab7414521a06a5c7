// A rule as a workspace keeps it: its place in the index, its versions, its state. What it says stands
// in the text of its newest version.

import type { Actor } from '#kernel/actor.ts'
import type { GroupId, RuleId } from '#kernel/id.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Verdict } from '#domain/rules/testing/test-run.ts'
import type { RuleContent } from './content.ts'
import { LEVELS, type Level } from './product-key.ts'

/** Says what to look for as Sigma, in the words of a place, or both. */
export const RULE_FORMATS = ['sigma', 'native', 'mixed'] as const
export type RuleFormat = (typeof RULE_FORMATS)[number]

export const RULE_STATES = ['draft', 'active', 'paused', 'retired'] as const
/** Deployments make a rule active or paused; a person only retires and revives it. */
export type RuleState = (typeof RULE_STATES)[number]

export const RULE_ORIGINS = ['written', 'imported', 'adopted', 'upstream', 'proposed'] as const
/** How it came here first. */
export type RuleOrigin = (typeof RULE_ORIGINS)[number]

/** What lists show of a rule: an index over its text, made at each save. */
export interface RuleSummary extends Pick<
  RuleContent,
  'kind' | 'format' | 'title' | 'sigmaId' | 'name' | 'level' | 'status' | 'owner' | 'logsource'
> {
  readonly id: RuleId
  readonly state: RuleState
  readonly origin: RuleOrigin
  /** Of the newest version. */
  readonly version: number
  readonly contentHash: string
  readonly tags: readonly string[]
  /** Slug; it need not exist yet as a group of the workspace. */
  readonly group: string | null
  readonly errorCount: number
  readonly warningCount: number
  /** The first error in a sentence, for lists that say why. */
  readonly firstError: string | null
  readonly positiveTests: number
  readonly negativeTests: number
  /** What the tests of this text said last; null when they were not run. */
  readonly testVerdict: Verdict | null
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly updatedAt: Instant
  readonly updatedBy: Actor
}

export interface RuleVersion {
  readonly number: number
  readonly contentHash: string
  readonly reason: string
  readonly createdAt: Instant
  readonly createdBy: Actor
  /** The version whose text this one is again. */
  readonly restoredFrom: number | null
}

export interface VersionWithText extends RuleVersion {
  readonly text: string
}

export interface RuleWithText extends RuleSummary {
  readonly text: string
}

export interface RuleGroup {
  readonly id: GroupId
  readonly slug: string
  readonly name: string
  readonly ruleCount: number
}

/** Changes whenever the rule does: with its text, and with its state, which is no part of the text. */
export function revisionOf({ version, state }: Pick<RuleSummary, 'version' | 'state'>): string {
  return `${version}-${state}`
}

/** `expected` names versions or revisions. Throws `stale`. */
export function requireRevision(
  expected: ExpectedVersion,
  rule: Pick<RuleSummary, 'version' | 'state'>,
): void {
  const isVersion = expected !== 'any' && expected.has(String(rule.version))
  if (!isVersion) requireVersion(expected, revisionOf(rule))
}

/** The text as it is: a changed line end is another content. */
export function hashText(text: string): string {
  return sha256Hex(text)
}

/** What a save keeps of the problems of a text. */
export function countProblems(problems: readonly Problem[]) {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first] = errors
  return {
    errorCount: errors.length,
    warningCount: problems.filter(({ severity }) => severity === 'warning').length,
    firstError: first ? `${first.code}: ${first.message}`.slice(0, FIRST_ERROR_CHARS) : null,
  }
}

const FIRST_ERROR_CHARS = 300

/** Critical first when sorted downwards; 0 for a rule that says none. */
export function levelRank(level: Level | null): number {
  return level === null ? 0 : LEVELS.indexOf(level) + 1
}

/** What lists sort by: long titles and the case of letters decide nothing. */
export function sortTitle(title: string): string {
  return title.normalize('NFKC').toLowerCase().slice(0, SORT_CHARS)
}

const SORT_CHARS = 100

/** As they are looked for: in lower case, each once. */
export function tagsToFind(tags: readonly string[]): readonly string[] {
  return [...new Set(tags.map((tag) => tag.trim().toLowerCase().slice(0, TAG_CHARS)))].filter(
    (tag) => tag !== '',
  )
}

const TAG_CHARS = 200
