// What a directory does with groups: it names them and says who is in them. A group that the provider
// maps to a role changes what its people are here, in the same write.

import { permit } from '#domain/access/permission.ts'
import { ID_PREFIXES, isId, makeId, type ScimGroupId, type ScimPersonId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Provider } from './provider.ts'
import { notThere, requireOver, settle, type Over } from './provisioning.ts'
import { patchGroup, type GroupChange } from './scim-patch.ts'
import {
  invalid,
  namesOf,
  readGroup,
  ScimRefusal,
  type GroupFields,
  type ScimGroup,
} from './scim.ts'
import { equals } from './scim-filter.ts'
import {
  deleteGroup,
  deleteMember,
  findGroup,
  findPerson,
  insertGroup,
  insertMember,
  selectGroups,
  selectMembers,
  updateGroup,
  type Part,
} from './scim-store.ts'

/** A group with who is in it, by name. */
export interface WholeGroup {
  readonly group: ScimGroup
  readonly members: ReadonlyMap<ScimPersonId, string>
}

/** More than one write holds: directories send some dozens at a time. */
const CHANGES_MAX = 2_000
const GROUPS_MAX = 10_000

/** Throws `ScimRefusal` for a filter or an order of what is no attribute. */
export async function listGroups(
  house: House,
  caller: Caller,
  provider: Provider,
  { withMembers, ...part }: Part & { readonly withMembers: boolean },
): Promise<{ readonly groups: readonly WholeGroup[]; readonly count: number }> {
  permit(caller, 'member.provide')
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  const { groups, count } = await selectGroups(db, key, provider.id, part)
  const whole: WholeGroup[] = []
  for (const group of groups) {
    const members = withMembers ? await selectMembers(db, key, group.id) : new Map()
    whole.push({ group, members })
  }
  return { groups: whole, count }
}

/** Throws `ScimRefusal` 404 for a group of another directory as for none. */
export async function getGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  withMembers: boolean,
): Promise<WholeGroup> {
  permit(caller, 'member.provide')
  const db = house.db.read(caller.scope)
  if (withMembers) return load(house, db, provider, id)
  const group = await findGroup(db, house.keys.purpose('row-mac'), provider.id, id)
  return { group: group ?? notThere(), members: new Map() }
}

/** Throws `ScimRefusal`: `uniqueness` for a name that is there. */
export async function addGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  body: unknown,
): Promise<WholeGroup> {
  permit(caller, 'member.provide')
  const { fields, members } = readGroup(body)
  const key = house.keys.purpose('row-mac')
  return house.db.write(caller, async (tx) => {
    await refuseTaken(tx, house, provider, fields)
    const { count } = await selectGroups(tx, key, provider.id, { offset: 0, limit: 0 })
    if (count >= GROUPS_MAX) invalid(`A directory tells of ${GROUPS_MAX} groups.`, 'tooMany')
    const group: ScimGroup = {
      ...fields,
      id: makeId(ID_PREFIXES.scimGroup, caller.now, house.random(10)),
      providerId: provider.id,
      workspaceId: provider.workspaceId,
      version: 1,
      createdAt: caller.now,
      changedAt: caller.now,
    }
    await insertGroup(tx, key, group)
    const before = { fields, members: new Set<string>() }
    const after = { fields, members: new Set(members) }
    await record(tx, house, caller, 'add', group, members.length)
    await moveMembers(tx, house, caller, provider, group, before, after)
    return load(house, tx, provider, group.id)
  })
}

/** All of it anew, by PUT. Throws `ScimRefusal`. */
export function replaceGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  { body, over }: { readonly body: unknown; readonly over: Over },
): Promise<WholeGroup> {
  permit(caller, 'member.provide')
  const { fields, members } = readGroup(body)
  const after = { fields, members: new Set(members) }
  return change(house, caller, provider, id, over, () => after)
}

/** Some of it, by PATCH. Throws `ScimRefusal`. */
export function editGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  { body, over }: { readonly body: unknown; readonly over: Over },
): Promise<WholeGroup> {
  permit(caller, 'member.provide')
  return change(house, caller, provider, id, over, (before) => patchGroup(before, body))
}

/** Its people lose what it gave them. Throws `ScimRefusal`. */
export async function removeGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  over: Over,
): Promise<void> {
  permit(caller, 'member.provide')
  await house.db.write(caller, async (tx) => {
    const { group, members } = await load(house, tx, provider, id)
    requireOver(over, group.version)
    await record(tx, house, caller, 'remove', group, members.size)
    const before = { fields: group, members: new Set<string>(members.keys()) }
    await moveMembers(tx, house, caller, provider, group, before, {
      fields: group,
      members: new Set(),
    })
    await deleteGroup(tx, id)
  })
}

