// The people everyone knows, in tests that serve routes of their own: ada (admin of acme and owner),
// ravi (engineer), vera (viewer), and gwen, who is admin of globex. They are real rows, with short ids.

import type { Membership, Person } from '#domain/access/person.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { insertMembership, insertUser } from '#domain/access/user-store.ts'
import { insertWorkspace } from '#domain/workspaces/store.ts'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'

function member(slug: string, role: Membership['role']): Membership {
  return { workspaceId: `wsp_${slug}` as WorkspaceId, slug, name: slug, role, flags: [] }
}

function person(name: string, membership: Membership, isOwner = false): Person {
  const email = `${name}@${membership.slug}.example`
  return {
    userId: `usr_${name}` as UserId,
    name,
    email,
    memberships: [membership],
    isOwner,
    hasMore: false,
  }
}

export const ada = person('ada', member('acme', 'admin'), true)
export const ravi = person('ravi', member('acme', 'engineer'))
export const vera = person('vera', member('acme', 'viewer'))
/** Of the other workspace. */
export const gwen = person('gwen', member('globex', 'admin'))

/** Makes both workspaces and the cast. */
export async function addCast(house: House): Promise<void> {
  const caller = systemCaller(house, 'test')
  const key = house.keys.purpose('row-mac')
  const made = { createdAt: caller.now, createdBy: caller.actor }
  await house.db.write(caller, async (tx) => {
    for (const slug of ['acme', 'globex']) {
      const id = `wsp_${slug}` as WorkspaceId
      await insertWorkspace(tx, key, {
        id,
        slug,
        name: slug,
        createdAt: caller.now,
        suspendedAt: null,
      })
    }
    for (const { userId, name, email, isOwner, memberships } of [ada, ravi, vera, gwen]) {
      await insertUser(tx, key, {
        ...made,
        id: userId,
        name,
        email,
        isOwner,
        state: 'active',
        timeZone: null,
        passwordHash: null,
        passwordChangedAt: null,
        isPasswordShort: false,
        factorSet: null,
      })
      for (const { workspaceId, role } of memberships) {
        await insertMembership(tx, key, {
          ...made,
          workspaceId,
          userId,
          role,
          isAuditor: false,
          approver: 'no',
          approverAskedBy: null,
          providerId: null,
          isBreakIn: false,
        })
      }
    }
  })
}

/** The value of a cookie that this person is signed in with. */
export function enter(
  house: House,
  sessions: Sessions,
  { userId }: Pick<Person, 'userId'>,
): Promise<string> {
  return sessions.start(systemCaller(house, 'test'), { userId, factors: ['link'] })
}
