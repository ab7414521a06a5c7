// `/groups`: the folders of the workspace's rules.

import { z } from 'zod'
import { NewGroupInput } from '#domain/rules/input.ts'
import { addGroup, listGroups } from '#domain/rules/groups.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { operation } from './operation.ts'
import { accepted, idOf, named, PAGE_QUERY, pageShape } from './shapes.ts'

const GroupShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.group),
    slug: z.string(),
    name: z.string(),
    ruleCount: z.int(),
  })
  .register(named, { id: 'Group' })
const GroupPage = pageShape(GroupShape).register(named, { id: 'GroupPage' })

const list = operation({
  method: 'GET',
  path: '/groups',
  name: 'listGroups',
  summary: 'Groups of rules, by their short names',
  permission: 'rule.read',
  query: z.strictObject(PAGE_QUERY),
  answer: GroupPage,
  async run({ house, caller, query }) {
    const { items, next } = await listGroups(house, caller, query)
    return { items: [...items], next }
  },
})

const add = operation({
  method: 'POST',
  path: '/groups',
  name: 'addGroup',
  summary: 'Add a group',
  about: 'A rule is in a group when its text names the slug; one that names a new group adds it.',
  permission: 'rule.write',
  body: NewGroupInput.register(accepted, { id: 'NewGroup' }),
  status: 201,
  answer: GroupShape,
  run: ({ house, caller, body }) => addGroup(house, caller, body),
})

export const GROUP_OPERATIONS = [list, add]
