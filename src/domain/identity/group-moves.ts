// Who comes into a group and who goes, a piece at a time: a write holds everybody else up, and a group may
// have thousands of people. Every piece is whole: places and roles of its people change together. Whoever
// goes goes first. When a piece fails the directory is answered so, sends the same again, and what is done
// already is left alone.

import type { ScimPersonId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Provider } from './provider.ts'
import { settle } from './provisioning.ts'
import type { GroupChange } from './scim-patch.ts'
import { invalid, namesOf, type GroupFields, type ScimGroup } from './scim.ts'
import {
  deleteMembers,
  insertMembers,
  selectKnownAmong,
  selectMemberIds,
  selectMembersAmong,
} from './scim-group-store.ts'
import { findPerson } from './scim-store.ts'

/** People that one write moves. Settling somebody's role takes about a millisecond. */
const PIECE = 1_000
const PIECE_WITH_ROLE = 50

/** What one request may bring in; directories send some dozens at a time. */
const MOVES_MAX = 10_000

export interface Moves {
  readonly come: readonly ScimPersonId[]
  readonly go: readonly ScimPersonId[]
  /** They stay, and what they are here may change. */
  readonly stay: readonly ScimPersonId[]
  /** The group gives or gave a role. */
  readonly isMapped: boolean
}

/**
 * What of a change is not so already. Throws `ScimRefusal`: `invalidValue` for somebody whom the directory
 * has not told of, `tooMany`.
 */
export async function planMoves(
  tx: Tx,
  house: House,
  provider: Provider,
  group: ScimGroup,
  { fields, isAnew, come, go }: GroupChange,
): Promise<Moves> {
  const key = house.keys.purpose('row-mac')
  if (come.size + go.size > MOVES_MAX) {
    invalid(`One request moves at most ${MOVES_MAX} people. Send them in parts.`, 'tooMany')
  }
  const isMapped = givesRole(provider, group) || givesRole(provider, fields)
  const isRenamed = namesOf(group).join('\n') !== namesOf(fields).join('\n')
  const needsAll = isAnew || (isMapped && (isRenamed || !group.isSettled))
  const here = needsAll
    ? await selectMemberIds(tx, key, group.id)
    : await selectMembersAmong(tx, key, group.id, [...come, ...go])
  const inside: ReadonlySet<string> = new Set(here)
  const coming = [...come].filter((id) => !inside.has(id))
  const going = here.filter((id) => go.has(id) || (isAnew && !come.has(id)))
  const known = await selectKnownAmong(tx, provider.id, coming)
  if (known.length < coming.length) invalid('A member is nobody who was told of.')
  const leaving: ReadonlySet<string> = new Set(going)
  const stay =
    isMapped && needsAll && (isRenamed || !group.isSettled)
      ? here.filter((id) => !leaving.has(id))
      : []
  return { come: known, go: going, stay, isMapped }
}

/** The same in pieces, whoever goes first; none when nobody moves. */
export function piecesOf({ come, go, stay, isMapped }: Moves): readonly Moves[] {
  const size = isMapped ? PIECE_WITH_ROLE : PIECE
  const cut = (ids: readonly ScimPersonId[], name: 'come' | 'go' | 'stay') =>
    Array.from({ length: Math.ceil(ids.length / size) }, (_, at) => ({
      ...NOBODY,
      isMapped,
      [name]: ids.slice(at * size, at * size + size),
    }))
  return [...cut(go, 'go'), ...cut(stay, 'stay'), ...cut(come, 'come')]
}

const NOBODY = { come: [], go: [], stay: [] } as const

/** Moves them, and gives them the role that their groups have then. */
export async function movePeople(
  tx: Tx,
  house: House,
  caller: Caller,
  provider: Provider,
  { id: groupId }: ScimGroup,
  { come, go, stay, isMapped }: Moves,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const known = await selectKnownAmong(tx, provider.id, come)
  await insertMembers(tx, key, groupId, known)
  await deleteMembers(tx, groupId, go)
  if (!isMapped) return
  for (const id of [...go, ...stay, ...known]) {
    const person = await findPerson(tx, key, provider.id, id)
    if (person?.isActive === true) await settle(tx, house, caller, provider, person)
  }
}

function givesRole({ groupRoles }: Provider, fields: GroupFields): boolean {
  const names = namesOf(fields)
  return groupRoles.some(({ group }) => names.includes(group))
}
