// What a group of rules asks beyond its workspace. Each part can only ask for more: what holds for a
// change is the strictest of the workspace and of all groups of its rules, so there is no word for less.
// Pure.

import { z } from 'zod'
import type { Policy } from './policy.ts'
import { readWindows } from './windows.ts'

export const GroupPolicy = z.strictObject({
  review: z.literal(true).optional(),
  signatures: z.int().min(2).max(5).optional(),
  passkeySigning: z.literal(true).optional(),
  testGate: z.literal(true).optional(),
  soakDays: z.int().min(1).max(90).optional(),
  /** Beside those of the workspace: both have to be open. */
  windows: z
    .string()
    .min(1)
    .max(2_000)
    .refine((text) => readWindows(text) !== undefined, 'holds a line that cannot be read')
    .optional(),
})
export type GroupPolicy = z.infer<typeof GroupPolicy>

export const GROUPS_MAX = 500

/** By slug. */
export const GroupPolicies = z
  .record(z.string().max(64), GroupPolicy)
  .refine((groups) => Object.keys(groups).length <= GROUPS_MAX, `names up to ${GROUPS_MAX} groups`)
export type GroupPolicies = z.infer<typeof GroupPolicies>

export interface Tightened extends Omit<Policy, 'windows'> {
  /** All of them have to be open. */
  readonly windows: readonly string[]
}

/** The strictest of the workspace and of these groups. */
export function tightened(policy: Policy, groups: readonly string[]): Tightened {
  const own = groups.flatMap((slug) => policy.groups[slug] ?? [])
  const some = (name: 'review' | 'passkeySigning' | 'testGate') =>
    policy[name] || own.some((one) => one[name] === true)
  const most = (name: 'signatures' | 'soakDays') =>
    Math.max(policy[name], ...own.map((one) => one[name] ?? 0))
  return {
    ...policy,
    review: some('review'),
    passkeySigning: some('passkeySigning'),
    testGate: some('testGate'),
    signatures: most('signatures'),
    soakDays: most('soakDays'),
    windows: [policy.windows, ...own.flatMap(({ windows }) => windows ?? [])],
  }
}

/** Whether anything here is reviewed: for what is about rules of any group. */
export function asksReview({ review, groups }: Policy): boolean {
  return review || Object.values(groups).some((one) => one.review === true)
}
