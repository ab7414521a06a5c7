// `/groups`: the folders of the workspace's rules.

import { z } from 'zod'
import { GroupChangeInput, NewGroupInput } from '#domain/rules/input.ts'
import { addGroup, listGroups, removeGroup, renameGroup } from '#domain/rules/groups/actions.ts'
import { changeGroupPolicy, readGroupPolicy, type GroupAsks } from '#domain/rules/groups/policy.ts'
import { GroupPolicy } from '#domain/workspaces/group-policy.ts'
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

const GroupPath = z.strictObject({ id: idOf(ID_PREFIXES.group) })

const rename = operation({
  method: 'PATCH',
  path: '/groups/{id}',
  name: 'renameGroup',
  summary: 'Call a group otherwise',
  about: 'Its slug stays, for rules name that.',
  permission: 'rule.write',
  params: GroupPath,
  body: GroupChangeInput.register(accepted, { id: 'GroupChange' }),
  async run({ house, caller, params, body }) {
    await renameGroup(house, caller, params.id, body.name)
    return undefined
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/groups/{id}',
  name: 'removeGroup',
  summary: 'Remove a group that no rule is in',
  about: '409 while a rule names it, a retired one too.',
  permission: 'rule.write',
  params: GroupPath,
  async run({ house, caller, params }) {
    await removeGroup(house, caller, params.id)
    return undefined
  },
})

const PolicyBody = z
  .strictObject({ asked: GroupPolicy })
  .register(accepted, { id: 'GroupPolicyInput' })
const PolicyShape = z
  .strictObject({
    version: z.int(),
    asked: GroupPolicy,
    effective: z.strictObject({
      review: z.boolean(),
      signatures: z.int(),
      passkeySigning: z.boolean(),
      testGate: z.boolean(),
      soakDays: z.int(),
      windows: z.array(z.string()),
    }),
    waiting: GroupPolicy.nullable(),
  })
  .register(named, { id: 'GroupPolicy' })

const readPolicy = operation({
  method: 'GET',
  path: '/groups/{id}/policy',
  name: 'getGroupPolicy',
  summary: 'What a group asks of changes beyond its workspace',
  about:
    '`effective` is the strictest of both; `waiting` would ask less and waits for another admin.',
  permission: 'policy.read',
  params: GroupPath,
  answer: PolicyShape,
  isVersioned: true,
  async run({ house, caller, params }) {
    return policyShape(await readGroupPolicy(house, caller, params.id))
  },
})

const putPolicy = operation({
  method: 'PUT',
  path: '/groups/{id}/policy',
  name: 'setGroupPolicy',
  summary: 'Say what a group asks beyond its workspace',
  about:
    'In the place of what it asked; `asked` is an empty object for nothing. There is no word for asking less than the workspace. While changes of the group are reviewed, what asks less than before waits for another admin.',
  permission: 'policy.change',
  params: GroupPath,
  body: PolicyBody,
  answer: PolicyShape,
  isVersioned: true,
  needsProof: true,
  async run({ house, caller, params, body: { asked }, expected }) {
    return policyShape(await changeGroupPolicy(house, caller, params.id, { asked, expected }))
  },
})

function policyShape({ version, asked, effective, waiting }: GroupAsks) {
  const { review, signatures, passkeySigning, testGate, soakDays, windows } = effective
  const texts = windows.filter((text) => text !== '')
  return {
    version,
    asked,
    effective: { review, signatures, passkeySigning, testGate, soakDays, windows: texts },
    waiting: waiting ?? null,
  }
}

export const GROUP_OPERATIONS = [list, add, rename, remove, readPolicy, putPolicy]
