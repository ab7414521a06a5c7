// What analytics rules build on: the watchlists of a workspace by the alias that queries call them by,
// without what is in them, which is data of its owner by the million rows; and the functions that somebody
// saved in it. And who takes up their incidents: automation rules, with the playbooks that those run.

import { z } from 'zod'
import { readParts, type DependencyPart } from '#adapters/siem/dependency-parts.ts'
import type { DependenciesAnswer } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { listAll, type SentinelAccess } from './access.ts'
import { automationOf } from './automation.ts'

type Told = DependenciesAnswer['dependencies'][number]

export async function readDependencies(
  access: SentinelAccess,
  signal: AbortSignal,
): Promise<DependenciesAnswer> {
  const told = await readParts([
    () => readList(access, WATCHLISTS, signal),
    () => readList(access, FUNCTIONS, signal),
    () => readAutomation(access, signal),
  ])
  // Parsers and tools of Microsoft's own are in no list of the workspace.
  const isBuiltIn = (kind: string, name: string) =>
    kind === 'function' && (name.startsWith('_') || OF_DEFENDER.has(name.toLowerCase()))
  return { ...told, isBuiltIn }
}

const OF_DEFENDER = new Set(['fileprofile', 'devicefromip', 'assignedipaddresses', 'seenby'])

interface List<Item> {
  readonly path: string
  readonly version: string
  readonly kind: Told['kind']
  readonly what: string
  readonly item: z.ZodType<Item>
  /** Undefined for what is listed with them and is none. */
  readonly read: (item: Item) => Told | undefined
}

const INSIGHTS = '/providers/Microsoft.SecurityInsights'

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

const WATCHLISTS: List<z.output<typeof watchlist>> = {
  path: `${INSIGHTS}/watchlists`,
  version: '2025-09-01',
  kind: 'watchlist',
  what: 'the watchlists',
  item: watchlist,
  read: ({ properties: { watchlistAlias: name, ...own } }) => ({
    kind: 'watchlist',
    name,
    definition: given(own),
  }),
}

const savedSearch = z.object({
  properties: z.object({
    displayName: z.string().nullish(),
    query: z.string().default(''),
    functionAlias: z.string().nullish(),
    functionParameters: z.string().nullish(),
  }),
})

/** Among saved queries, those with a name to call them by. */
const FUNCTIONS: List<z.output<typeof savedSearch>> = {
  path: '/savedSearches',
  version: '2025-02-01',
  kind: 'function',
  what: 'the saved functions',
  item: savedSearch,
  read({ properties: { functionAlias: name, displayName, query, functionParameters } }) {
    if (typeof name !== 'string' || name === '') return undefined
    const definition = given({ query, parameters: functionParameters, displayName })
    return { kind: 'function', name, definition, queries: [{ language: 'kusto', text: query }] }
  },
}

function given(members: Readonly<Record<string, string | null | undefined>>): Json {
  const known = Object.entries(members).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [[key, value] as const] : [],
  )
  return Object.fromEntries(known)
}

async function readList<Item>(
  access: SentinelAccess,
  { path, version, what, kind, item, read }: List<Item>,
  signal: AbortSignal,
): Promise<DependencyPart> {
  const { items, isCut } = await listAll(access, { path, version, what }, signal)
  const parsed = items.map((one) => item.safeParse(one))
  const dependencies = parsed.flatMap(({ data }) => (data === undefined ? [] : (read(data) ?? [])))
  const unread = parsed.filter(({ success }) => !success).length
  return { kinds: [kind], dependencies, completeness: completenessOf(isCut, unread, items, what) }
}

async function readAutomation(
  access: SentinelAccess,
  signal: AbortSignal,
): Promise<DependencyPart> {
  const what = 'the automation rules'
  const wish = { path: `${INSIGHTS}/automationRules`, version: '2025-09-01', what }
  const { items, isCut } = await listAll(access, wish, signal)
  const read = items.map(automationOf)
  const known = read.filter((one) => one !== undefined)
  return {
    kinds: ['automation_rule'],
    dependencies: known.map(({ told }) => told),
    reactions: known.flatMap(({ told: { name }, refs }) =>
      refs.map((ref) => ({ ref, kind: 'automation_rule' as const, name })),
    ),
    completeness: completenessOf(isCut, read.length - known.length, items, what),
  }
}

function completenessOf(
  isCut: boolean,
  unread: number,
  { length }: readonly unknown[],
  what: string,
): DependenciesAnswer['completeness'] {
  if (isCut) return { kind: 'truncated', limit: `${length.toLocaleString('en')} of ${what}` }
  if (unread === 0) return { kind: 'complete' }
  return { kind: 'partial', reason: `${unread} of ${what} came in a form that is not known.` }
}
