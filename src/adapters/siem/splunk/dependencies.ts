// What searches build on: macros, and lookups by the names that searches call them by.

import type { Completeness, DependenciesAnswer } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import type { SplunkClient } from './client.ts'
import { feed, readAs, type FeedEntry } from './replies.ts'

const PAGE = 500
const THINGS_MAX = 20_000

type Told = DependenciesAnswer['dependencies'][number]

export async function readDependencies(
  client: SplunkClient,
  signal: AbortSignal,
): Promise<DependenciesAnswer> {
  const macros = await readAll(client, '/servicesNS/-/-/configs/conf-macros', 'the macros', signal)
  const path = '/servicesNS/-/-/data/transforms/lookups'
  const lookups = await readAll(client, path, 'the lookups', signal)
  const cut = [macros, lookups].find(({ completeness }) => completeness.kind !== 'complete')
  return {
    kinds: ['macro', 'lookup'],
    dependencies: [...macros.entries.map(macroOf), ...lookups.entries.map(lookupOf)],
    completeness: cut?.completeness ?? { kind: 'complete' },
  }
}

function macroOf({ name, content }: FeedEntry): Told {
  const given = textOf(content['args'])
  const names = given.split(',').map((one) => one.trim())
  const definition = { definition: textOf(content['definition']), arguments: names.filter(Boolean) }
  return { kind: 'macro', name, definition }
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

async function readAll(
  client: SplunkClient,
  path: string,
  what: string,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly FeedEntry[]; readonly completeness: Completeness }> {
  const entries = new Map<string, FeedEntry>()
  let offset = 0
  for (;;) {
    const query = { count: String(PAGE), offset: String(offset), sort_key: 'name' }
    const reply = await client.send({ path, query, what, signal })
    const page = readAs(feed, reply.body, what)
    for (const entry of page.entry) entries.set(entry.name, entry)
    offset += page.entry.length
    if (page.entry.length === 0 || offset >= (page.paging?.total ?? offset)) break
    if (offset < THINGS_MAX) continue
    const limit = `${THINGS_MAX.toLocaleString('en')} of ${what}`
    return { entries: [...entries.values()], completeness: { kind: 'truncated', limit } }
  }
  return { entries: [...entries.values()], completeness: { kind: 'complete' } }
}
