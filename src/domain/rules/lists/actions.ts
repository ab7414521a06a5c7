// What people and programs do with reference lists: add one, change it, remove one that nothing names,
// look at them. Whatever is compiled with a list is compiled and tested again when its values change;
// what runs on targets stays until a change ships it.

import { permit } from '#domain/access/permission.ts'
import { findOwnEmail } from '#domain/access/own-email.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type ListId, type WorkspaceId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { DAY, type Instant } from '#kernel/time.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { selectBoundRules } from '#domain/rules/exclusions/store.ts'
import { renderAffected } from '#domain/rules/exclusions/save.ts'
import type { ListChangeInput, NewListInput } from './input.ts'
import {
  isOverdue,
  judgeValues,
  LISTS_MAX,
  REVIEW_DAYS_MAX,
  reviewDay,
  type ListVersion,
  type ReferenceList,
} from './list.ts'
import * as store from './store.ts'

const VERSIONS_SHOWN = 100
/** More rules than this are compiled again, and not all named. */
const USE_SHOWN = 500
/** So many are compiled again at a change; a list that more name is a mapping in disguise. */
const USE_MAX = 5_000
const AUDIT_CHARS = 200

/** Without an owner it is the caller's. Throws `invalid` with every problem, `conflict` for a name in use. */
export async function addList(
  house: House,
  caller: Caller,
  { name, values, about, shape, valuesMax, owner, reviewBy }: NewListInput,
): Promise<ReferenceList> {
  permit(caller, 'rule.write')
  const asked = owner ?? (await findOwnEmail(house, caller))
  if (!asked) throw new AppError('invalid', 'Name an owner: an e-mail address.')
  requireSound({ values, shape, valuesMax })
  const { now, actor } = caller
  return house.db.write(caller, async (tx) => {
    const [other] = await store.selectListsNamed(tx, tx.scope, [name])
    if (other) throw new AppError('conflict', `There is a list ${name} already.`)
    if ((await store.countLists(tx, tx.scope, {})) >= LISTS_MAX) {
      throw new AppError('conflict', `A workspace holds up to ${LISTS_MAX} lists.`)
    }
    const row: store.ListRow = {
      id: makeId(ID_PREFIXES.list, now, house.random(10)),
      name,
      about,
      shape,
      valuesMax,
      ...held(name, values),
      owner: asked,
      reviewBy: reviewBy === undefined ? reviewDay(now) : readDay(reviewBy, now),
      version: 1,
      createdAt: now,
      createdBy: actor,
      updatedAt: now,
      updatedBy: actor,
    }
    await store.insertList(tx, row)
    return keepVersion(tx, house, caller, row, { why: '', action: 'list.add', isOther: true })
  })
}

/** A new version, unless nothing changes. Throws as addList, and `stale` on a lost race. */
export async function changeList(
  house: House,
  caller: Caller,
  id: ListId,
  { values, why, reviewBy, ...rest }: ListChangeInput,
  expected: ExpectedVersion,
): Promise<ReferenceList> {
  permit(caller, 'rule.write')
  return house.db.write(caller, async (tx) => {
    const before = await store.getListRow(tx, tx.scope, id)
    requireVersion(expected, String(before.version))
    const given = Object.fromEntries(
      Object.entries(rest).filter(([, one]) => one !== undefined),
    ) as Partial<Pick<store.ListRow, 'about' | 'shape' | 'valuesMax' | 'owner'>>
    const row: store.ListRow = {
      ...before,
      ...given,
      ...(values && held(before.name, values)),
      ...(reviewBy !== undefined && { reviewBy: readDay(reviewBy, caller.now) }),
    }
    const list = store.toList(row)
    requireSound(list)
    if (JSON.stringify(row) === JSON.stringify(before)) return list
    const next = {
      ...row,
      version: before.version + 1,
      updatedAt: caller.now,
      updatedBy: caller.actor,
    }
    await store.updateList(tx, id, next)
    const isOther = next.contentHash !== before.contentHash
    return keepVersion(tx, house, caller, next, { why, action: 'list.change', isOther })
  })
}

/** Throws `conflict` while a rule or an exclusion names it, and `stale`. */
export async function removeList(
  house: House,
  caller: Caller,
  id: ListId,
  expected: ExpectedVersion,
): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    const row = await store.getListRow(tx, tx.scope, id)
    requireVersion(expected, String(row.version))
    const { rules, exclusions } = await store.selectListUse(tx, tx.scope, row.name, USE_SHOWN)
    const [first] = [...rules, ...exclusions]
    if (first) {
      const title = first.title.slice(0, AUDIT_CHARS).toWellFormed()
      throw new AppError('conflict', `“${title}” names this list, so it stays.`)
    }
    await store.deleteList(tx, id)
    await house.audit.record(tx, caller, {
      action: 'list.remove',
      target: id,
      data: { name: row.name, values: row.valueCount, contentHash: row.contentHash },
    })
    tell(tx, house, id, 'removed')
  })
}

