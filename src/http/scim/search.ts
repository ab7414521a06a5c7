// What goes over people and groups at once, and what this door does not do (RFC 7644 sections 3.4.3, 3.7
// and 3.11).

import { ScimRefusal } from '#domain/identity/scim.ts'
import { forDirectory, type Asked } from './door.ts'
import { groupsOf, usersOf } from './found.ts'
import { answerList, readBody } from './shapes.ts'
import { readList, readSearch, type WantedList } from './wanted.ts'

export const listAll = forDirectory(async (asked) => answerAll(asked, readList(asked.c)))

export const searchAll = forDirectory(async (asked) =>
  answerAll(asked, readSearch(await readBody(asked.c))),
)

/** People come before groups. A filter that names what one of them has not finds none of those. */
async function answerAll(asked: Asked, wanted: WantedList): Promise<Response> {
  const users = await ifNamed(usersOf(asked, wanted))
  const { offset, limit } = wanted
  const rest = {
    ...wanted,
    offset: Math.max(0, offset - (users?.count ?? 0)),
    limit: limit - (users?.shapes.length ?? 0),
  }
  const groups = users ? await ifNamed(groupsOf(asked, rest)) : await groupsOf(asked, rest)
  const shapes = [...(users?.shapes ?? []), ...(groups?.shapes ?? [])]
  return answerList(asked.c, shapes, (users?.count ?? 0) + (groups?.count ?? 0), offset)
}

async function ifNamed<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof ScimRefusal && error.scimType === 'invalidFilter') return undefined
    throw error
  }
}

export const refuseBulk = forDirectory(() => {
  throw new ScimRefusal(501, 'There is no bulk here. Send each request alone.')
})

export const refuseMe = forDirectory(() => {
  throw new ScimRefusal(501, 'A directory is nobody: there is no Me.')
})
