// A link that lets somebody in once: to claim the install, to accept an invitation, to choose a new
// password. Only the digest of its token is stored, so a stolen database opens nothing with it.

import type { Actor } from '#kernel/actor.ts'
import type { LinkId, UserId, WorkspaceId } from '#kernel/id.ts'
import { DAY, MINUTE, type Instant } from '#kernel/time.ts'
import type { Role } from './permission.ts'

export type LinkPurpose = 'claim' | 'invite' | 'reset'

export interface AccessLink {
  /** Hex SHA-256 of the token: names the link, cannot open it. */
  readonly key: string
  readonly id: LinkId
  readonly purpose: LinkPurpose
  /** Whose password a reset changes; null for the others: they make or find their person. */
  readonly userId: UserId | null
  /** Where an invitation leads. */
  readonly workspaceId: WorkspaceId | null
  /** Who was invited, in lower case. */
  readonly email: string | null
  readonly role: Role | null
  readonly isApprover: boolean
  readonly isAuditor: boolean
  readonly createdBy: Actor
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

/** A claim also ends with the next start of the server, which prints another. */
export const LINK_LIFE_MS: Readonly<Record<LinkPurpose, number>> = {
  claim: 7 * DAY,
  invite: 7 * DAY,
  reset: 30 * MINUTE,
}

/** False once it is over, and for one from the future: then the clock was set back. */
export function isLinkLive(link: AccessLink, now: Instant): boolean {
  return now < link.expiresAt && link.createdAt - now < MINUTE
}
