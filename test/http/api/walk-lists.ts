// What fits the operations about reference lists.

import { systemCaller } from '#domain/access/system.ts'
import { addList } from '#domain/rules/lists/actions.ts'
import { NewListInput } from '#domain/rules/lists/input.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

let count = 0
const given = () => ({
  name: `Admins${count++}`,
  values: ['ada', 'ravi'],
  owner: 'ada@acme.example',
})

async function newList({ app: { house } }: World, place: Workspace) {
  const caller = systemCaller(house, 'test', undefined, place.id)
  const { id, version } = await addList(house, caller, NewListInput.parse(given()))
  return { id, headers: { 'If-Match': `"${version}"` } }
}

const idOf = async (world: World, place: Workspace) => ({ id: (await newList(world, place)).id })

export const LIST_INPUTS = {
  listLists: async () => ({ query: '?limit=2&words=adm&overdue=false' }),
  addList: async () => ({ json: given() }),
  getList: idOf,
  changeList: async (world: World, place: Workspace) => ({
    ...(await newList(world, place)),
    json: { values: ['ada'], why: 'Ravi left' },
  }),
  removeList: newList,
  listListVersions: idOf,
}
