// What a directory does with groups: it names them and says who is in them. A group that the provider
// maps to a role changes what its people are here, in the same write as their place in it.

import { permit } from '#domain/access/permission.ts'
import { ID_PREFIXES, makeId, type ScimGroupId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { movePeople, piecesOf, planMoves, type Moves } from './group-moves.ts'
import type { Provider } from './provider.ts'
import { notThere, requireOver, type Over } from './provisioning.ts'
import { equals } from './scim-filter.ts'
import {
  countMembers,
  deleteGroup,
  findGroup,
  insertGroup,
  selectGroups,
  selectMembers,
  updateGroup,
  type Member,
} from './scim-group-store.ts'
import { patchGroup, type GroupChange } from './scim-patch.ts'
import { invalid, readGroup, ScimRefusal, type GroupFields, type ScimGroup } from './scim.ts'
import type { Part } from './scim-store.ts'

/** A group with who is in it, by id; nobody where that was not asked for. */
export interface WholeGroup {
  readonly group: ScimGroup
  readonly members: readonly Member[]
}

const GROUPS_MAX = 10_000
/** People that one answer names. */
const MEMBERS_SHOWN_MAX = 20_000
const MEMBERS_A_TURN = 500

/** Throws `ScimRefusal` for a filter or an order of what is no attribute, and for more than an answer holds. */
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
  let left = MEMBERS_SHOWN_MAX
  const whole: WholeGroup[] = []
  for (const group of groups) {
    left -= withMembers ? await countMembers(db, group.id) : 0
    if (left < 0) {
      const advice = 'Ask for fewer groups, or with excludedAttributes=members.'
      invalid(`These groups have more than ${MEMBERS_SHOWN_MAX} people. ${advice}`, 'tooMany')
    }
    whole.push({ group, members: withMembers ? await membersOf(house, caller, group) : [] })
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
  const group = await load(house, house.db.read(caller.scope), provider, id)
  return { group, members: withMembers ? await membersOf(house, caller, group) : [] }
}

async function membersOf(
  house: House,
  { scope }: Caller,
  { id }: ScimGroup,
): Promise<readonly Member[]> {
  const key = house.keys.purpose('row-mac')
  const members: Member[] = []
  for (;;) {
    const page = { after: members.at(-1)?.id, limit: MEMBERS_A_TURN }
    const found = await selectMembers(house.db.read(scope), key, id, page)
    members.push(...found)
    if (found.length < MEMBERS_A_TURN) return members
    await nextTurn()
  }
}

/** Throws `ScimRefusal`: `uniqueness` for a name that is there. */
export async function addGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  body: unknown,
): Promise<ScimGroup> {
  permit(caller, 'member.provide')
  const { fields, members } = readGroup(body)
  const key = house.keys.purpose('row-mac')
  const made = await house.db.write(caller, async (tx) => {
    await refuseTaken(tx, house, provider, fields)
    const { count } = await selectGroups(tx, key, provider.id, { offset: 0, limit: 0 })
    if (count >= GROUPS_MAX) invalid(`A directory tells of ${GROUPS_MAX} groups.`, 'tooMany')
    const group: ScimGroup = {
      ...fields,
      id: makeId(ID_PREFIXES.scimGroup, caller.now, house.random(10)),
      providerId: provider.id,
      workspaceId: provider.workspaceId,
      isSettled: true,
      version: 1,
      createdAt: caller.now,
      changedAt: caller.now,
    }
    await insertGroup(tx, key, group)
    const moves = await planMoves(tx, house, provider, group, {
      fields,
      isAnew: false,
      come: new Set(members),
      go: new Set(),
    })
    const [first, ...rest] = piecesOf(moves)
    await record(tx, house, caller, 'add', group, first)
    if (first) await movePeople(tx, house, caller, provider, group, first)
    return { group, rest }
  })
  await moveRest(house, caller, provider, made)
  return made.group
}

/** All of it anew, by PUT. Throws `ScimRefusal`. */
export function replaceGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  { body, over }: { readonly body: unknown; readonly over: Over },
): Promise<ScimGroup> {
  permit(caller, 'member.provide')
  const { fields, members } = readGroup(body)
  const after = { fields, isAnew: true, come: new Set(members), go: new Set<string>() }
  return change(house, caller, provider, id, over, () => after)
}

