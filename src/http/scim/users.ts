// People over SCIM: handlers alone.

import {
  addPerson,
  editPerson,
  getPerson,
  removePerson,
  replacePerson,
} from '#domain/identity/provisioning.ts'
import type { ScimPersonId } from '#kernel/id.ts'
import type { HttpContext } from '#http/env.ts'
import { forDirectory, type Asked } from './door.ts'
import { usersOf } from './found.ts'
import {
  answerList,
  answerNew,
  answerOne,
  readBody,
  readOver,
  readWrite,
  shapeOfPerson,
} from './shapes.ts'
import { readList, readSearch, type WantedList } from './wanted.ts'

export const listUsers = forDirectory(async (asked) => answerUsers(asked, readList(asked.c)))

export const searchUsers = forDirectory(async (asked) =>
  answerUsers(asked, readSearch(await readBody(asked.c))),
)

async function answerUsers(asked: Asked, wanted: WantedList): Promise<Response> {
  const { shapes, count } = await usersOf(asked, wanted)
  return answerList(asked.c, shapes, count, wanted.offset)
}

export const getUser = forDirectory(async ({ c, house, caller, provider }) =>
  answerOne(c, shapeOfPerson(c, await getPerson(house, caller, provider, idOf(c)))),
)

export const addUser = forDirectory(async ({ c, house, caller, provider }) =>
  answerNew(c, shapeOfPerson(c, await addPerson(house, caller, provider, await readBody(c)))),
)

export const replaceUser = forDirectory(async ({ c, house, caller, provider }) => {
  const person = await replacePerson(house, caller, provider, idOf(c), await readWrite(c))
  return answerOne(c, shapeOfPerson(c, person))
})

export const editUser = forDirectory(async ({ c, house, caller, provider }) => {
  const person = await editPerson(house, caller, provider, idOf(c), await readWrite(c))
  return answerOne(c, shapeOfPerson(c, person))
})

export const removeUser = forDirectory(async ({ c, house, caller, provider }) => {
  await removePerson(house, caller, provider, idOf(c), readOver(c))
  return c.body(null, 204)
})

// Whatever it is: what is no id of ours is found nowhere.
const idOf = (c: HttpContext) => c.req.param('id') as ScimPersonId
