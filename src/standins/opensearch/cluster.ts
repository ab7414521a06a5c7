// What an OpenSearch stand-in holds: documents by index, people and their roles, points in time, and what
// Security Analytics keeps. Plain data that a test fills, reads and bends.

import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'

export interface SearchDocument {
  readonly id: string
  readonly index: string
  readonly source: EventRecord
}

export interface SecurityRule {
  readonly id: string
  version: number
  category: string
  text: string
  updated: Instant
  /** Shipped with the plugin: cannot be changed. */
  readonly isPrepackaged: boolean
}

export interface Detector {
  readonly id: string
  version: number
  body: { readonly [key: string]: Json }
  updated: Instant
}

export interface Finding {
  readonly id: string
  readonly detectorId: string
  readonly ruleIds: readonly string[]
  readonly index: string
  readonly at: Instant
}

export interface Cluster {
  readonly clock: { now(): Instant }
  readonly version: string
  readonly users: Record<string, { readonly password: string; readonly roles: readonly string[] }>
  documents: readonly SearchDocument[]
  readonly pits: Map<string, { readonly documents: readonly SearchDocument[]; expiresAt: number }>
  readonly rules: Map<string, SecurityRule>
  readonly detectors: Map<string, Detector>
  findings: readonly Finding[]
  /** Errors of monitors, by detector. */
  readonly monitorErrors: Map<string, string>
  /** What each index says of its fields for Security Analytics. */
  mappingFails: string | null
  serial: number
}

export function makeCluster(options: Partial<Cluster> & Pick<Cluster, 'clock'>): Cluster {
  return {
    version: '3.1.0',
    users: {
      reader: { password: 'reader', roles: ['security_analytics_read_access', 'logs_read'] },
      writer: { password: 'writer', roles: ['security_analytics_full_access', 'logs_read'] },
      admin: { password: 'admin', roles: ['all_access'] },
      nobody: { password: 'nobody', roles: [] },
    },
    documents: [],
    pits: new Map(),
    rules: new Map(),
    detectors: new Map(),
    findings: [],
    monitorErrors: new Map(),
    mappingFails: null,
    serial: 0,
    ...options,
  }
}

export function documentsOf(index: string, events: readonly EventRecord[]): SearchDocument[] {
  return events.map((source, at) => ({
    id: `${index}-${String(at).padStart(6, '0')}`,
    index,
    source,
  }))
}
