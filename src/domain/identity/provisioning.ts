// What a directory does with people: it tells who is there, and who has left. Leaving closes the door in
// the same write: the membership goes, sessions end, tokens are revoked. A workspace keeps its last admin
// and the accounts that are for the day the provider is away; a directory that would take them is refused,
// and the admins are told.

import { addUserIn } from '#domain/access/actions.ts'
import { PersonName } from '#domain/access/input.ts'
import { selectAdminsOf } from '#domain/access/members.ts'
import { permit } from '#domain/access/permission.ts'
import {
  findAccount,
  provideRole,
  withdrawRole,
  type FoundAccount,
} from '#domain/access/provided.ts'
import { revokeTokensOf } from '#domain/access/token-actions.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { findWorkspace } from '#domain/workspaces/actions.ts'
import { ID_PREFIXES, makeId, type ScimPersonId, type UserId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { deleteIdentityOf } from './identity-store.ts'
import { domainOf, mapGroups, type Provider } from './provider.ts'
import { patchPerson } from './scim-patch.ts'
import {
  invalid,
  namesOf,
  readPerson,
  ScimRefusal,
  type PersonFields,
  type ScimPerson,
} from './scim.ts'
import { equals } from './scim-filter.ts'
import { selectGroupsOf } from './scim-group-store.ts'
import {
  deletePerson,
  findPerson,
  insertPerson,
  selectPeople,
  setRefused,
  updatePerson,
  type Part,
} from './scim-store.ts'
import { findConfirmedDomain } from './store.ts'

/** Over which version of a thing a directory writes; undefined for any. */
export type Over = number | undefined

/** Throws `ScimRefusal` for a filter or an order of what is no attribute. */
export async function listPeople(
  house: House,
  caller: Caller,
  provider: Provider,
  part: Part,
): Promise<{ readonly people: readonly ScimPerson[]; readonly count: number }> {
  permit(caller, 'member.provide')
  const key = house.keys.purpose('row-mac')
  return selectPeople(house.db.read(caller.scope), key, provider.id, part)
}

/** Throws `ScimRefusal` 404 for somebody of another directory as for nobody. */
export async function getPerson(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
): Promise<ScimPerson> {
  permit(caller, 'member.provide')
  return loadPerson(house, house.db.read(caller.scope), provider, id)
}

/** Throws `ScimRefusal`: `uniqueness` for a user name that is there. */
export async function addPerson(
  house: House,
  caller: Caller,
  provider: Provider,
  body: unknown,
): Promise<ScimPerson> {
  permit(caller, 'member.provide')
  const fields = readPerson(body)
  return house.db.write(caller, async (tx) => {
    await refuseTaken(tx, house, provider, fields.userName)
    const person: ScimPerson = {
      ...fields,
      id: makeId(ID_PREFIXES.scimPerson, caller.now, house.random(10)),
      providerId: provider.id,
      workspaceId: provider.workspaceId,
      userId: null,
      version: 1,
      createdAt: caller.now,
      changedAt: caller.now,
    }
    await insertPerson(tx, house.keys.purpose('row-mac'), person)
    await record(tx, house, caller, 'add', person)
    return settle(tx, house, caller, provider, person)
  })
}

/** All of somebody anew, by PUT. Throws `ScimRefusal`. */
export function replacePerson(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
  { body, over }: { readonly body: unknown; readonly over: Over },
): Promise<ScimPerson> {
  permit(caller, 'member.provide')
  const fields = readPerson(body)
  return change(house, caller, provider, id, over, () => fields)
}

/** Some of somebody, by PATCH. Throws `ScimRefusal`. */
export function editPerson(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
  { body, over }: { readonly body: unknown; readonly over: Over },
): Promise<ScimPerson> {
  permit(caller, 'member.provide')
  return change(house, caller, provider, id, over, (before) => patchPerson(before, body))
}

/** They left: closes the door and forgets them. Throws `ScimRefusal`. */
export async function removePerson(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
  over: Over,
): Promise<void> {
  permit(caller, 'member.provide')
  await closing(house, caller, provider, id, async (tx) => {
    const person = await loadPerson(house, tx, provider, id)
    requireOver(over, person.version)
    await record(tx, house, caller, 'remove', person)
    await takeAway(tx, house, caller, person)
    if (person.userId !== null)
      await deleteIdentityOf(tx, { providerId: provider.id, userId: person.userId })
    await deletePerson(tx, id)
  })
}

function change(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
  over: Over,
  edit: (before: PersonFields) => PersonFields,
): Promise<ScimPerson> {
  return closing(house, caller, provider, id, async (tx) => {
    const before = await loadPerson(house, tx, provider, id)
    requireOver(over, before.version)
    const edited: ScimPerson = { ...before, ...edit(before) }
    if (edited.userName.toLowerCase() !== before.userName.toLowerCase()) {
      await refuseTaken(tx, house, provider, edited.userName)
    }
    const after = { ...edited, version: before.version + 1, changedAt: caller.now }
    if (isSame(before, edited)) return settle(tx, house, caller, provider, before)
    await updatePerson(tx, house.keys.purpose('row-mac'), after)
    await record(tx, house, caller, 'change', after)
    return settle(tx, house, caller, provider, after)
  })
}

/** A write that may take somebody's door; whoever must keep it is told of to the admins. */
async function closing<T>(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
  body: (tx: Tx) => Promise<T>,
): Promise<T> {
  try {
    return await house.db.write(caller, body)
  } catch (error) {
    if (error instanceof MustStay) await tellAdmins(house, caller, provider, id, error)
    throw error
  }
}

/**
 * Makes of somebody here what their directory says now: makes or finds the account, gives the role that
 * their groups have, or takes it. Within the write that changed them or a group of theirs.
 */
export async function settle(
  tx: Tx,
  house: House,
  caller: Caller,
  provider: Provider,
  person: ScimPerson,
): Promise<ScimPerson> {
  if (!person.isActive) {
    await takeAway(tx, house, caller, person)
    return person
  }
  const groups = await selectGroupsOf(tx, house.keys.purpose('row-mac'), person.id)
  const mapped = mapGroups(provider, groups.flatMap(namesOf))
  const account = await accountOf(tx, house, caller, provider, person)
  const { role } = mapped
  const isByHand =
    account?.membership !== undefined && account.membership.providerId !== provider.id
  if (isByHand && mapped.group === null) return link(tx, house, person, account?.user.id)
  if (role === null) {
    if (account?.membership)
      await takeAway(tx, house, caller, { ...person, userId: account.user.id })
    return person
  }
  const userId = account?.user.id ?? (await makeAccount(tx, house, caller, provider, person))
  if (userId === undefined) return person
  const given = { ...mapped, role, providerId: provider.id, askedBy: provider.changedBy }
  await provideRole(tx, house, caller, userId, given)
  return link(tx, house, person, userId)
}

async function link(
  tx: Tx,
  house: House,
  person: ScimPerson,
  userId: UserId | undefined,
): Promise<ScimPerson> {
  if (userId === undefined || person.userId === userId) return person
  const linked = { ...person, userId }
  await updatePerson(tx, house.keys.purpose('row-mac'), linked)
  return linked
}

/**
 * Who somebody is here. By their address only where an owner confirmed that its domain is this
 * provider's, and the account is a member of this workspace alone and no owner: a directory takes over
 * nobody's account.
 */
async function accountOf(
  tx: Tx,
  house: House,
  caller: Caller,
  provider: Provider,
  person: ScimPerson,
): Promise<FoundAccount | undefined> {
  if (person.userId !== null) return findAccount(tx, house, caller, { userId: person.userId })
  if (!(await isOwnAddress(tx, house, provider, person.email))) return undefined
  const found = await findAccount(tx, house, caller, { email: person.email! })
  const isHere = found?.membership !== undefined && found.elsewhere === 0 && !found.user.isOwner
  return isHere ? found : undefined
}

/** Undefined where nobody may be made: another domain, or an account that is somebody else's to connect. */
async function makeAccount(
  tx: Tx,
  house: House,
  caller: Caller,
  provider: Provider,
  person: ScimPerson,
): Promise<UserId | undefined> {
  const { email } = person
  if (person.userId !== null || !(await isOwnAddress(tx, house, provider, email))) return undefined
  if (await findAccount(tx, house, caller, { email: email! })) return undefined
  const named = PersonName.safeParse(nameOf(person))
  const name = named.success ? named.data : email!.slice(0, 80)
  const user = await addUserIn(tx, house, caller, { email: email!, name, isOwner: false })
  return user.id
}

/** Whether an owner confirmed that the domain of an address is the provider's. */
export async function isOwnAddress(
  tx: Parameters<typeof findConfirmedDomain>[0],
  house: House,
  provider: Provider,
  email: string | null,
): Promise<boolean> {
  const domain = email === null ? undefined : domainOf(email)
  if (domain === undefined) return false
  const confirmed = await findConfirmedDomain(tx, house.keys.purpose('row-mac'), domain)
  return confirmed?.providerId === provider.id
}

/** How people are called: what the directory shows, else their names, else how they sign in. */
export function nameOf({ displayName, givenName, familyName, userName }: PersonFields): string {
  const joined = [givenName, familyName].filter((part) => part !== null).join(' ')
  return displayName ?? (joined === '' ? userName : joined)
}

/** 409: who must stay. */
class MustStay extends ScimRefusal {
  readonly who: string
  constructor(who: string, why: string) {
    super(409, `${who} stays in the workspace: ${why}`)
    this.who = who
  }
}

async function takeAway(
  tx: Tx,
  house: House,
  caller: Caller,
  { userId }: Pick<ScimPerson, 'userId'>,
): Promise<void> {
  const account = userId === null ? undefined : await findAccount(tx, house, caller, { userId })
  if (account?.membership === undefined) return
  const { user, membership } = account
  if (membership.isBreakIn) {
    throw new MustStay(user.name, 'their account is for the day the provider is away.')
  }
  const isGone = await withdrawRole(tx, house, caller, user.id)
  if (!isGone)
    throw new MustStay(user.name, 'they are its last admin. Make somebody else one first.')
  await revokeTokensOf(tx, house, caller, user.id)
}

// Directories try again every hour or so; the admins hear of it once a day.
async function tellAdmins(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimPersonId,
  { who, message }: MustStay,
): Promise<void> {
  await house.audit.recordRefusal(caller, {
    verb: 'member.provide',
    target: id,
    code: 'conflict',
    data: { why: message },
  })
  await house.db.write(caller, async (tx) => {
    if (!(await setRefused(tx, id, caller.now, DAY))) return
    const workspace = (await findWorkspace(tx, provider.workspaceId))?.name ?? ''
    const data = { workspace, provider: provider.name, who }
    for (const userId of await selectAdminsOf(tx, house, caller)) {
      await tellPerson(tx, house, caller, { userId, kind: 'directory.refused', data })
    }
  })
}

async function loadPerson(
  house: House,
  db: Parameters<typeof findPerson>[0],
  provider: Provider,
  id: ScimPersonId,
): Promise<ScimPerson> {
  const person = await findPerson(db, house.keys.purpose('row-mac'), provider.id, id)
  return person ?? notThere()
}

export function notThere(): never {
  throw new ScimRefusal(404, 'There is nothing of this id.')
}

/** Throws 412 for another version. */
export function requireOver(over: Over, version: number): void {
  if (over !== undefined && over !== version) {
    throw new ScimRefusal(412, 'It was changed meanwhile. Read it again.')
  }
}

async function refuseTaken(
  tx: Tx,
  house: House,
  provider: Provider,
  userName: string,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const filter = equals('username', userName)
  const { count } = await selectPeople(tx, key, provider.id, { filter, offset: 0, limit: 1 })
  if (count > 0) {
    throw new ScimRefusal(409, 'Somebody has this userName already.', { scimType: 'uniqueness' })
  }
  const everybody = await selectPeople(tx, key, provider.id, { offset: 0, limit: 0 })
  if (everybody.count >= PEOPLE_MAX)
    invalid(`A directory tells of ${PEOPLE_MAX} people.`, 'tooMany')
}

const PEOPLE_MAX = 50_000

function isSame(a: ScimPerson, b: ScimPerson): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

async function record(
  tx: Tx,
  house: House,
  caller: Caller,
  act: 'add' | 'change' | 'remove',
  person: ScimPerson,
): Promise<void> {
  const { id, userName, isActive, email } = person
  await house.audit.record(tx, caller, {
    action: `scim.user.${act}`,
    target: id,
    data: { isActive },
    personal: { ...caller.personal, userName, email },
  })
}