/** Some of it, by PATCH. Throws `ScimRefusal`. */
export function editGroup(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  { body, over }: { readonly body: unknown; readonly over: Over },
): Promise<ScimGroup> {
  permit(caller, 'member.provide')
  return change(house, caller, provider, id, over, ({ displayName, externalId }) =>
    patchGroup({ displayName, externalId }, body),
  )
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
  const nobody = { isAnew: true, come: new Set<string>(), go: new Set<string>() }
  const pieces = await house.db.write(caller, async (tx) => {
    const group = await load(house, tx, provider, id)
    requireOver(over, group.version)
    const moves = await planMoves(tx, house, provider, group, { fields: group, ...nobody })
    const found = piecesOf(moves)
    if (found.length < 2) await drop(tx, house, caller, provider, group, found[0])
    return { group, rest: found.slice(0, -1), last: found.at(-1) }
  })
  if (pieces.rest.length === 0) return
  await moveRest(house, caller, provider, pieces)
  await nextTurn()
  await house.db.write(caller, (tx) => drop(tx, house, caller, provider, pieces.group, pieces.last))
}

async function drop(
  tx: Tx,
  house: House,
  caller: Caller,
  provider: Provider,
  group: ScimGroup,
  last: Moves | undefined,
): Promise<void> {
  await record(tx, house, caller, 'remove', group, last)
  if (last) await movePeople(tx, house, caller, provider, group, last)
  await deleteGroup(tx, group.id)
}

async function change(
  house: House,
  caller: Caller,
  provider: Provider,
  id: ScimGroupId,
  over: Over,
  edit: (before: ScimGroup) => GroupChange,
): Promise<ScimGroup> {
  const changed = await house.db.write(caller, async (tx) => {
    const before = await load(house, tx, provider, id)
    requireOver(over, before.version)
    const after = edit(before)
    const moves = await planMoves(tx, house, provider, before, after)
    const [first, ...rest] = piecesOf(moves)
    if (!first && before.isSettled && isSame(before, after.fields)) return { group: before, rest }
    if (after.fields.displayName.toLowerCase() !== before.displayName.toLowerCase()) {
      await refuseTaken(tx, house, provider, after.fields)
    }
    const { displayName, externalId } = after.fields
    const next: ScimGroup = {
      ...before,
      displayName,
      externalId,
      isSettled: moves.stay.length === 0 || rest.length === 0,
      version: before.version + 1,
      changedAt: caller.now,
    }
    await updateGroup(tx, house.keys.purpose('row-mac'), next)
    await record(tx, house, caller, 'change', next, first)
    if (first) await movePeople(tx, house, caller, provider, next, first)
    return { group: next, rest }
  })
  await moveRest(house, caller, provider, changed)
  return changed.group
}

/** What is behind the first piece; the last one says that the group's name has reached its people. */
async function moveRest(
  house: House,
  caller: Caller,
  provider: Provider,
  { group, rest }: { readonly group: ScimGroup; readonly rest: readonly Moves[] },
): Promise<void> {
  for (const [at, piece] of rest.entries()) {
    await nextTurn()
    await house.db.write(caller, async (tx) => {
      const now = await load(house, tx, provider, group.id)
      if (piece.come.length + piece.go.length > 0) {
        await record(tx, house, caller, 'change', now, piece)
      }
      await movePeople(tx, house, caller, provider, now, piece)
      if (at === rest.length - 1 && !now.isSettled) {
        await updateGroup(tx, house.keys.purpose('row-mac'), { ...now, isSettled: true })
      }
    })
  }
}

function isSame(before: GroupFields, { displayName, externalId }: GroupFields): boolean {
  return before.displayName === displayName && before.externalId === externalId
}

async function load(
  house: House,
  db: Parameters<typeof findGroup>[0],
  provider: Provider,
  id: ScimGroupId,
): Promise<ScimGroup> {
  const key = house.keys.purpose('row-mac')
  return (await findGroup(db, key, provider.id, id)) ?? notThere()
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
  moves: Moves | undefined,
): Promise<void> {
  const moved = moves && { came: moves.come.length, went: moves.go.length }
  const data = { name: displayName, ...moved }
  await house.audit.record(tx, caller, { action: `scim.group.${act}`, target: id, data })
}
