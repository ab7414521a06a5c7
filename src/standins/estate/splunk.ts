// Splunk at two sites: London, with Enterprise Security, and New York, which was bought and kept its own
// names of indexes.

import type { Clock } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import { makeEstate, type Estate, type SavedSearch } from '#standins/splunk/estate.ts'
import { rollOf } from './detections.ts'
import { elsewhere, placeEvents, type PlacedEvent, type SampleEvent } from './events.ts'
import { LONDON_DATA_MODELS, LONDON_INDEXES, LONDON_MACROS, londonSearches } from './london.ts'
import { NEW_YORK_INDEXES, newYorkSearches } from './new-york.ts'
import type { Area } from './saved-searches.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Indexes = Readonly<Record<Area, string>>

export function makeLondon(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Estate {
  const savedSearches = londonSearches(clock.now())
  return makeEstate({
    clock,
    serverName: 'splunk-ldn-sh1',
    savedSearches,
    macros: new Map(LONDON_MACROS),
    lookups: new Map([['assets.csv', ASSETS]]),
    dataModels: new Map(LONDON_DATA_MODELS),
    events: [...eventsOf(LONDON_INDEXES, events), ...scheduler(savedSearches, clock.now())],
    apps: {
      ...APPS,
      SplunkEnterpriseSecuritySuite: { label: 'Enterprise Security', writers: ['writer', 'admin'] },
      acme_soc: { label: 'Acme SOC', writers: ['writer', 'admin'] },
    },
  })
}

export function makeNewYork(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Estate {
  const there = elsewhere(events, { site: 'nyc', laterMs: HOUR_MS })
  const savedSearches = newYorkSearches(clock.now())
  return makeEstate({
    clock,
    serverName: 'splunk-nyc-sh1',
    savedSearches,
    events: [...eventsOf(NEW_YORK_INDEXES, there), ...scheduler(savedSearches, clock.now())],
    apps: { ...APPS, us_soc: { label: 'SOC US', writers: ['writer', 'admin'] } },
  })
}

const APPS = { search: { label: 'Search & Reporting', writers: ['writer', 'admin'] } }

const ASSETS: readonly EventRecord[] = [
  ...Array.from({ length: 20 }, (_, at) => ({
    host: `wks-0${10 + at}.acme.example`,
    part: 'workstations',
    owner: 'it-desk',
  })),
  { host: 'srv-fs01.acme.example', part: 'servers', owner: 'm.gray' },
  { host: 'web-01.acme.example', part: 'production', owner: 'shop' },
  { host: 'web-02.acme.example', part: 'production', owner: 'shop' },
]

/** Some runs a day for each search that runs: enough to tell who is skipped, who fails and who fires. */
const RUNS = 6

function scheduler(searches: readonly SavedSearch[], now: number): readonly EventRecord[] {
  return searches.flatMap(({ name, app, owner, settings }) => {
    if (settings.get('is_scheduled') !== '1' || settings.get('disabled') === '1') return []
    if (settings.get('orphan') === '1') return []
    const isLoud = rollOf(`loud ${name}`, 100) < 6
    const fate = rollOf(`fate ${name}`, 100)
    const isBroken = /`ldn_vip_users`|tools_2019\.csv/.test(settings.get('search') ?? '')
    return Array.from({ length: RUNS }, (_, run): EventRecord => {
      const at = (now - (run + 1) * 4 * HOUR_MS + rollOf(`at ${name}`, 30) * MINUTE_MS) / 1_000
      const isSkipped = fate < 4 && run % 2 === 0
      const found = isLoud ? 3 + run : fate > 92 && run === 1 ? 1 : 0
      return {
        _time: at,
        index: '_internal',
        sourcetype: 'scheduler',
        savedsearch_name: name,
        app,
        user: owner,
        status: isBroken ? 'failed' : isSkipped ? 'skipped' : 'success',
        scheduled_time: at,
        dispatch_time: at + rollOf(`lag ${name}`, 20),
        run_time: 0.2 + rollOf(`runs ${name}`, 90) / 10,
        result_count: isBroken || isSkipped ? 0 : found,
        alert_actions: found > 0 && !isSkipped && !isBroken ? (settings.get('actions') ?? '') : '',
        ...(isBroken && { reason: 'The search refers to knowledge objects that do not exist' }),
        ...(isSkipped && {
          reason:
            'The maximum number of concurrent historical searches on this instance was reached',
        }),
      }
    })
  })
}

function eventsOf(indexes: Indexes, events: readonly SampleEvent[]): readonly EventRecord[] {
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

function areaOf({ row, fields }: PlacedEvent): Area {
  const [keys = {}] = row.when
  if (keys.product === 'windows') return 'windows'
  if (keys.product === 'linux') return 'linux'
  return 'tag' in fields ? 'network' : 'cloud'
}
