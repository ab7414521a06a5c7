// What a list has of people and of groups, as it is shown.

import { listGroups } from '#domain/identity/group-provisioning.ts'
import { listPeople } from '#domain/identity/provisioning.ts'
import type { Asked } from './door.ts'
import { shapeOfGroup, shapeOfPerson } from './shapes.ts'
import { shownOf, shows, type WantedList } from './wanted.ts'

export async function usersOf({ c, house, caller, provider }: Asked, wanted: WantedList) {
  const { people, count } = await listPeople(house, caller, provider, wanted)
  return { shapes: people.map((one) => shownOf(shapeOfPerson(c, one), wanted.view)), count }
}

export async function groupsOf({ c, house, caller, provider }: Asked, wanted: WantedList) {
  const part = { ...wanted, withMembers: shows(wanted.view, 'members') }
  const { groups, count } = await listGroups(house, caller, provider, part)
  return { shapes: groups.map((one) => shownOf(shapeOfGroup(c, one), wanted.view)), count }
}
