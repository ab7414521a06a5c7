// `/saved-searches`: questions that are kept to be asked again, and `/searches/{id}/pins`: rows that are
// kept beyond the time of evidence.

import { z } from 'zod'
import {
  NewPin,
  NewSavedSearch,
  SavedSearchChange,
  SEARCH_LANGUAGES,
} from '#domain/searches/input.ts'
import type { Pin } from '#domain/searches/pins.ts'
import type { SavedSearch } from '#domain/searches/saved.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  CapsShape,
  SavedSearchIdText,
  SearchIdText,
  SearchPath,
  searchShape,
  SearchShape,
  TargetIdText,
} from './search-shapes.ts'
import {
  accepted,
  instantOrNull,
  InstantText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start, as the neighbours' are. */
const actions = () => import('#domain/searches/saved-actions.ts')
const pins = () => import('#domain/searches/pins.ts')

const SavedPath = z.strictObject({ id: SavedSearchIdText })

const SavedShape = z
  .strictObject({
    id: SavedSearchIdText,
    name: z.string(),
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string(),
    rule: RuleIdText.nullable(),
    targets: z.array(TargetIdText),
    lastMs: z.int(),
    caps: z.strictObject(CapsShape),
    purpose: z.string(),
    isShared: z.boolean(),
    owner: z.string(),
    createdAt: InstantText,
    cron: z.string().nullable(),
    isPaused: z.boolean(),
    nextAt: InstantText.nullable(),
    missed: z.int(),
    note: z.string().nullable(),
  })
  .register(named, { id: 'SavedSearch' })
const SavedList = pageShape(SavedShape).register(named, { id: 'SavedSearchPage' })

const list = operation({
  method: 'GET',
  path: '/saved-searches',
  name: 'listSavedSearches',
  summary: 'Saved searches: one’s own, and what others share',
  permission: 'search.run',
  query: z.strictObject(PAGE_QUERY),
  answer: SavedList,
  async run(call) {
    const all = await (await actions()).listSaved(call.house, call.caller)
    const { items, next } = pageIn(call, 'saved-searches', all, ({ id }) => id)
    return { items: items.map(savedShape), next }
  },
})

const save = operation({
  method: 'POST',
  path: '/searches/{id}/save',
  name: 'saveSearch',
  summary: 'Keep a search to ask it again',
  about:
    'Its range becomes one of the same length that ends when it is asked. `cron` is five fields in UTC; slots that come while the server is down are counted and not made up for.',
  permission: 'search.run',
  reach: 'named',
  params: SearchPath,
  body: NewSavedSearch.register(accepted, { id: 'NewSavedSearch' }),
  status: 201,
  answer: SavedShape,
  async run({ house, caller, params, body }) {
    return savedShape(await (await actions()).saveSearch(house, caller, params.id, body))
  },
})

const get = operation({
  method: 'GET',
  path: '/saved-searches/{id}',
  name: 'getSavedSearch',
  summary: 'A saved search, and when it is asked next',
  permission: 'search.run',
  params: SavedPath,
  answer: SavedShape,
  async run({ house, caller, params }) {
    return savedShape(await (await actions()).getSaved(house, caller, params.id))
  },
})

const change = operation({
  method: 'PATCH',
  path: '/saved-searches/{id}',
  name: 'changeSavedSearch',
  summary: 'Name, share, schedule or pause a saved search',
  about: 'For its owner; of a shared one also for admins.',
  permission: 'search.run',
  reach: 'named',
  params: SavedPath,
  body: SavedSearchChange.register(accepted, { id: 'SavedSearchChange' }),
  answer: SavedShape,
  async run({ house, caller, params, body }) {
    return savedShape(await (await actions()).changeSaved(house, caller, params.id, body))
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/saved-searches/{id}',
  name: 'removeSavedSearch',
  summary: 'Keep it no longer; what it found stays',
  permission: 'search.run',
  reach: 'named',
  params: SavedPath,
  async run({ house, caller, params }) {
    await (await actions()).removeSaved(house, caller, params.id)
    return undefined
  },
})

const ask = operation({
  method: 'POST',
  path: '/saved-searches/{id}/ask',
  name: 'askSavedSearch',
  summary: 'Ask it now',
  permission: 'search.run',
  reach: 'named',
  params: SavedPath,
  status: 201,
  answer: SearchShape,
  async run({ house, caller, params }) {
    return searchShape(await (await actions()).askSaved(house, caller, params.id))
  },
})

const PinShape = z
  .strictObject({
    n: z.int(),
    target: z.string(),
    segment: z.int(),
    row: z.int(),
    note: z.string(),
    values: z.record(z.string(), z.unknown()),
    createdAt: InstantText,
    createdBy: z.string(),
  })
  .register(named, { id: 'PinnedRow' })
const PinList = pageShape(PinShape).register(named, { id: 'PinnedRowPage' })

const listPinned = operation({
  method: 'GET',
  path: '/searches/{id}/pins',
  name: 'listPinnedRows',
  summary: 'Rows that are kept beyond their time',
  permission: 'search.run',
  params: SearchPath,
  query: z.strictObject(PAGE_QUERY),
  answer: PinList,
  async run(call) {
    const { house, caller, params } = call
    const found = await (await pins()).listPins(house, caller, params.id)
    const shown = found.map(pinShape)
    return pageIn(call, `pins ${params.id}`, shown, ({ n }) => String(n))
  },
})

const pin = operation({
  method: 'POST',
  path: '/searches/{id}/pins',
  name: 'pinRow',
  summary: 'Keep some columns of a row beyond its time',
  about: 'At most 16 kB, sealed, in the database and its backups, until it is unpinned.',
  permission: 'search.run',
  reach: 'named',
  params: SearchPath,
  body: NewPin.register(accepted, { id: 'NewPinnedRow' }),
  status: 201,
  answer: PinShape,
  async run({ house, caller, params, body }) {
    return pinShape(await (await pins()).pinRow(house, caller, params.id, body))
  },
})

const unpin = operation({
  method: 'DELETE',
  path: '/searches/{id}/pins/{n}',
  name: 'unpinRow',
  summary: 'Keep a pinned row no longer',
  permission: 'search.run',
  reach: 'named',
  params: z.strictObject({ id: SearchIdText, n: z.coerce.number().int().min(1).max(1_000_000) }),
  async run({ house, caller, params }) {
    await (await pins()).unpinRow(house, caller, params.id, params.n)
    return undefined
  },
})

function savedShape(saved: SavedSearch): z.input<typeof SavedShape> {
  const { ruleId, targetIds, spanMs, createdAt, nextAt, missedCount, ...rest } = saved
  return {
    ...rest,
    rule: ruleId,
    targets: [...targetIds],
    lastMs: spanMs,
    createdAt: formatInstant(createdAt),
    nextAt: instantOrNull(nextAt),
    missed: missedCount,
  }
}

function pinShape(pinned: Pin): z.input<typeof PinShape> {
  const { number, targetName, position, rowIndex, values, createdAt, ...rest } = pinned
  return {
    ...rest,
    n: number,
    target: targetName,
    segment: position,
    row: rowIndex,
    values: Object.fromEntries(values),
    createdAt: formatInstant(createdAt),
  }
}

export const SAVED_SEARCH_OPERATIONS = [
  list,
  save,
  get,
  change,
  remove,
  ask,
  listPinned,
  pin,
  unpin,
]
