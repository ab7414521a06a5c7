// What saved searches of both sites have in common: whose they are, when they run, and a plain alert.

import { addMs, instant, type Instant } from '#kernel/time.ts'
import type { SavedSearch } from '#standins/splunk/estate.ts'
import { oneOf, rollOf, type Detection } from './detections.ts'
import type { Level } from './families.ts'

const DAY_MS = 86_400_000

/** What an event is, which says in which index it lies. */
export type Area = 'windows' | 'linux' | 'cloud' | 'network'

export const AREAS: Readonly<Record<Detection['family']['log'], Area>> = {
  process: 'windows',
  registry: 'windows',
  file: 'windows',
  security: 'windows',
  linux: 'linux',
  aws: 'cloud',
  entra: 'cloud',
  signIn: 'cloud',
  okta: 'cloud',
  web: 'network',
  proxy: 'network',
  dns: 'network',
}

const SEVERITIES: Readonly<Record<Level, string>> = {
  low: '3',
  medium: '4',
  high: '5',
  critical: '6',
}
const CRONS = ['*/5 * * * *', '*/10 * * * *', '3-59/15 * * * *', '*/30 * * * *', '7 * * * *']
const WINDOWS_BACK = ['-10m@m', '-15m@m', '-20m@m', '-35m@m', '-65m@m']

/** Those who wrote them. `p.rossi` has left, so Splunk runs nothing of hers. */
const AUTHORS = ['m.gray', 't.okafor', 'j.lindqvist', 'soc-automation', 'admin', 'p.rossi']

export interface Made {
  readonly name: string
  readonly app: string
  readonly sharing: SavedSearch['sharing']
  readonly settings: Readonly<Record<string, string>>
}

/** Where Splunk keeps it, as of `now`. */
export function saved({ name, app, sharing, settings }: Made, now: Instant): SavedSearch {
  const owner = oneOf(AUTHORS, `owner ${name}`)
  const isOrphan = owner === 'p.rossi'
  return {
    name,
    app,
    owner,
    sharing,
    readers: ['*'],
    writers: ['writer', 'admin'],
    updated: addMs(instant(now - (now % DAY_MS)), -rollOf(`age ${name}`, 900) * DAY_MS),
    settings: new Map(Object.entries({ ...settings, ...(isOrphan && { orphan: '1' }) })),
  }
}

export function scheduled(detection: Detection, name: string): Record<string, string> {
  const at = rollOf(`cron ${name}`, CRONS.length)
  return {
    is_scheduled: '1',
    cron_schedule: CRONS[at]!,
    'dispatch.earliest_time': WINDOWS_BACK[at]!,
    'dispatch.latest_time': '@m',
    disabled: rollOf(`off ${name}`, 100) < 9 ? '1' : '0',
    description: `${detection.name}. ATT&CK ${detection.family.technique}.`,
    alert_type: 'number of events',
    alert_comparator: 'greater than',
    alert_threshold: '0',
    'alert.track': '1',
    'alert.severity': SEVERITIES[detection.family.level],
    ...(rollOf(`window ${name}`, 100) < 40 && { schedule_window: 'auto' }),
    ...(rollOf(`skew ${name}`, 100) < 10 && { allow_skew: '10%' }),
  }
}

/** A plain alert, by mail or into the queue of the service desk. */
export function alert(
  detection: Detection,
  { name, app, search }: { readonly name: string; readonly app: string; readonly search: string },
): Made {
  const isTicket = rollOf(`ticket ${name}`, 100) < 25
  return {
    name,
    app,
    sharing: 'app',
    settings: {
      ...scheduled(detection, name),
      search,
      ...(isTicket
        ? {
            actions: 'acme_ticket',
            'action.acme_ticket': '1',
            'action.acme_ticket.param.queue': oneOf(['soc-l1', 'soc-l2', 'identity'], name),
          }
        : {
            actions: 'email',
            'action.email': '1',
            'action.email.to': oneOf(['soc@acme.example', 'it-duty@acme.example'], name),
            'action.email.subject': `[Splunk] ${name}`,
          }),
    },
  }
}
