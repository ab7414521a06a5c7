// An upstream: rules of somebody else, brought as bundles. What its newest bundle would do to each rule
// here stands in a plan; a person decides what nobody else can, and a job applies it.

import type { Actor } from '#kernel/actor.ts'
import type { JobId, RuleId, UpstreamId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'

/**
 * What a document of the bundle is to the workspace. `clean` changed there and meets no change made
 * here, `conflict` does; `gone` is no longer in the bundle; `likely` may be where a rule here came
 * from, which a person confirms; `broken` cannot be kept, `left_out` is no rule to take.
 */
export const UPSTREAM_FINDINGS = [
  'clean',
  'conflict',
  'new',
  'likely',
  'deprecated',
  'gone',
  'replaced',
  'unchanged',
  'broken',
  'left_out',
] as const
export type UpstreamFinding = (typeof UPSTREAM_FINDINGS)[number]

/**
 * `merge` takes both and keeps ours where they meet, `theirs` takes both and takes theirs there, `mine`
 * leaves the rule as it is; `link` says that a rule came from here, `add` that it is another one.
 */
export const UPSTREAM_CHOICES = ['merge', 'theirs', 'mine', 'link', 'add'] as const
export type UpstreamChoice = (typeof UPSTREAM_CHOICES)[number]

/** What became of it; `stale` when somebody saved in the same moment. */
export const UPSTREAM_RESULTS = ['created', 'saved', 'same', 'kept', 'stale', 'refused'] as const
export type UpstreamResult = (typeof UPSTREAM_RESULTS)[number]

export const UPSTREAM_UPDATE_STATES = ['planning', 'open', 'applying'] as const

/** How the upstream regards its own rule by now. */
export type UpstreamStanding = 'followed' | 'deprecated' | 'gone' | 'replaced'

export interface Upstream {
  readonly id: UpstreamId
  readonly name: string
  readonly address: string | null
  readonly licence: string | null
  readonly author: string | null
  /** Number of its newest update; 0 before the first. */
  readonly latest: number
  readonly createdAt: Instant
  readonly createdBy: Actor
}

export interface UpstreamUpdate {
  readonly number: number
  readonly label: string
  readonly commit: string | null
  /** Hex SHA-256 over the paths and hashes of its files. */
  readonly digest: string
  readonly fileCount: number
  readonly state: (typeof UPSTREAM_UPDATE_STATES)[number]
  readonly jobId: JobId | null
  readonly createdAt: Instant
  readonly createdBy: Actor
}

export interface UpstreamItem {
  /** From 1, in the order of the files; what is gone follows. */
  readonly position: number
  readonly path: string
  readonly title: string | null
  readonly sigmaId: string | null
  /** Null until it is planned. */
  readonly finding: UpstreamFinding | null
  readonly problems: readonly Problem[]
  /** Places that both sides changed. */
  readonly conflicts: number
  readonly ruleId: RuleId | null
  /** Of the rule when this was planned. */
  readonly ruleVersion: number | null
  /** Sigma id of what replaces it. */
  readonly successor: string | null
  /** Percent, of a proposal. */
  readonly confidence: number | null
  readonly choice: UpstreamChoice | null
  readonly result: UpstreamResult | null
}

type Decided = Pick<UpstreamItem, 'finding' | 'conflicts' | 'choice' | 'confidence'>

/** The id of a rule here: no second rule can be made of it. */
export const SURE = 100

/** What a person may say about an item; nothing where nothing is asked. */
export function choicesFor({ finding, conflicts, confidence }: Decided): readonly UpstreamChoice[] {
  switch (finding) {
    case 'clean':
      return ['merge', 'mine']
    case 'conflict':
      return ['merge', 'theirs', 'mine']
    case 'deprecated':
    case 'replaced':
      return conflicts > 0 ? ['merge', 'theirs', 'mine'] : ['merge', 'mine']
    case 'likely':
      return confidence === SURE ? ['link', 'theirs'] : ['link', 'add']
    case 'new':
      return ['add']
    default:
      return []
  }
}

/** Whether the job may go on with it: a person was asked, or nobody needs to be. */
export function isDecided({ finding, conflicts, choice }: Decided, addsNew: boolean): boolean {
  switch (finding) {
    case 'new':
      return addsNew || choice === 'add'
    case 'likely':
      return choice !== null
    case 'broken':
    case 'left_out':
    case null:
      return false
    default:
      return conflicts === 0 || choice !== null
  }
}

type Counted = Decided & Pick<UpstreamItem, 'result'> & { readonly count: number }

export interface PlanSummary {
  readonly findings: Readonly<Partial<Record<UpstreamFinding, number>>>
  readonly results: Readonly<Partial<Record<UpstreamResult, number>>>
  /** What the job would go on with now, without and with rules that are not here yet. */
  readonly ready: number
  readonly addable: number
  /** What waits for a person. */
  readonly undecided: number
  /** Documents that are not planned yet. */
  readonly unplanned: number
}

export function summarisePlan(counts: readonly Counted[]): PlanSummary {
  const findings: Partial<Record<UpstreamFinding, number>> = {}
  const results: Partial<Record<UpstreamResult, number>> = {}
  let [ready, addable, undecided, unplanned] = [0, 0, 0, 0]
  for (const { count, ...one } of counts) {
    const { finding, result } = one
    if (finding === null) unplanned += count
    else findings[finding] = (findings[finding] ?? 0) + count
    if (result !== null) results[result] = (results[result] ?? 0) + count
    else if (isDecided(one, false)) ready += count
    else if (isDecided(one, true)) addable += count
    else if (choicesFor(one).length > 0) undecided += count
  }
  return { findings, results, ready, addable, undecided, unplanned }
}
