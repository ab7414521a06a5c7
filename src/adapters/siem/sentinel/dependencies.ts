// The watchlists of a workspace, by the alias that queries call them by. What is in them is not read: it
// is data of its owner, by the million rows.

import { z } from 'zod'
import type { DependenciesAnswer } from '#domain/targets/port.ts'
import { listAll, type SentinelAccess } from './access.ts'

const VERSION = '2025-09-01'
const WATCHLISTS = '/providers/Microsoft.SecurityInsights/watchlists'

const watchlist = z.object({
  properties: z.object({
    watchlistAlias: z.string(),
    displayName: z.string().nullish(),
    itemsSearchKey: z.string().nullish(),
    provider: z.string().nullish(),
    source: z.string().nullish(),
    updated: z.string().nullish(),
  }),
})

export async function readDependencies(
  access: SentinelAccess,
  signal: AbortSignal,
): Promise<DependenciesAnswer> {
  const wish = { path: WATCHLISTS, version: VERSION, what: 'the watchlists' }
  const { items, isCut } = await listAll(access, wish, signal)
  const read = items.map((item) => watchlist.safeParse(item))
  const dependencies = read.flatMap(({ data }) => {
    if (data === undefined) return []
    const { watchlistAlias: name, ...own } = data.properties
    const told = Object.entries(own).filter(([, value]) => value !== null && value !== undefined)
    return [{ kind: 'watchlist' as const, name, definition: Object.fromEntries(told) }]
  })
  return { kinds: ['watchlist'], dependencies, completeness: completenessOf(isCut, items, read) }
}

function completenessOf(
  isCut: boolean,
  { length }: readonly unknown[],
  read: readonly { readonly success: boolean }[],
): DependenciesAnswer['completeness'] {
  if (isCut) return { kind: 'truncated', limit: `${length.toLocaleString('en')} watchlists` }
  const unread = read.filter(({ success }) => !success).length
  if (unread === 0) return { kind: 'complete' }
  return { kind: 'partial', reason: `${unread} watchlists came in a form that is not known.` }
}
