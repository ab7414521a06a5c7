// What a workspace has decided about itself: who must sign, how people come in, how long things are
// kept. One value, changed as a whole, so that every change names a version and two people who edit at
// once do not overwrite each other.

import { z } from 'zod'
import type { Actor } from '#kernel/actor.ts'
import { canonicalJson, type Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import { GroupPolicies, tightened } from './group-policy.ts'
import { onlyCloses, readWindows } from './windows.ts'

/** Every policy with the value of a new workspace. Off means as DOMAIN principle 10: a setting. */
export const Policy = z.strictObject({
  /** Changes need signatures of people who did not write them. */
  review: z.boolean().default(false),
  signatures: z.int().min(1).max(5).default(1),
  /** A signature is a passkey's assertion over the change's hash. */
  passkeySigning: z.boolean().default(false),
  /** A personal token that holds changes:sign may sign. */
  tokensMaySign: z.boolean().default(false),
  /** Days after which an approval that nobody used ends. */
  approvalDays: z.int().min(1).max(90).default(7),
  /** A rule without passing tests is not deployed. */
  testGate: z.boolean().default(false),
  /** Of a rule under a noise budget, how many alerts it would make has to be known. */
  budgetGate: z.boolean().default(false),
  /** When changes may be deployed, a line each (windows.ts). Empty: always. */
  windows: z
    .string()
    .max(2_000)
    .refine((text) => readWindows(text) !== undefined, 'holds a line that cannot be read')
    .default(''),
  /** Days a new rule runs silently before it may alert. 0: none. */
  soakDays: z.int().min(0).max(90).default(0),
  /** An engineer may exclude values or pause a rule at once, for 24 hours, reviewed afterwards. */
  hotfix: z.boolean().default(false),
  /** What groups of rules ask beyond that, by slug. */
  groups: GroupPolicies.default({}),
  /** Days that rows read from a SIEM are kept, sealed. 0: memory only. */
  evidenceDays: z.int().min(0).max(365).default(7),
  /** Days that audit entries are kept at least; the instance may keep them longer. */
  auditDays: z.int().min(365).max(36_500).default(365),
  /** Members must have a second factor before they may come in. */
  secondFactor: z.boolean().default(false),
  /** Longest life of an API token in days. */
  tokenDays: z.int().min(1).max(3_650).default(365),
  /** What a token of an agent may ask, unless an admin gave it a budget of its own. Days are UTC. */
  agentCallsPerMinute: z.int().min(1).max(6_000).default(120),
  agentCallsPerDay: z.int().min(1).max(1_000_000).default(10_000),
  agentRowsPerDay: z.int().min(0).max(10_000_000).default(100_000),
  agentSearchesPerDay: z.int().min(0).max(100_000).default(500),
  agentMegabytesPerDay: z.int().min(1).max(100_000).default(500),
})
export type Policy = z.infer<typeof Policy>

export const DEFAULT_POLICY: Policy = Object.freeze(Policy.parse({}))

export interface PolicyRow {
  readonly policy: Policy
  /** 0: nobody has decided anything yet. */
  readonly version: number
  readonly changedAt: Instant | null
  readonly changedBy: Actor | null
}

/** A policy that would weaken review, and waits for another admin. */
export interface PolicyProposal {
  readonly policy: Policy
  /** The one in force that it would follow. */
  readonly version: number
  readonly askedAt: Instant
  readonly askedBy: Actor
}

const WEAKER: { readonly [Name in keyof Policy]?: (from: Policy, to: Policy) => boolean } = {
  review: (from, to) => from.review && !to.review,
  signatures: (from, to) => to.signatures < from.signatures,
  approvalDays: (from, to) => to.approvalDays > from.approvalDays,
  passkeySigning: (from, to) => from.passkeySigning && !to.passkeySigning,
  tokensMaySign: (from, to) => !from.tokensMaySign && to.tokensMaySign,
  testGate: (from, to) => from.testGate && !to.testGate,
  budgetGate: (from, to) => from.budgetGate && !to.budgetGate,
  windows: (from, to) => !onlyCloses(from.windows, to.windows),
  soakDays: (from, to) => to.soakDays < from.soakDays,
  hotfix: (from, to) => !from.hotfix && to.hotfix,
}

/** Whether less would be asked of changes than now, of any group too. Nothing is, while review is off. */
export function weakensReview(from: Policy, to: Policy): boolean {
  if (from.review && isWeaker(from, to)) return true
  return Object.keys(from.groups).some((slug) => {
    const [before, after] = [tightened(from, [slug]), tightened(to, [slug])]
    if (!before.review) return false
    const windows = (name: 'windows') => [from, to].map((one) => one.groups[slug]?.[name] ?? '')
    const [old, now] = windows('windows') as [string, string]
    const plain = { windows: from.windows, groups: {} }
    return isWeaker({ ...before, ...plain }, { ...after, ...plain }) || !onlyCloses(old, now)
  })
}

function isWeaker(from: Policy, to: Policy): boolean {
  return Object.values(WEAKER).some((weakens) => weakens(from, to))
}

/** The names of the policies that differ, with both values: for the log and for people. */
export function differences(
  from: Policy,
  to: Policy,
): readonly { name: keyof Policy; from: Json; to: Json }[] {
  const names = Object.keys(DEFAULT_POLICY) as (keyof Policy)[]
  return names
    .filter((name) => textOf(from[name]) !== textOf(to[name]))
    .map((name) => ({ name, from: from[name] as Json, to: to[name] as Json }))
}

const textOf = (value: Policy[keyof Policy]) => canonicalJson(value)
