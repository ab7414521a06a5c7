// Microsoft Graph's stand-in for a file of tests, emptied before each of them, and the adapter over it.

import { beforeEach } from 'node:test'
import { openDefender } from '#adapters/siem/defender/open.ts'
import type { RowsPage, SearchRequest, SearchState, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { makeTenant, type GraphTenant } from '#standins/microsoft/graph-tenant.ts'
import { graphService } from '#standins/microsoft/graph.ts'
import { fakeClock, START, type FakeClock } from './clock.ts'
import { microsoftWorld, type MicrosoftWorld } from './microsoft.ts'

export const ALL_ROLES = ['ThreatHunting.Read.All', 'CustomDetection.ReadWrite.All']

/** A custom detection of this name, whose alerts have it as their title. */
export function detectionBody(title: string) {
  return {
    displayName: title,
    isEnabled: true,
    queryCondition: { queryText: 'DeviceProcessEvents | where FileName == "whoami.exe"' },
    schedule: { period: '1H' },
    detectionAction: {
      alertTemplate: {
        title,
        description: 'What it finds.',
        severity: 'high',
        category: 'Discovery',
        mitreTechniques: ['T1033'],
        impactedAssets: [
          {
            '@odata.type': '#microsoft.graph.security.impactedDeviceAsset',
            identifier: 'deviceName',
          },
        ],
      },
      responseActions: [],
    },
  } as const
}

export interface DefenderWorld extends Pick<MicrosoftWorld, 'directory' | 'standin' | 'seen'> {
  readonly clock: FakeClock
  readonly tenant: GraphTenant
  /** As an app with these application permissions. */
  readonly open: (roles?: readonly string[]) => SiemPort
}

export async function defenderWorld(
  events: ReadonlyMap<string, readonly EventRecord[]> = new Map(),
): Promise<DefenderWorld> {
  const clock = fakeClock()
  const tenant = makeTenant({ clock })
  const { connect, ...world } = await microsoftWorld(clock, (directory) => [
    graphService(tenant, directory),
  ])
  beforeEach(() => {
    const limits = { rows: 100_000, bytes: 50 * 1024 * 1024, callsPerMinute: 45 }
    Object.assign(tenant, { calls: [], blockedUntil: null, schedules: 'period', pageSize: 100 })
    Object.assign(tenant.limits, limits)
    tenant.rules.clear()
    tenant.events.clear()
    for (const [table, rows] of events) tenant.events.set(table, rows)
  })
  return {
    ...world,
    clock,
    tenant,
    open(roles = ALL_ROLES) {
      world.directory.registrations[0]!.roles = [...roles]
      return openDefender(connect({ kind: 'defender', clock }))
    },
  }
}

/** Over the hour before the clock's start. */
export function huntFor(text: string, more: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query: { language: 'kusto', text },
    from: addMs(START, -HOUR),
    to: START,
    rowsMax: 1_000,
    secondsMax: 60,
    segmentId: 'seg_1',
    person: 'ada',
    purpose: 'hunt',
    ...more,
  }
}

const never = new AbortController().signal

/** What a search comes to. Throws what it threw. */
export async function finished(port: SiemPort, remote: Json): Promise<SearchState> {
  for (;;) {
    const state = await port.search.poll(remote, never)
    if (state.kind !== 'running') return state
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function pagesOf(port: SiemPort, remote: Json, limit: number): Promise<RowsPage[]> {
  const pages: RowsPage[] = []
  let after: Json | null = null
  do {
    const page: RowsPage = await port.search.rows(remote, { after, limit }, never)
    pages.push(page)
    after = page.next
  } while (after !== null)
  return pages
}
