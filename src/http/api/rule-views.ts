// `/views`: what a person keeps of the list of rules under a name. With a token they are those of the
// person behind it.

import { z } from 'zod'
import { NewViewInput, ViewChangeInput } from '#domain/rules/input.ts'
import {
  changeView,
  getView,
  listViews,
  removeView,
  saveView,
} from '#domain/rules/views/actions.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { operation } from './operation.ts'
import { accepted, idOf, named, PAGE_QUERY, pageIn, pageShape } from './shapes.ts'

const ViewIdText = idOf(ID_PREFIXES.view)
const ViewPath = z.strictObject({ id: ViewIdText })
const ViewShape = z
  .strictObject({
    id: ViewIdText,
    name: z.string(),
    query: z.string(),
    isDefault: z.boolean(),
  })
  .register(named, { id: 'View' })
const ViewPage = pageShape(ViewShape).register(named, { id: 'ViewPage' })

const list = operation({
  method: 'GET',
  path: '/views',
  name: 'listViews',
  summary: 'Views of the list of rules that you keep, by name',
  about: '`query` is what the address of the list says behind its `?`. There are at most 100.',
  permission: 'rule.read',
  query: z.strictObject(PAGE_QUERY),
  answer: ViewPage,
  async run(call) {
    const views = await listViews(call.house, call.caller)
    return pageIn(call, 'views', views, ({ id }) => id)
  },
})

const add = operation({
  method: 'POST',
  path: '/views',
  name: 'saveView',
  summary: 'Keep a view under a name',
  about: 'The same name again takes the new query.',
  permission: 'rule.read',
  reach: 'named',
  body: NewViewInput.register(accepted, { id: 'NewView' }),
  status: 201,
  answer: ViewShape,
  run: ({ house, caller, body }) => saveView(house, caller, body),
})

const get = operation({
  method: 'GET',
  path: '/views/{id}',
  name: 'getView',
  summary: 'One view',
  permission: 'rule.read',
  params: ViewPath,
  answer: ViewShape,
  run: ({ house, caller, params }) => getView(house, caller, params.id),
})

const change = operation({
  method: 'PATCH',
  path: '/views/{id}',
  name: 'changeView',
  summary: 'Rename a view, or begin with it',
  permission: 'rule.read',
  reach: 'named',
  params: ViewPath,
  body: ViewChangeInput.register(accepted, { id: 'ViewChange' }),
  answer: ViewShape,
  run: ({ house, caller, params, body }) => changeView(house, caller, params.id, body),
})

const remove = operation({
  method: 'DELETE',
  path: '/views/{id}',
  name: 'deleteView',
  summary: 'Remove a view',
  permission: 'rule.read',
  reach: 'named',
  params: ViewPath,
  async run({ house, caller, params }) {
    await removeView(house, caller, params.id)
    return undefined
  },
})

export const VIEW_OPERATIONS = [list, add, get, change, remove]
