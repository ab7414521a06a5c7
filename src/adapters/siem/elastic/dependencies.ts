// What rules of Kibana build on. Exception lists, by the name that rules call them by, with their items: an
// item takes alerts away from every rule that names its list. And connectors, by the id that actions name.
// Source: Kibana API, "Get exception lists", "Get exception list items" and "Get all connectors".

import { z } from 'zod'
import { readParts, type DependencyPart } from '#adapters/siem/dependency-parts.ts'
import type { Completeness, DependenciesAnswer } from '#domain/targets/port.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import { readAs, type ElasticClient } from './client.ts'

const LISTS = '/api/exception_lists/_find'
const ITEMS = '/api/exception_lists/items/_find'
const PAGE = 100
/** Of lists, and of items in one list. */
const THINGS_MAX = 10_000

const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), total: z.number() })
const listPage = pageOf(
  z.object({
    list_id: z.string(),
    name: z.string(),
    type: z.string(),
    namespace_type: z.enum(['single', 'agnostic']),
  }),
)
const itemPage = pageOf(
  z.object({
    item_id: z.string(),
    name: z.string(),
    entries: z.array(z.custom<Json>((value) => value !== undefined)),
    os_types: z.array(z.string()).default([]),
    expire_time: z.string().nullish(),
  }),
)

export function readDependencies(
  kibana: ElasticClient,
  signal: AbortSignal,
): Promise<DependenciesAnswer> {
  return readParts([() => readLists(kibana, signal), () => readConnectors(kibana, signal)])
}

const CONNECTORS = '/api/actions/connectors'
const connectors = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    connector_type_id: z.string(),
    is_missing_secrets: z.boolean().optional(),
    config: z.custom<Json>().default(null),
  }),
)

/** Kibana gives all of them at once, and never their secrets. */
async function readConnectors(kibana: ElasticClient, signal: AbortSignal): Promise<DependencyPart> {
  const what = 'the connectors'
  const reply = await kibana.send({ path: CONNECTORS, what, signal })
  const dependencies = readAs(connectors, reply.body, what).map((one) => {
    const { id, name: title, connector_type_id: type, config } = one
    const hasSecrets = one.is_missing_secrets !== true
    // An address may carry a token: that it is another one is all that needs to be known.
    const definition = { name: title, type, hasSecrets, config: contentHash(config) }
    return { kind: 'connector' as const, name: id, title, definition }
  })
  return { kinds: ['connector'], dependencies, completeness: { kind: 'complete' } }
}

async function readLists(kibana: ElasticClient, signal: AbortSignal): Promise<DependencyPart> {
  const idOf = (list: z.output<typeof listPage>['data'][number]) =>
    `${list.namespace_type} ${list.list_id}`
  const query = { namespace_type: 'single,agnostic' }
  const wish = { path: LISTS, query, page: listPage, idOf }
  const lists = await readAll(kibana, { ...wish, what: 'the exception lists' }, signal)
  const cuts = [lists.completeness]
  const dependencies: DependencyPart['dependencies'][number][] = []
  for (const { list_id: name, name: title, type, namespace_type } of lists.found) {
    const what = `the items of the exception list ${name}`
    const asked = { path: ITEMS, query: { list_id: name, namespace_type }, page: itemPage, what }
    const items = await readAll(kibana, { ...asked, idOf: (item) => item.item_id }, signal)
    cuts.push(items.completeness)
    const sorted = items.found.toSorted((a, b) => (a.item_id < b.item_id ? -1 : 1))
    const definition = { name: title, type, namespace: namespace_type, items: sorted.map(itemOf) }
    dependencies.push({ kind: 'exception_list', name, definition })
  }
  const completeness = cuts.find(({ kind }) => kind !== 'complete') ?? { kind: 'complete' }
  return { kinds: ['exception_list'], dependencies, completeness }
}

function itemOf(item: z.output<typeof itemPage>['data'][number]): Json {
  const { item_id: id, name, entries, os_types: systems, expire_time: ends } = item
  return { id, name, entries, systems, ends: ends ?? null }
}

interface Wish<Item> {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly page: z.ZodType<{ data: Item[]; total: number }>
  readonly idOf: (item: Item) => string
  readonly what: string
}

async function readAll<Item>(
  kibana: ElasticClient,
  { path, query, page, idOf, what }: Wish<Item>,
  signal: AbortSignal,
): Promise<{ readonly found: readonly Item[]; readonly completeness: Completeness }> {
  const found = new Map<string, Item>()
  const told = (completeness: Completeness) => ({ found: [...found.values()], completeness })
  let given = 0
  for (let number = 1; ; number++) {
    const of = { ...query, page: String(number), per_page: String(PAGE) }
    const reply = await kibana.send({ path, query: of, what, signal })
    const { data, total } = readAs(page, reply.body, what)
    for (const item of data) found.set(idOf(item), item)
    given += data.length
    if (found.size >= total) return told({ kind: 'complete' })
    // Pages may be there once more in the place of others, so what came is counted, not what is new.
    if (data.length === 0 || given >= total) {
      const reason = `Kibana names ${total} of ${what} and gives ${found.size}.`
      return told({ kind: 'partial', reason })
    }
    if (given < THINGS_MAX) continue
    return told({ kind: 'truncated', limit: `${THINGS_MAX.toLocaleString('en')} of ${what}` })
  }
}
