// What Microsoft Graph's security services hold for a stand-in: events by table of advanced hunting,
// custom detections, and the limits of a tenant. Plain data that a test fills, reads and bends.

import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'

export interface LastRun {
  readonly at: Instant
  readonly status: 'running' | 'completed' | 'failed' | 'partiallyFailed'
  readonly errorCode: string | null
  readonly failureReason: string | null
}

export interface DetectionRule {
  /** Digits. */
  readonly id: string
  readonly detectorId: string
  /** As it was written, less what a write cannot name. */
  body: { readonly [key: string]: Json }
  readonly createdBy: string
  readonly createdAt: Instant
  changedBy: string
  changedAt: Instant
  lastRun: LastRun | null
}

export interface GraphTenant {
  readonly clock: { now(): Instant }
  readonly events: Map<string, readonly EventRecord[]>
  readonly rules: Map<string, DetectionRule>
  /** Rules on one page of a list. */
  pageSize: number
  readonly limits: { rows: number; bytes: number; callsPerMinute: number }
  /** When hunting was called, of late. */
  calls: Instant[]
  /** The processing time of the tenant is used up until then. */
  blockedUntil: Instant | null
  /** How a schedule is spelled: releases from autumn 2026 know no `period` any more. */
  schedules: 'period' | 'frequency'
  serial: number
}

const MEGABYTE = 1024 * 1024

export function makeTenant(
  options: Partial<GraphTenant> & Pick<GraphTenant, 'clock'>,
): GraphTenant {
  return {
    events: new Map(),
    rules: new Map(),
    pageSize: 100,
    limits: { rows: 100_000, bytes: 50 * MEGABYTE, callsPerMinute: 45 },
    calls: [],
    blockedUntil: null,
    schedules: 'period',
    serial: 7_000,
    ...options,
  }
}
