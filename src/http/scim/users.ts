// People over SCIM: handlers alone.

import {
  addPerson,
  editPerson,
  getPerson,
  listPeople,
  removePerson,
  replacePerson,
} from '#domain/identity/provisioning.ts'
import type { ScimPersonId } from '#kernel/id.ts'
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
  shapeOfPerson,
} from './shapes.ts'

const KNOWN = ['id', 'username', 'externalid', 'active', 'emails', 'emails.value']

export const listUsers = forDirectory(async ({ c, house, caller, provider }) => {
  const { wanted, ...part } = readList(c, KNOWN)
  const email = wanted['emails.value'] ?? wanted['emails']
  const given = email === undefined ? wanted : { ...wanted, email }
  const { people, count } = await listPeople(house, caller, provider, given, part)
  const shapes = people.map((person) => shapeOfPerson(c, person))
  return answerList(c, shapes, count, part.offset)
})

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
