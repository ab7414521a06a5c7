// Splunk at two sites: London, with Enterprise Security, and New York, which was bought and kept its own
// names of indexes.

import type { Clock } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import { makeEstate, type Estate } from '#standins/splunk/estate.ts'
import { elsewhere, placeEvents, type PlacedEvent, type SampleEvent } from './events.ts'

const HOUR_MS = 3_600_000

/** Index by what an event is: Windows, Linux, cloud, network. */
interface Site {
  readonly name: string
  readonly indexes: Readonly<Record<'windows' | 'linux' | 'cloud' | 'network', string>>
}

const LONDON: Site = {
  name: 'london',
  indexes: {
    windows: 'wineventlog_ldn',
    linux: 'os_ldn',
    cloud: 'cloud',
    network: 'network_ldn',
  },
}
const NEW_YORK: Site = {
  name: 'newyork',
  indexes: { windows: 'win_us', linux: 'nix_us', cloud: 'saas_us', network: 'fw_us' },
}

export function makeLondon(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Estate {
  return makeEstate({ clock, serverName: 'splunk-ldn-sh1', events: eventsOf(LONDON, events) })
}

export function makeNewYork(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Estate {
  const there = elsewhere(events, { site: 'nyc', laterMs: HOUR_MS })
  return makeEstate({ clock, serverName: 'splunk-nyc-sh1', events: eventsOf(NEW_YORK, there) })
}

function eventsOf({ indexes }: Site, events: readonly SampleEvent[]): readonly EventRecord[] {
  return placeEvents(splunkRows(), events).map((placed) => {
    const { atMs, fields } = placed
    const { Computer, source } = fields as Readonly<Record<string, string | undefined>>
    return {
      _time: atMs / 1_000,
      index: indexes[areaOf(placed)],
      host: Computer ?? 'collector-01',
      ...(source !== undefined && { sourcetype: source.split(':', 1)[0] }),
      ...fields,
    }
  })
}

function areaOf({ row, fields }: PlacedEvent): keyof Site['indexes'] {
  const [keys = {}] = row.when
  if (keys.product === 'windows') return 'windows'
  if (keys.product === 'linux') return 'linux'
  return 'tag' in fields ? 'network' : 'cloud'
}
