// Groups: what a folder is to rule files. A rule names one by its slug; one that nobody made before is
// made with the first rule that names it.

import { permit } from '#domain/access/permission.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { insertGroup, insertMissingGroup, selectGroups } from './group-store.ts'
import type { RuleGroup } from './rule.ts'

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
    select: (page) => selectGroups(reader, scope, page),
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
    await insertGroup(tx, { id, slug, name, createdAt, createdBy })
    await house.audit.record(tx, caller, { action: 'group.add', target: id, data: { slug, name } })
  })
  return { id, slug, name, ruleCount: 0 }
}

/** With the write of a rule that names it. */
export async function keepGroup(tx: Tx, house: House, caller: Caller, slug: string): Promise<void> {
  const { now: createdAt, actor: createdBy } = caller
  const id = makeId(ID_PREFIXES.group, createdAt, house.random(10))
  await insertMissingGroup(tx, { id, slug, name: slug, createdAt, createdBy })
}
