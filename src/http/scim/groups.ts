// Groups over SCIM: handlers alone.

import * as groups from '#domain/identity/group-provisioning.ts'
import type { ScimGroupId } from '#kernel/id.ts'
import { nextTurn } from '#platform/turns.ts'
import type { HttpContext } from '#http/env.ts'
import { forDirectory, type Asked } from './door.ts'
import { groupsOf } from './found.ts'
import {
  answerList,
  answerNew,
  answerOne,
  readBody,
  readOver,
  readWrite,
  shapeOfGroup,
} from './shapes.ts'
import { readList, readSearch, readView, shows, type WantedList } from './wanted.ts'

export const listGroups = forDirectory(async (asked) => answerGroups(asked, readList(asked.c)))

export const searchGroups = forDirectory(async (asked) =>
  answerGroups(asked, readSearch(await readBody(asked.c))),
)

async function answerGroups(asked: Asked, wanted: WantedList): Promise<Response> {
  const { shapes, count } = await groupsOf(asked, wanted)
  return answerList(asked.c, shapes, count, wanted.offset)
}

// Directories that only look whether a group is there leave its people out.
export const getGroup = forDirectory(async (asked) => answerOne(asked.c, await shapeNow(asked)))

export const addGroup = forDirectory(async (asked) => {
  const { c, house, caller, provider } = asked
  const { id } = await groups.addGroup(house, caller, provider, await readBody(c))
  return answerNew(c, await shapeNow(asked, id))
})

export const replaceGroup = forDirectory(async (asked) => {
  const { c, house, caller, provider } = asked
  await groups.replaceGroup(house, caller, provider, idOf(c), await readWrite(c))
  return answerOne(c, await shapeNow(asked))
})

// Thousands of people are not sent back to whoever moved one (RFC 7644 section 3.5.2).
export const editGroup = forDirectory(async (asked) => {
  const { c, house, caller, provider } = asked
  const group = await groups.editGroup(house, caller, provider, idOf(c), await readWrite(c))
  if (readView(c).only.length > 0) return answerOne(c, await shapeNow(asked))
  const { meta } = shapeOfGroup(c, { group, members: [] })
  return c.body(null, 204, { ETag: meta.version })
})

async function shapeNow({ c, house, caller, provider }: Asked, id = idOf(c)) {
  await nextTurn()
  const withMembers = shows(readView(c), 'members')
  return shapeOfGroup(c, await groups.getGroup(house, caller, provider, id, withMembers))
}

export const removeGroup = forDirectory(async ({ c, house, caller, provider }) => {
  await groups.removeGroup(house, caller, provider, idOf(c), readOver(c))
  return c.body(null, 204)
})

const idOf = (c: HttpContext) => c.req.param('id') as ScimGroupId
