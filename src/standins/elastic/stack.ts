// What an Elastic stand-in holds: documents by index, people and keys with what they may do, searches
// under way, and what Kibana's detection engine keeps. Plain data that a test fills, reads and bends.

import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { SearchDocument } from '#standins/opensearch/cluster.ts'
import type { ElasticError } from './errors.ts'

export interface StackUser {
  readonly password: string
  readonly roles: readonly string[]
  readonly cluster: readonly string[]
  readonly indices: readonly {
    readonly names: readonly string[]
    readonly privileges: readonly string[]
  }[]
  /** What Kibana's feature Security gives. */
  readonly kibana: 'none' | 'read' | 'all'
}

export interface ApiKey {
  readonly key: string
  readonly name: string
  /** Whose rights it has. */
  readonly user: string
  readonly expiresAt?: Instant
}

/** ES|QL or EQL, kept under its id. */
export interface AsyncSearch {
  readonly id: string
  readonly kind: 'esql' | 'eql'
  readonly opaqueId: string
  readonly startedAt: Instant
  /** What it ends with. */
  readonly run: () => Json
  polls: number
  answer: Json | ElasticError | null
  expiresAt: number
}

export interface KibanaRule {
  readonly id: string
  readonly space: string
  /** All that Kibana answers but `execution_summary`. */
  body: { readonly [key: string]: Json }
  execution: Json | null
  /** Whose rights it runs with. */
  keyOf: string
}

export interface Stack {
  readonly clock: { now(): Instant }
  version: string
  kibanaVersion: string
  readonly users: Readonly<Record<string, StackUser>>
  apiKeys: Readonly<Record<string, ApiKey>>
  spaces: readonly string[]
  documents: readonly SearchDocument[]
  /** Made, and perhaps without a document. */
  readonly emptyIndices: Set<string>
  readonly pits: Map<string, { readonly documents: readonly SearchDocument[]; expiresAt: number }>
  readonly searches: Map<string, AsyncSearch>
  /** What still runs although it was cancelled, and for how many looks. */
  readonly lingering: Map<string, number>
  rules: KibanaRule[]
  /** Each with its `items` inside, which Kibana gives at a door of their own. */
  exceptionLists: readonly { readonly [key: string]: Json }[]
  connectors: readonly { readonly [key: string]: Json }[]
  /** How often a search is asked for before it has ended. */
  pollsToDone: number
  /** After its cancellation a search runs on for so many looks. */
  looksToCancel: number
  /** search.max_async_search_response_size */
  storedBytesMax: number
  /** Versions before 8.19 and 9.1 do not say what ES|QL read. */
  tellsReads: boolean
  hasEncryptionKey: boolean
  serial: number
}

const LOGS = { names: ['logs-*'], privileges: ['read', 'view_index_metadata'] }
const TESTS = {
  names: ['rulewright-test-*'],
  privileges: ['create_index', 'write', 'read', 'delete_index'],
}
const ALERTS = ['.alerts-security.alerts-*', '.preview.alerts-security.alerts-*']

export function makeStack(options: Partial<Stack> & Pick<Stack, 'clock'>): Stack {
  const users: Record<string, StackUser> = {
    reader: {
      password: 'reader',
      roles: ['rulewright_read'],
      cluster: ['monitor'],
      indices: [LOGS, { names: ALERTS, privileges: ['read', 'view_index_metadata'] }],
      kibana: 'read',
    },
    writer: {
      password: 'writer',
      roles: ['rulewright_write'],
      cluster: ['monitor'],
      indices: [
        LOGS,
        { names: ALERTS, privileges: ['read', 'view_index_metadata', 'write', 'maintenance'] },
      ],
      kibana: 'all',
    },
    admin: {
      password: 'admin',
      roles: ['superuser'],
      cluster: ['all'],
      indices: [{ names: ['*'], privileges: ['all'] }],
      kibana: 'all',
    },
    tester: {
      password: 'tester',
      roles: ['rulewright_read'],
      cluster: ['monitor'],
      indices: [LOGS, TESTS, { names: ALERTS, privileges: ['read', 'view_index_metadata'] }],
      kibana: 'read',
    },
    nobody: { password: 'nobody', roles: [], cluster: [], indices: [], kibana: 'none' },
  }
  const keys = Object.keys(users).map((user): [string, ApiKey] => [
    `${user}-id`,
    { key: `${user}-key`, name: `rulewright-${user}`, user },
  ])
  return {
    version: '9.1.0',
    kibanaVersion: '9.1.0',
    users,
    apiKeys: Object.fromEntries(keys),
    spaces: ['default'],
    documents: [],
    emptyIndices: new Set(),
    pits: new Map(),
    searches: new Map(),
    lingering: new Map(),
    rules: [],
    exceptionLists: [],
    connectors: [],
    pollsToDone: 1,
    looksToCancel: 0,
    storedBytesMax: 10_485_760,
    tellsReads: true,
    hasEncryptionKey: true,
    serial: 0,
    ...options,
  }
}
