// Where an event comes from, by what it says: its own `logsource`, the Windows channel it was written
// to, or the shape that only one source has. What is not certain is not said: such an event is shown
// to all rules.

import type { EventSource } from '#languages/sigma/match.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import {
  MORE_CHANNELS,
  POWERSHELL_EVENTS,
  SYSMON_EVENTS,
  WINDOWS_CHANNELS,
} from '#languages/sigma/pipelines/windows-facts.ts'
import type { EventObject } from './format.ts'

export function logSourceOf(event: EventObject): EventSource | undefined {
  if (Object.hasOwn(event, 'logsource')) return sourceOf(event)
  const { Channel, EventID } = event
  if (typeof Channel === 'string') return windowsSource(Channel, Number(EventID))
  for (const { isOne, source } of SHAPES) if (isOne(event)) return source(event)
  return undefined
}

const SERVICES: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...WINDOWS_CHANNELS, ...MORE_CHANNELS }).flatMap(([service, channels]) =>
    [channels].flat().map((channel): [string, string] => [channel.toLowerCase(), service]),
  ),
)
const known = new Map<string, EventSource>()
const KNOWN_MAX = 5_000

function windowsSource(channel: string, event: number): EventSource {
  const key = `${event} ${channel}`
  const before = known.get(key)
  if (before !== undefined) return before
  const service = SERVICES.get(channel.toLowerCase())
  const category = categoriesOf(service, event)
  const source: EventSource = {
    product: 'windows',
    ...(service === undefined ? {} : { service }),
    ...(category.length === 0 ? {} : { category }),
  }
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(key, source)
  return source
}

function categoriesOf(service: string | undefined, event: number): readonly string[] {
  if (service === 'security') return event === 4688 ? ['process_creation'] : []
  if (service === 'sysmon') {
    return Object.entries(SYSMON_EVENTS).flatMap(([category, events]) =>
      [events].flat().includes(event) ? [category] : [],
    )
  }
  return Object.entries(POWERSHELL_EVENTS).flatMap(([category, one]) =>
    one.event === event && one.service === service ? [category] : [],
  )
}

interface Shape {
  readonly isOne: (event: EventObject) => boolean
  readonly source: (event: EventObject) => EventSource
}

const has = (event: EventObject, ...names: readonly string[]) =>
  names.every((name) => Object.hasOwn(event, name))

const SHAPES: readonly Shape[] = [
  {
    isOne: (event) => has(event, 'eventSource', 'eventName', 'awsRegion'),
    source: () => ({ product: 'aws', service: 'cloudtrail' }),
  },
  {
    isOne: ({ _path }) => typeof _path === 'string',
    source: ({ _path }) => ({ product: 'zeek', service: _path as string }),
  },
  {
    isOne: (event) => has(event, 'eventType', 'displayMessage', 'actor'),
    source: () => ({ product: 'okta', service: 'okta' }),
  },
  {
    isOne: (event) => has(event, 'protoPayload', 'logName'),
    source: () => ({ product: 'gcp', service: 'gcp.audit' }),
  },
  {
    isOne: (event) => has(event, 'appname', 'message', 'hostname'),
    source: ({ appname }) => ({ product: 'linux', service: syslogService(String(appname)) }),
  },
]

const OWN_SERVICES = new Set(['sshd', 'sudo', 'cron', 'vsftpd', 'clamav', 'auditd'])

function syslogService(app: string): string {
  const name = app.toLowerCase().replace(/^.*\//, '')
  return OWN_SERVICES.has(name) ? name : 'syslog'
}
