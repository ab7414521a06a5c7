// `/lists`: values that rules and exclusions name by `%name%`.

import { z } from 'zod'
import { ListChangeInput, NewListInput } from '#domain/rules/lists/input.ts'
import { LIST_SHAPES, isOverdue, type ReferenceList } from '#domain/rules/lists/list.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  InstantText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'

const actions = () => import('#domain/rules/lists/actions.ts')

const list = {
  id: idOf(ID_PREFIXES.list),
  name: z.string(),
  about: z.string(),
  shape: z.enum(LIST_SHAPES),
  valuesMax: z.int(),
  values: z.array(z.string()),
  owner: z.string(),
  reviewBy: InstantText,
  isOverdue: z.boolean(),
  version: z.int(),
  contentHash: z.string(),
  createdAt: InstantText,
  createdBy: z.string(),
  updatedAt: InstantText,
  updatedBy: z.string(),
}
const ListShape = z.strictObject(list).register(named, { id: 'ReferenceList' })
const Named = z.array(z.strictObject({ id: z.string(), title: z.string() }))
const WithUse = z
  .strictObject({
    ...list,
    rules: z.array(z.strictObject({ id: RuleIdText, title: z.string() })),
    exclusions: Named,
  })
  .register(named, { id: 'ReferenceListWithUse' })
const ListPage = pageShape(ListShape)
  .extend({ count: z.int() })
  .register(named, { id: 'ReferenceListPage' })
const Version = z
  .strictObject({
    number: z.int(),
    values: z.array(z.string()),
    why: z.string(),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'ReferenceListVersion' })
const VersionPage = pageShape(Version).register(named, { id: 'ReferenceListVersionPage' })

const ListPath = z.strictObject({ id: idOf(ID_PREFIXES.list) })
const ListsQuery = z.strictObject({
  words: z.string().max(200).optional(),
  overdue: z.stringbool().optional(),
  ...PAGE_QUERY,
})

const listThem = operation({
  method: 'GET',
  path: '/lists',
  name: 'listLists',
  summary: 'Reference lists, by name',
  about: '`overdue` leaves those whose day of review has passed. `count` is of the whole list.',
  permission: 'rule.read',
  query: ListsQuery,
  answer: ListPage,
  async run({ house, caller, query }) {
    const { items, next, count } = await (await actions()).listLists(house, caller, query)
    return { items: items.map((one) => shapeOf(one, caller.now)), next, count }
  },
})

const add = operation({
  method: 'POST',
  path: '/lists',
  name: 'addList',
  summary: 'Keep values under a name',
  about:
    'Rules and exclusions write `Field|expand: "%name%"`. Values are taken as they are: an asterisk is no wildcard. Without `owner` it is the caller’s, without `reviewBy` (a day up to a year from now) it is looked at again in 90 days. Rules that name it already are compiled and tested again in a job.',
  permission: 'rule.write',
  body: NewListInput.register(accepted, { id: 'NewReferenceList' }),
  status: 201,
  answer: ListShape,
  async run({ house, caller, body }) {
    return shapeOf(await (await actions()).addList(house, caller, body), caller.now)
  },
})

const get = operation({
  method: 'GET',
  path: '/lists/{id}',
  name: 'getList',
  summary: 'One reference list, with what names it',
  permission: 'rule.read',
  params: ListPath,
  answer: WithUse,
  isVersioned: true,
  async run({ house, caller, params }) {
    const { rules, exclusions, ...one } = await (await actions()).getList(house, caller, params.id)
    return {
      ...shapeOf(one, caller.now),
      rules: rules.map((rule) => ({ ...rule })),
      exclusions: exclusions.map((exclusion) => ({ ...exclusion })),
    }
  },
})

const change = operation({
  method: 'PATCH',
  path: '/lists/{id}',
  name: 'changeList',
  summary: 'Change a reference list',
  about:
    'A new version; the same again makes none. What runs on targets stays as it is until a change ships it.',
  permission: 'rule.write',
  params: ListPath,
  body: ListChangeInput.register(accepted, { id: 'ReferenceListChange' }),
  answer: ListShape,
  isVersioned: true,
  async run({ house, caller, params, body, expected }) {
    const made = await (await actions()).changeList(house, caller, params.id, body, expected)
    return shapeOf(made, caller.now)
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/lists/{id}',
  name: 'removeList',
  summary: 'Remove a reference list that nothing names',
  permission: 'rule.write',
  params: ListPath,
  isVersioned: true,
  async run({ house, caller, params, expected }) {
    await (await actions()).removeList(house, caller, params.id, expected)
    return undefined
  },
})

const versions = operation({
  method: 'GET',
  path: '/lists/{id}/versions',
  name: 'listListVersions',
  summary: 'The values a reference list had, newest first',
  permission: 'rule.read',
  params: ListPath,
  query: z.strictObject(PAGE_QUERY),
  answer: VersionPage,
  async run(call) {
    const { house, caller, params } = call
    const found = await (await actions()).listListVersions(house, caller, params.id)
    const shown = found.map(({ values, createdAt, ...one }) => ({
      ...one,
      values: [...values],
      createdAt: formatInstant(createdAt),
    }))
    return pageIn(call, `versions ${params.id}`, shown, ({ number }) => String(number))
  },
})

function shapeOf(one: ReferenceList, now: Instant): z.input<typeof ListShape> {
  const { id, name, about, shape, valuesMax, values, owner, version, contentHash } = one
  return {
    id,
    name,
    about,
    shape,
    valuesMax,
    values: [...values],
    owner,
    reviewBy: formatInstant(one.reviewBy),
    isOverdue: isOverdue(one, now),
    version,
    contentHash,
    createdAt: formatInstant(one.createdAt),
    createdBy: one.createdBy,
    updatedAt: formatInstant(one.updatedAt),
    updatedBy: one.updatedBy,
  }
}

export const LIST_OPERATIONS = [listThem, add, get, change, remove, versions]
