// What searches build on: macros, lookups by the names that searches call them by, and data models.

import { readParts, type DependencyPart } from '#adapters/siem/dependency-parts.ts'
import type { Completeness, DependenciesAnswer } from '#domain/targets/port.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import type { SplunkClient } from './client.ts'
import { modelOf } from './data-model.ts'
import { feed, flag, readAs, type FeedEntry } from './replies.ts'

const THINGS_MAX = 20_000

type Told = DependenciesAnswer['dependencies'][number]

interface List {
  readonly kind: Told['kind']
  readonly path: string
  readonly what: string
  /** The first of those with one name; the others stand in other applications. */
  readonly read: (entry: FeedEntry, others: readonly FeedEntry[]) => Told
  /** Entries a page. */
  readonly page: number
}

const LISTS: readonly List[] = [
  { kind: 'macro', path: 'configs/conf-macros', what: 'the macros', read: macroOf, page: 500 },
  {
    kind: 'lookup',
    path: 'data/transforms/lookups',
    what: 'the lookups',
    read: lookupOf,
    page: 500,
  },
  // One of them is a document of 100 kB.
  { kind: 'datamodel', path: 'datamodel/model', what: 'the data models', read: modelOf, page: 50 },
]

export function readDependencies(
  client: SplunkClient,
  signal: AbortSignal,
): Promise<DependenciesAnswer> {
  return readParts(LISTS.map((list) => () => readList(client, list, signal)))
}

function macroOf(entry: FeedEntry, others: readonly FeedEntry[]): Told {
  const definition = expansionOf(entry)
  const same = contentHash(definition)
  const elsewhere = others.map(expansionOf).filter((one) => contentHash(one) !== same)
  // Which of several is meant depends on who asks, and from where.
  const told = elsewhere.length === 0 ? definition : { ...definition, elsewhere }
  return { kind: 'macro', name: entry.name, definition: told }
}

function expansionOf({ content }: FeedEntry) {
  const names = textOf(content['args']).split(',')
  return {
    definition: textOf(content['definition']),
    arguments: names.map((one) => one.trim()).filter(Boolean),
    // Of such a macro the definition is computed anew at each call.
    ...(flag.catch(false).parse(content['iseval']) && { isEval: true }),
  }
}

/** What says which file or collection it reads, and how. */
const LOOKUP_FIELDS = [
  'filename',
  'collection',
  'external_cmd',
  'fields_list',
  'match_type',
  'type',
]

function lookupOf({ name, content }: FeedEntry): Told {
  const own = LOOKUP_FIELDS.map((key) => [key, textOf(content[key])] as const)
  return {
    kind: 'lookup',
    name,
    definition: Object.fromEntries(own.filter(([, text]) => text !== '')),
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

async function readList(
  client: SplunkClient,
  { kind, path, what, read, page: size }: List,
  signal: AbortSignal,
): Promise<DependencyPart> {
  const entries = new Map<string, FeedEntry>()
  const partOf = (completeness: Completeness): DependencyPart => {
    const sorted = [...entries.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const byName = Map.groupBy(sorted, ({ name }) => name)
    const dependencies = [...byName.values()].map(([first, ...others]) => read(first!, others))
    return { kinds: [kind], dependencies, completeness }
  }
  let offset = 0
  for (;;) {
    const query = { count: String(size), offset: String(offset), sort_key: 'name' }
    const reply = await client.send({ path: `/servicesNS/-/-/${path}`, query, what, signal })
    const page = readAs(feed, reply.body, what)
    for (const entry of page.entry) entries.set(entry.id === '' ? entry.name : entry.id, entry)
    offset += page.entry.length
    if (page.entry.length === 0 || offset >= (page.paging?.total ?? offset)) break
    if (offset < THINGS_MAX) continue
    const limit = `${THINGS_MAX.toLocaleString('en')} of ${what}`
    return partOf({ kind: 'truncated', limit })
  }
  // A page that drifted, or came twice, stands in the place of what did not come.
  if (entries.size === offset) return partOf({ kind: 'complete' })
  const reason = `Some of ${what} came or went while they were read.`
  return partOf({ kind: 'partial', reason })
}