export interface ListQuery {
  readonly words?: string | undefined
  readonly overdue?: boolean | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** By name. */
export async function listLists(
  house: House,
  caller: Caller,
  { words, overdue, limit, cursor }: ListQuery,
): Promise<Page<ReferenceList> & { readonly count: number }> {
  permit(caller, 'rule.read')
  const { scope, now } = caller
  const filter = { words, overdueAt: overdue ? now : undefined }
  const reader = house.db.read(scope)
  const { items, next } = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'lists',
      words: words ?? null,
      overdue: overdue ?? false,
    },
    limit,
    cursor,
    placeOf: ({ name }: ReferenceList) => name,
    select: (wanted) => store.selectLists(reader, scope, filter, wanted),
  })
  return { items, next, count: await store.countLists(reader, scope, filter) }
}

export interface ListShown extends ReferenceList, store.ListUse {
  readonly isOverdue: boolean
}

/** With what names it. Throws `forbidden` for one that is not here. */
export async function getList(house: House, caller: Caller, id: ListId): Promise<ListShown> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  const list = store.toList(await store.getListRow(reader, caller.scope, id))
  const use = await store.selectListUse(reader, caller.scope, list.name, USE_SHOWN)
  return { ...list, ...use, isOverdue: isOverdue(list, caller.now) }
}

/** Newest first. */
export async function listListVersions(
  house: House,
  caller: Caller,
  id: ListId,
): Promise<readonly ListVersion[]> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  await store.getListRow(reader, caller.scope, id)
  return store.selectListVersions(reader, caller.scope, id, VERSIONS_SHOWN)
}

interface Keeping {
  readonly why: string
  readonly action: 'list.add' | 'list.change'
  /** What is compiled with it becomes something else. */
  readonly isOther: boolean
}

async function keepVersion(
  tx: Tx,
  house: House,
  caller: Caller,
  row: store.ListRow,
  { why, action, isOther }: Keeping,
): Promise<ReferenceList> {
  const { id, name, version, items, contentHash: hash, valueCount, owner, reviewBy } = row
  await store.insertListVersion(tx, {
    listId: id,
    number: version,
    items,
    why,
    createdAt: caller.now,
    createdBy: caller.actor,
  })
  if (isOther) await compileAgain(tx, house, caller, name)
  await house.audit.record(tx, caller, {
    action,
    target: id,
    data: {
      name,
      version,
      contentHash: hash,
      values: valueCount,
      owner,
      reviewBy,
      ...(why === '' ? {} : { why: why.slice(0, AUDIT_CHARS).toWellFormed() }),
    },
  })
  tell(tx, house, id, action === 'list.add' ? 'added' : 'changed')
  return store.toList(row)
}

async function compileAgain(tx: Tx, house: House, caller: Caller, name: string): Promise<void> {
  const { rules, exclusions } = await store.selectListUse(tx, tx.scope, name, USE_MAX)
  const bound = await selectBoundRules(
    tx,
    tx.scope,
    exclusions.map(({ id }) => id),
  )
  const ids = [...rules, ...bound].map(({ id }) => id)
  await renderAffected(tx, house, caller, ids, 'a changed list')
}

function held(name: string, values: readonly string[]) {
  return {
    items: JSON.stringify(values),
    valueCount: values.length,
    contentHash: contentHash({ name, values }),
  }
}

function requireSound(list: Parameters<typeof judgeValues>[1] & { values: readonly string[] }) {
  const problems = judgeValues(list.values, list)
  const [first] = problems
  if (first) throw new AppError('invalid', first.message, { details: { problems } })
}

function readDay(day: string, now: Instant): Instant {
  const end = Date.parse(`${day}T23:59:59.999Z`) as Instant
  if (end < now || end > now + REVIEW_DAYS_MAX * DAY) {
    const message = `Choose a day of review from today to ${REVIEW_DAYS_MAX} days from now.`
    throw new AppError('invalid', message, { details: { field: 'reviewBy' } })
  }
  return end
}

function tell(tx: Tx, { events }: House, id: ListId, verb: 'added' | 'changed' | 'removed'): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'list', id, verb })
}