function change(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  over: Over,
  edit: (before: GroupChange) => GroupChange,
): Promise<WholeGroup> {
  return house.db.write(caller, async (tx) => {
    const { group, members } = await load(house, tx, provider, id)
    requireOver(over, group.version)
    const { displayName, externalId } = group
    const before = { fields: { displayName, externalId }, members: new Set<string>(members.keys()) }
    const after = edit(before)
    if (isSame(before, after)) return { group, members }
    if (after.fields.displayName.toLowerCase() !== displayName.toLowerCase()) {
      await refuseTaken(tx, house, provider, after.fields)
    }
    const version = group.version + 1
    const next: ScimGroup = { ...group, ...after.fields, version, changedAt: caller.now }
    await updateGroup(tx, house.keys.purpose('row-mac'), next)
    await record(tx, house, caller, 'change', next, after.members.size)
    await moveMembers(tx, house, caller, provider, next, before, after)
    return load(house, tx, provider, id)
  })
}

function isSame(before: GroupChange, after: GroupChange): boolean {
  const { displayName, externalId } = after.fields
  return (
    before.fields.displayName === displayName &&
    before.fields.externalId === externalId &&
    before.members.size === after.members.size &&
    before.members.isSubsetOf(after.members)
  )
}

/** Who came and who went; where the group gives a role, all whom that touches are settled anew. */
async function moveMembers(
  tx: Tx,
  house: House,
  caller: Caller,
  provider: Provider,
  { id: groupId }: ScimGroup,
  before: GroupChange,
  after: GroupChange,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const came = [...after.members].filter((id) => !before.members.has(id))
  const went = [...before.members].filter((id) => !after.members.has(id))
  if (came.length + went.length > CHANGES_MAX) {
    invalid(`One request changes at most ${CHANGES_MAX} members.`, 'tooMany')
  }
  for (const id of came) {
    if (!isId(ID_PREFIXES.scimPerson, id)) invalid('A member is nobody who was told of.')
    const person = await findPerson(tx, key, provider.id, id)
    if (!person) invalid('A member is nobody who was told of.')
    await insertMember(tx, key, { groupId, personId: person.id })
  }
  for (const id of went) await deleteMember(tx, { groupId, personId: id as ScimPersonId })
  const isRenamed = namesOf(before.fields).join('\n') !== namesOf(after.fields).join('\n')
  const isMapped = [before, after].some(({ fields }) => givesRole(provider, fields))
  if (!isMapped) return
  const touched = isRenamed
    ? new Set([...came, ...went, ...after.members])
    : new Set([...came, ...went])
  if (touched.size > CHANGES_MAX)
    invalid(`A group with a role has at most ${CHANGES_MAX} members.`, 'tooMany')
  for (const id of touched) {
    const person = await findPerson(tx, key, provider.id, id as ScimPersonId)
    if (person?.isActive === true) await settle(tx, house, caller, provider, person)
  }
}

function givesRole({ groupRoles }: Provider, fields: GroupFields): boolean {
  const names = namesOf(fields)
  return groupRoles.some(({ group }) => names.includes(group))
}

async function load(
  house: House,
  db: Parameters<typeof findGroup>[0],
  provider: Provider,
  id: ScimGroupId,
): Promise<WholeGroup> {
  const key = house.keys.purpose('row-mac')
  const group = (await findGroup(db, key, provider.id, id)) ?? notThere()
  return { group, members: await selectMembers(db, key, id) }
}

async function refuseTaken(
  tx: Tx,
  house: House,
  provider: Provider,
  { displayName }: GroupFields,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const filter = equals('displayname', displayName)
  const { count } = await selectGroups(tx, key, provider.id, { filter, offset: 0, limit: 0 })
  if (count > 0) {
    throw new ScimRefusal(409, 'A group has this name already.', { scimType: 'uniqueness' })
  }
}

async function record(
  tx: Tx,
  house: House,
  caller: Caller,
  act: 'add' | 'change' | 'remove',
  { id, displayName }: ScimGroup,
  members: number,
): Promise<void> {
  const data = { name: displayName, members }
  await house.audit.record(tx, caller, { action: `scim.group.${act}`, target: id, data })
}
