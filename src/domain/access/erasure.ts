// What a person may ask for under data protection law: everything that is kept about them, and to be
// forgotten. Erased means that name, addresses and whatever lets them in are gone; the id stays, so
// that the audit log still says that one person did these things, and its hashes still hold. Copies in
// backups are not reached: a restore says so.

import { forgetPerson, readNotices } from '#domain/messages/actions.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { forbidden } from '#kernel/error.ts'
import { INSTANCE_WORKSPACE, type UserId } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { listEntries, type AuditFilter, type AuditItem } from '#platform/audit/list.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { deleteInvitationsOf, selectInvitationsOf } from './link-store.ts'
import { keepAnOwner, loadOther } from './people.ts'
import { deleteRowsOf, selectRowsOf } from './people-store.ts'
import { permit } from './permission.ts'
import type { User } from './person.ts'
import { findUser, updateUser } from './user-store.ts'

/** Shown wherever the name of an erased person would stand. */
const ERASED_NAME = 'Erased person'

const ENTRIES_A_PAGE = 500

/** Everything about one person, as JSON. What others wrote in a workspace is not theirs and not in it. */
export async function exportPerson(house: House, caller: Caller, id: UserId) {
  permit(caller, 'user.export')
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  const user = await findUser(db, key, id)
  if (!user) throw forbidden()
  const { passwordHash, factorSet: _, ...known } = user
  const entries = [
    ...(await entriesOf(house, caller, { actor: id })),
    ...(await entriesOf(house, caller, { target: id })).filter(({ actor }) => actor !== id),
  ]
  await house.db.write(caller, (tx) =>
    house.audit.record(tx, caller, { action: 'user.export', target: id, data: {} }),
  )
  return {
    exportedAt: formatInstant(caller.now),
    user: { ...known, hasPassword: passwordHash !== null },
    ...(await selectRowsOf(db, id)),
    notices: await readNotices(house, caller, id),
    // What an entry records beside the act may be the workspace's; the act itself is the person's.
    audit: entries.map(({ at, workspaceId, actor, action, target, outcome, personal }) => {
      return { at, workspaceId, actor, action, target, outcome, personal }
    }),
  }
}

/** Forgets what others keep of somebody, and names whatever the log tells of them by another id. */
export type Forgetting = (tx: Tx, user: User) => Promise<readonly string[]>

/**
 * Forgets somebody. Throws `conflict` for oneself and for the last owner. Returns how many entries of
 * the log lost a name or an address.
 */
export async function erasePerson(
  house: House,
  caller: Caller,
  id: UserId,
  forget: Forgetting,
): Promise<number> {
  permit(caller, 'user.erase')
  const key = house.keys.purpose('row-mac')
  const accepted = await entriesOf(house, caller, { actor: id, action: 'invitation.accept' })
  return house.db.write(caller, async (tx) => {
    const user = await loadOther(tx, house, caller, id)
    if (user.isOwner && user.state === 'active') await keepAnOwner(tx)
    const open = await selectInvitationsOf(tx, key, user.email!)
    const told = await forget(tx, user)
    await deleteRowsOf(tx, id)
    await forgetPerson(tx, id)
    await deleteInvitationsOf(tx, user.email!)
    await updateUser(tx, key, {
      ...user,
      email: null,
      name: ERASED_NAME,
      state: 'erased',
      isOwner: false,
      passwordHash: null,
      passwordChangedAt: null,
      isPasswordShort: false,
      factorSet: null,
      timeZone: null,
    })
    await house.audit.record(tx, caller, { action: 'user.erase', target: id, data: {} })
    // Their address stands in the entries of the invitations they got, too.
    const invited = [...accepted.map(({ target }) => target), ...open.map((link) => link.id)]
    const subjects = [id, ...told, ...invited]
    let erased = 0
    for (const subject of subjects) erased += await house.audit.erasePersonal(tx, caller, subject)
    return erased
  })
}

type FoundEntry = AuditItem & { readonly workspaceId: string }

async function entriesOf(
  house: House,
  caller: Caller,
  filter: AuditFilter,
): Promise<readonly FoundEntry[]> {
  const workspaces = await listWorkspaces(house, caller)
  const found: FoundEntry[] = []
  for (const workspaceId of [INSTANCE_WORKSPACE, ...workspaces.map((one) => one.id)]) {
    let before: number | null | undefined
    while (before !== null) {
      const page = { limit: ENTRIES_A_PAGE, ...(before !== undefined && { before }) }
      const { items, before: next } = await house.db.inspect(listEntries(workspaceId, filter, page))
      found.push(...items.map((item) => ({ ...item, workspaceId })))
      before = next
    }
  }
  return found
}
