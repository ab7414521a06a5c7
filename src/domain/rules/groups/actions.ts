// Groups: what a folder is to rule files. A rule names one by its slug; one that nobody made before is
// made with the first rule that names it.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type GroupId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { RuleGroup } from '#domain/rules/rule.ts'
import * as store from './store.ts'

type GroupName = Pick<RuleGroup, 'id' | 'slug' | 'name'>

/** By slug. */
export async function listGroups(
  house: House,
  caller: Caller,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<RuleGroup>> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'rule-groups' },
    limit,
    cursor,
    placeOf: ({ slug }: RuleGroup) => slug,
    select: (page) => store.selectGroups(reader, scope, page),
  })
}

/** Throws `conflict` for a slug that is taken. Audited. */
export async function addGroup(
  house: House,
  caller: Caller,
  { slug, name }: { readonly slug: string; readonly name: string },
): Promise<RuleGroup> {
  permit(caller, 'rule.write')
  const id = makeId(ID_PREFIXES.group, caller.now, house.random(10))
  await house.db.write(caller, async (tx) => {
    const { now: createdAt, actor: createdBy } = caller
    await store.insertGroup(tx, { id, slug, name, createdAt, createdBy })
    await house.audit.record(tx, caller, { action: 'group.add', target: id, data: { slug, name } })
  })
  return { id, slug, name, ruleCount: 0 }
}

/** Throws `forbidden` for a group that is not of this workspace, or is nowhere. */
export async function getGroup(house: House, caller: Caller, id: GroupId): Promise<GroupName> {
  permit(caller, 'rule.read')
  return store.getGroup(house.db.read(caller.scope), caller.scope, id)
}

/** Its slug stays, for rules name that. Throws as getGroup. Audited. */
export async function renameGroup(
  house: House,
  caller: Caller,
  id: GroupId,
  name: string,
): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    const { name: before } = await store.getGroup(tx, tx.scope, id)
    if (before === name) return
    await store.renameGroup(tx, id, name)
    const data = { before, name }
    await house.audit.record(tx, caller, { action: 'group.rename', target: id, data })
  })
}

/** Throws as getGroup, and `conflict` while a rule is in it. Audited. */
export async function removeGroup(house: House, caller: Caller, id: GroupId): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    const { slug, name } = await store.getGroup(tx, tx.scope, id)
    if (await store.isGroupUsed(tx, tx.scope, slug)) {
      throw new AppError(
        'conflict',
        'Rules are in this group, perhaps retired ones. Move them first.',
      )
    }
    await store.deleteGroup(tx, id)
    await house.audit.record(tx, caller, {
      action: 'group.remove',
      target: id,
      data: { slug, name },
    })
  })
}

/** With the write of a rule that names it. */
export async function keepGroup(tx: Tx, house: House, caller: Caller, slug: string): Promise<void> {
  const { now: createdAt, actor: createdBy } = caller
  const id = makeId(ID_PREFIXES.group, createdAt, house.random(10))
  await store.insertMissingGroup(tx, { id, slug, name: slug, createdAt, createdBy })
}

/** Throws `forbidden` for whoever reaches only some groups, and none of them is this one. */
export async function requireGroupWithin(
  tx: Tx,
  { within }: Caller,
  slug: string | null,
): Promise<void> {
  if (!within?.groups) return
  const group = slug === null ? undefined : await store.findGroupOf(tx, slug)
  if (!group || !within.groups.includes(group.id)) throw forbidden()
}
