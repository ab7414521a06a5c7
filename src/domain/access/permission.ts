// The one table of who may do what (DOMAIN.md, Roles). Actions consult it first, pages hide what it
// denies, `rulewright routes` prints it. A verb is `noun.act`; a role or flag holds a set of verbs; a
// token holds a part of its maker's set.

import { forbidden } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'

export const ROLES = ['admin', 'engineer', 'analyst', 'viewer'] as const
export type Role = (typeof ROLES)[number]
export type Flag = 'owner' | 'approver' | 'auditor'

/** Who holds each verb: roles of the workspace, or flags beside the role. */
const HOLDERS = {
  'workspace.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'rule.check': ['admin', 'engineer', 'analyst', 'viewer'],
  'rule.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'rule.write': ['admin', 'engineer'],
  'rule.test': ['admin', 'engineer', 'analyst'],
  'exclusion.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'exclusion.write': ['admin', 'engineer'],
  'event.read': ['admin', 'engineer', 'analyst'],
  'event.write': ['admin', 'engineer'],
  'event.tend': [],
  'target.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'target.write': ['admin'],
  'drift.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'drift.resolve': ['admin', 'engineer'],
  'mapping.write': ['admin', 'engineer'],
  'health.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'health.tend': [],
  'disposition.write': ['admin', 'engineer', 'analyst'],
  'budget.write': ['admin'],
  'deployment.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'deployment.run': ['admin', 'engineer'],
  'search.run': ['admin', 'engineer', 'analyst'],
  'change.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'change.write': ['admin', 'engineer'],
  'change.breakglass': ['admin'],
  'hotfix.make': ['admin', 'engineer'],
  'change.sign': ['admin', 'engineer', 'approver'],
  'job.read': ['admin', 'engineer', 'analyst', 'viewer', 'owner'],
  'job.cancel': ['admin', 'engineer', 'analyst', 'owner'],
  'audit.read': ['admin', 'auditor', 'owner'],
  'audit.verify': ['owner'],
  'audit.retain': ['owner'],
  'workspace.add': ['owner'],
  'workspace.suspend': ['owner'],
  'workspace.enter': ['owner'],
  'workspace.rename': ['admin'],
  'policy.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'policy.change': ['admin'],
  'user.read': ['owner'],
  'user.add': ['owner'],
  'user.change': ['owner'],
  'user.export': ['owner'],
  'user.erase': ['owner'],
  'member.read': ['admin'],
  'member.add': ['admin'],
  'member.change': ['admin'],
  'member.remove': ['admin'],
  'token.read': ['admin', 'engineer', 'analyst', 'viewer'],
  'token.add': ['admin', 'engineer', 'analyst', 'viewer'],
  'token.revoke': ['admin', 'engineer', 'analyst', 'viewer'],
  'token.manage': ['admin'],
  'workspace.list': ['owner'],
  'workspace.rotate_key': ['admin', 'owner'],
  'workspace.reseal': [],
  'backup.read': ['owner'],
  'backup.create': ['owner'],
  'database.check': ['owner'],
  'instance.read': ['owner'],
  'attack.import': ['owner'],
  'instance.release': ['owner'],
  'secret.rotate': ['owner'],
  'provider.read': ['admin'],
  'provider.manage': ['admin'],
  'member.provide': [],
  'domain.confirm': ['owner'],
  'audit.export': ['admin', 'auditor', 'owner'],
} as const satisfies Record<string, readonly (Role | Flag)[]>

export type Verb = keyof typeof HOLDERS
export const VERBS = Object.keys(HOLDERS) as readonly Verb[]

/** The verbs of a member: those of the role and of each flag. */
export function verbsOf(role: Role | null, flags: readonly Flag[] = []): ReadonlySet<Verb> {
  const held = new Set<string>(role === null ? flags : [role, ...flags])
  return new Set(VERBS.filter((verb) => HOLDERS[verb].some((holder) => held.has(holder))))
}

/** Everything: for the product itself and for whoever holds the data directory. */
export const ALL_VERBS: ReadonlySet<Verb> = new Set(VERBS)

export function can(caller: Caller, verb: Verb): boolean {
  return caller.verbs.has(verb)
}

/**
 * The first line of an action. Throws `forbidden`, the same as for a row that does not exist; `lacks`
 * among its details names the verb, for a door that can say which scope a token lacks.
 */
export function permit(caller: Caller, verb: Verb): void {
  if (!can(caller, verb)) throw forbidden({ lacks: verb })
}
