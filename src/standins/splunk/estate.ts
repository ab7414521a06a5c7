// What a Splunk stand-in holds: people and their roles, applications, events, saved searches, macros and
// search jobs. Plain data that a test fills, reads and bends; the routes beside it only serve it.

import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import type { SplunkJob } from './job.ts'

export interface SplunkRole {
  readonly capabilities: readonly string[]
  /** `*` is every index but the internal ones; those are named, or `_*`. */
  readonly searchIndexes: readonly string[]
}

export interface SplunkUser {
  readonly password: string
  readonly roles: readonly string[]
}

export interface SplunkApp {
  readonly label: string
  /** Roles that may write into it; `*` is everybody. */
  readonly writers: readonly string[]
}

/** `sharing` user is private to its owner, app is seen within its application, global everywhere. */
export interface SavedSearch {
  readonly name: string
  readonly app: string
  owner: string
  sharing: 'user' | 'app' | 'global'
  readers: readonly string[]
  writers: readonly string[]
  updated: Instant
  /** Shipped with its application: deleting takes only what was changed. */
  readonly shipped?: ReadonlyMap<string, string>
  settings: Map<string, string>
}

export interface SplunkMacro {
  readonly definition: string
  readonly arguments: readonly string[]
  /** Computed anew at each call. */
  readonly isEval?: true
}

export interface SplunkSummary {
  /** 0..1 */
  readonly share: number
  /** Events until then are in it. */
  readonly latest: Instant
  readonly lastError?: string
}

export interface FiredAlert {
  readonly savedSearch: string
  readonly app: string
  readonly sid: string
  readonly severity: number
  readonly at: Instant
}

export interface Estate {
  readonly clock: { now(): Instant }
  readonly version: string
  readonly serverName: string
  readonly roles: Record<string, SplunkRole>
  readonly users: Record<string, SplunkUser>
  /** Token to the user it stands for and the second it expires. */
  readonly tokens: Record<string, { readonly user: string; readonly expiresAt?: number }>
  readonly sessions: Map<string, string>
  readonly apps: Record<string, SplunkApp>
  /** `_time` in seconds, `index`, `sourcetype`; internal ones stand in `_internal`. */
  events: readonly EventRecord[]
  readonly macros: Map<string, SplunkMacro>
  readonly lookups: Map<string, readonly EventRecord[]>
  /** By name: the document of each. */
  readonly dataModels: Map<string, Json>
  /** Of data models that are accelerated, by their names. */
  readonly summaries: Map<string, SplunkSummary>
  savedSearches: SavedSearch[]
  fired: FiredAlert[]
  readonly jobs: Map<string, SplunkJob>
  /** How often a job is asked for before it is done: 0 is done at once. */
  pollsToDone: number
  /** Most results that one request gives. */
  resultRowsMax: number
  /** Jobs of one user at a time. */
  jobsMax: number
  serial: number
}

export type EstateOptions = Partial<Estate> & Pick<Estate, 'clock'>

const ANALYST = ['search', 'rest_properties_get', 'list_search_scheduler']
const WRITER = [...ANALYST, 'schedule_search', 'edit_correlationsearches']

/** An estate with a reader, a writer and an administrator, each with their own name as password. */
export function makeEstate(options: EstateOptions): Estate {
  return {
    version: '9.3.1',
    serverName: 'splunk-standin',
    roles: {
      reader: { capabilities: ANALYST, searchIndexes: ['*', '_internal'] },
      writer: { capabilities: WRITER, searchIndexes: ['*', '_internal'] },
      narrow: { capabilities: ['search'], searchIndexes: ['main'] },
      admin: {
        capabilities: [...WRITER, 'admin_all_objects', 'edit_user', 'delete_by_keyword'],
        searchIndexes: ['*', '_*'],
      },
    },
    users: {
      reader: { password: 'reader', roles: ['reader'] },
      writer: { password: 'writer', roles: ['writer'] },
      narrow: { password: 'narrow', roles: ['narrow'] },
      admin: { password: 'admin', roles: ['admin'] },
    },
    tokens: {},
    sessions: new Map(),
    apps: {
      search: { label: 'Search & Reporting', writers: ['writer', 'admin'] },
      SplunkEnterpriseSecuritySuite: { label: 'Enterprise Security', writers: ['writer', 'admin'] },
    },
    events: [],
    macros: new Map(),
    lookups: new Map(),
    dataModels: new Map(),
    summaries: new Map(),
    savedSearches: [],
    fired: [],
    jobs: new Map(),
    pollsToDone: 0,
    resultRowsMax: 50_000,
    jobsMax: 50,
    serial: 0,
    ...options,
  }
}

export function capabilitiesOf(estate: Estate, user: string): readonly string[] {
  const roles = estate.users[user]?.roles ?? []
  return [...new Set(roles.flatMap((role) => estate.roles[role]?.capabilities ?? []))].toSorted()
}

export function mayWrite(estate: Estate, user: string, writers: readonly string[]): boolean {
  const roles = estate.users[user]?.roles ?? []
  return roles.some((role) => role === 'admin' || writers.includes(role) || writers.includes('*'))
}

export function maySearch(estate: Estate, user: string, index: string): boolean {
  const roles = estate.users[user]?.roles ?? []
  const allowed = roles.flatMap((role) => estate.roles[role]?.searchIndexes ?? [])
  return allowed.some((pattern) => {
    if (pattern === '*') return !index.startsWith('_')
    return pattern.endsWith('*') ? index.startsWith(pattern.slice(0, -1)) : pattern === index
  })
}
