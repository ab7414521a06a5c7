// All saved searches that the credential sees, page by page: where each stands and whether it runs by
// itself.

import type { Json } from '#kernel/json.ts'
import type { Completeness } from '#domain/targets/port.ts'
import type { SplunkClient } from './client.ts'
import { feed, flag, readAs, type FeedEntry } from './replies.ts'

const PAGE = 200
const SEARCHES_MAX = 20_000

/** Defaults of alert actions would triple an answer and say nothing of the rule. */
export const LEAN = { listDefaultActionArgs: '0' }

export interface Place {
  readonly owner: string
  readonly app: string
  readonly name: string
}

/** `owner/app/name`; neither a user nor an application can have a slash in its name. */
export function refOf({ owner, app, name }: Place): string {
  return `${owner}/${app}/${name}`
}

export function placeIn({ name, acl }: FeedEntry): Place {
  const owner = acl?.sharing === 'user' ? (acl.owner ?? 'nobody') : 'nobody'
  return { owner, app: acl?.app ?? 'search', name }
}

/** Each once, also where the list moved while it was read. */
export async function readSavedSearches(
  client: SplunkClient,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly FeedEntry[]; readonly completeness: Completeness }> {
  const entries = new Map<string, FeedEntry>()
  const totals = new Set<number>()
  let offset = 0
  let isCut = false
  for (;;) {
    const reply = await client.send({
      path: '/servicesNS/-/-/saved/searches',
      query: { ...LEAN, count: String(PAGE), offset: String(offset), sort_key: 'name' },
      what: 'the list of saved searches',
      signal,
    })
    const page = readAs(feed, reply.body, 'the list of saved searches')
    for (const entry of page.entry) entries.set(refOf(placeIn(entry)), entry)
    offset += page.entry.length
    const total = page.paging?.total ?? offset
    totals.add(total)
    if (page.entry.length === 0 || offset >= total) break
    isCut = offset >= SEARCHES_MAX
    if (isCut) break
  }
  // A page that came twice stands in the place of one that did not come.
  const hasMoved = totals.size > 1 || entries.size < offset
  return { entries: [...entries.values()], completeness: completenessOf(hasMoved, isCut) }
}

function completenessOf(hasMoved: boolean, isCut: boolean): Completeness {
  if (isCut) {
    return { kind: 'truncated', limit: `${SEARCHES_MAX.toLocaleString('en')} saved searches` }
  }
  if (!hasMoved) return { kind: 'complete' }
  return { kind: 'partial', reason: 'Saved searches came or went while they were read.' }
}

/** Reports and panels are saved searches, too: a rule runs by itself, or is a detection by its words. */
export function runsByItself({ content }: FeedEntry): boolean {
  return (
    isOn(content['is_scheduled']) ||
    isOn(content['action.correlationsearch.enabled']) ||
    isOn(content['alert.track'])
  )
}

export function isOn(value: Json | undefined): boolean {
  return value !== undefined && flag.safeParse(value).data === true
}
