// Groups over SCIM: handlers alone.

import * as groups from '#domain/identity/group-provisioning.ts'
import type { ScimGroupId } from '#kernel/id.ts'
import type { HttpContext } from '#http/env.ts'
import { forDirectory } from './door.ts'
import {
  answerList,
  answerNew,
  answerOne,
  readBody,
  readList,
  readOver,
  readWrite,
  shapeOfGroup,
  showsMembers,
} from './shapes.ts'

const KNOWN = ['id', 'displayname', 'externalid', 'members', 'members.value']

export const listGroups = forDirectory(async ({ c, house, caller, provider }) => {
  const { wanted, ...part } = readList(c, KNOWN)
  const members = wanted['members.value'] ?? wanted['members']
  const given = members === undefined ? wanted : { ...wanted, members }
  const shown = { ...part, withMembers: showsMembers(c) }
  const { groups: found, count } = await groups.listGroups(house, caller, provider, given, shown)
  const shapes = found.map((group) => shapeOfGroup(c, group))
  return answerList(c, shapes, count, part.offset)
})

export const getGroup = forDirectory(async ({ c, house, caller, provider }) =>
  answerOne(c, shapeOfGroup(c, await groups.getGroup(house, caller, provider, idOf(c)))),
)

export const addGroup = forDirectory(async ({ c, house, caller, provider }) =>
  answerNew(c, shapeOfGroup(c, await groups.addGroup(house, caller, provider, await readBody(c)))),
)

export const replaceGroup = forDirectory(async ({ c, house, caller, provider }) => {
  const group = await groups.replaceGroup(house, caller, provider, idOf(c), await readWrite(c))
  return answerOne(c, shapeOfGroup(c, group))
})

export const editGroup = forDirectory(async ({ c, house, caller, provider }) => {
  const group = await groups.editGroup(house, caller, provider, idOf(c), await readWrite(c))
  return answerOne(c, shapeOfGroup(c, group))
})

export const removeGroup = forDirectory(async ({ c, house, caller, provider }) => {
  await groups.removeGroup(house, caller, provider, idOf(c), readOver(c))
  return c.body(null, 204)
})

const idOf = (c: HttpContext) => c.req.param('id') as ScimGroupId
