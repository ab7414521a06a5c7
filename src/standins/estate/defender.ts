// Microsoft Defender of the whole company: what its sensors and connected clouds saw, and the custom
// detections that people saved out of hunting.

import { addMs, DAY, HOUR, instant, type Clock } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { defenderRows } from '#languages/sigma/pipelines/rw-kusto.ts'
import { makeTenant, type GraphTenant, type LastRun } from '#standins/microsoft/graph-tenant.ts'
import {
  kustoFilter,
  listDetections,
  oneOf,
  placeOf,
  rollOf,
  uuidOf,
  type Detection,
} from './detections.ts'
import { placeEvents, type PlacedEvent, type SampleEvent } from './events.ts'

const ROWS = defenderRows()
const AUTHORS = ['ines@acme.example', 'm.gray@acme.example', 'hunting@acme.example']

export function makeDefender(
  clock: Pick<Clock, 'now'>,
  events: readonly SampleEvent[],
): GraphTenant {
  const tenant = makeTenant({ clock, events: tablesOf(events) })
  for (const detection of listDetections()) {
    const row = placeOf(ROWS, detection.log)
    if (row === undefined || rollOf(`xdr ${detection.name}`, 100) >= 45) continue
    const body = bodyOf(detection, kustoFilter(row, detection))
    const by = oneOf(AUTHORS, detection.name)
    const at = addMs(instant(clock.now()), -rollOf(`age ${detection.name}`, 400) * DAY)
    const id = String(++tenant.serial)
    const written = { createdBy: by, createdAt: at, changedBy: by, changedAt: at }
    const detectorId = uuidOf(detection.name)
    tenant.rules.set(id, { id, detectorId, body, ...written, lastRun: lastRun(clock, id) })
  }
  return tenant
}

function lastRun(clock: Pick<Clock, 'now'>, id: string): LastRun | null {
  const roll = rollOf(`run ${id}`, 100)
  if (roll < 10) return null
  const at = addMs(instant(clock.now()), -HOUR)
  if (roll > 95) {
    const failureReason = 'The query used more than the processing time of the tenant.'
    return { at, status: 'failed', errorCode: 'queryTimeout', failureReason }
  }
  return { at, status: 'completed', errorCode: null, failureReason: null }
}

const SEVERITIES = { low: 'low', medium: 'medium', high: 'high', critical: 'high' } as const

function bodyOf({ name, family }: Detection, filter: string) {
  const device = filter.startsWith('Device')
  const key = device ? 'DeviceId, DeviceName' : 'AccountObjectId, AccountDisplayName'
  const tactic = family.tactic.split('-').map((word) => word[0]!.toUpperCase() + word.slice(1))
  return {
    displayName: `XDR ${name}`,
    isEnabled: rollOf(`on ${name}`, 100) >= 10,
    queryCondition: { queryText: `${filter}\n| project Timestamp, ReportId, ${key}` },
    schedule: { period: oneOf(['0', '1H', '3H', '24H'], `period ${name}`) },
    detectionAction: {
      alertTemplate: {
        title: name,
        description: `${name}. Saved out of hunting.`,
        severity: SEVERITIES[family.level],
        category: tactic.join(''),
        mitreTechniques: [family.technique],
        recommendedActions: 'Ask the owner of the computer.',
        impactedAssets: device
          ? [
              {
                '@odata.type': '#microsoft.graph.security.impactedDeviceAsset',
                identifier: 'deviceId',
              },
            ]
          : [],
      },
      responseActions:
        device && rollOf(`isolate ${name}`, 100) < 10
          ? [
              {
                '@odata.type': '#microsoft.graph.security.isolateDeviceResponseAction',
                identifier: 'deviceId',
                isolationType: 'selective',
              },
            ]
          : [],
    },
  }
}

// ── Events ───────────────────────────────────────────────────────────────────────────────────────

function tablesOf(events: readonly SampleEvent[]): Map<string, readonly EventRecord[]> {
  const placed = placeEvents(ROWS, events)
  const byTable = Map.groupBy(placed, ({ row }) => String(row.state!['query_table']))
  return new Map([...byTable].map(([table, ofTable]) => [table, ofTable.map(recordOf)]))
}

/** Defender keeps accounts without their domain, and files also by their name. */
function recordOf({ atMs, host, fields }: PlacedEvent, at: number): EventRecord {
  const { AccountName: user, FolderPath: path } = fields as Readonly<Record<string, string>>
  return {
    Timestamp: new Date(atMs).toISOString(),
    ReportId: at + 1,
    ...fields,
    ...(host !== undefined && { DeviceName: host, DeviceId: deviceOf(host) }),
    ...(user !== undefined && {
      AccountDomain: user.includes('\\') ? user.split('\\', 1)[0] : '',
      AccountName: lastPart(user),
    }),
    ...(path !== undefined && { FileName: lastPart(path) }),
  }
}

function lastPart(text: string): string {
  return text.slice(text.search(/[^\\/]*$/))
}

function deviceOf(host: string): string {
  return rollOf(host, 2 ** 32)
    .toString(16)
    .padStart(8, '0')
    .repeat(5)
}
