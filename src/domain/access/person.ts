// Who uses the product. A user belongs to the instance; a membership gives them a role in one
// workspace. A person is a user together with every membership: what a session stands for.

import type { Actor } from '#kernel/actor.ts'
import type { ProviderId, UserId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Flag, Role } from './permission.ts'

export interface User {
  readonly id: UserId
  /** Lower case, unique. Null once the person was erased. */
  readonly email: string | null
  readonly name: string
  /** Suspended: may not come in. Erased: their personal data is gone, the id stays in the log. */
  readonly state: 'active' | 'suspended' | 'erased'
  readonly isOwner: boolean
  /** PHC string of Argon2id; null for somebody who comes in by other means only. */
  readonly passwordHash: string | null
  readonly passwordChangedAt: Instant | null
  /** Of fewer characters than a password must have that stands alone. */
  readonly isPasswordShort: boolean
  /** Names the second factors there are; null while nobody has named any. */
  readonly factorSet: string | null
  /** IANA name, for display; null: the browser's. */
  readonly timeZone: string | null
  readonly createdAt: Instant
  readonly createdBy: Actor
}

/** `asked`: an admin wants it, and it takes effect when another admin confirms. */
export type ApproverState = 'no' | 'asked' | 'yes'

export interface MembershipRow {
  readonly workspaceId: WorkspaceId
  readonly userId: UserId
  readonly role: Role
  readonly isAuditor: boolean
  readonly approver: ApproverState
  readonly approverAskedBy: Actor | null
  /** The identity provider that gives the role; null where a person does. */
  readonly providerId: ProviderId | null
  /** Signs in by a password where single sign-on is enforced: for the day the provider is away. */
  readonly isBreakIn: boolean
  readonly createdAt: Instant
  readonly createdBy: Actor
}

/** A membership as its member sees it. */
export interface Membership {
  readonly workspaceId: WorkspaceId
  readonly slug: string
  readonly name: string
  readonly role: Role
  readonly flags: readonly Flag[]
}

export interface Person {
  readonly userId: UserId
  readonly name: string
  readonly email: string | null
  /** By the workspace's name. */
  readonly memberships: readonly Membership[]
  /** Holds the verbs of the whole instance. */
  readonly isOwner: boolean
  /** They have more than is listed here, which this session does not lead to. */
  readonly hasMore: boolean
}

/** What the role is joined by. A flag that waits for confirmation gives nothing. */
export function flagsOf(row: Pick<MembershipRow, 'isAuditor' | 'approver'>): readonly Flag[] {
  return [
    ...(row.approver === 'yes' ? (['approver'] as const) : []),
    ...(row.isAuditor ? (['auditor'] as const) : []),
  ]
}
