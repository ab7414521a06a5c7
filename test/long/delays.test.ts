// How late events come in and how far accelerations reach, asked of stand-ins of each vendor: measured where
// both times of an event are kept, unknown where not, and what each is told as.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { measureDelays } from '#domain/health/delays.ts'
import { laggingOf } from '#domain/health/lagging.ts'
import type { Outline } from '#domain/health/outline.ts'
import type { Source } from '#domain/health/watch.ts'
import type { SchemaTable, SiemPort } from '#domain/targets/port.ts'
import type { TargetId } from '#kernel/id.ts'
import { addMs, DAY, HOUR, instant, MINUTE, SECOND } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { answers } from '#standins/faults.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { defenderWorld } from '#test/support/defender.ts'
import { elasticWorld } from '#test/support/elastic.ts'
import { sentinelWorld } from '#test/support/sentinel.ts'
import { splunkWorld } from '#test/support/splunk.ts'

const never = new AbortController().signal
const house = { random: randomBytes } as unknown as House

/** A hundred and twenty of one hour: most at once, one in ten half an hour late, three of them two hours. */
const LATE = Array.from({ length: 120 }, (_, at) => ({
  made: START - 6 * HOUR - 30 * MINUTE - at * SECOND,
  lateMs: at < 3 ? 2 * HOUR : at % 10 === 0 ? 30 * MINUTE : 5 * SECOND,
}))
const iso = (ms: number) => new Date(ms).toISOString()

const splunk = await splunkWorld(() => ({
  events: LATE.map(({ made, lateMs }) => ({
    _time: made / SECOND,
    _indextime: (made + lateMs) / SECOND,
    index: 'main',
    sourcetype: 'web',
  })),
}))
const sentinel = await sentinelWorld({
  SigninLogs: LATE.map(({ made, lateMs }) => ({
    TimeGenerated: iso(made),
    _TimeReceived: iso(made + lateMs),
  })),
})
const defender = await defenderWorld(
  new Map([
    [
      'DeviceProcessEvents',
      LATE.map(({ made, lateMs }) => ({
        Timestamp: iso(made),
        _TimeReceived: iso(made + lateMs),
      })),
    ],
  ]),
)
const elastic = await elasticWorld(
  documentsOf(
    'logs-web',
    LATE.map(({ made, lateMs }) => ({
      '@timestamp': iso(made),
      event: { ingested: iso(made + lateMs) },
    })),
  ),
)

const table = (name: string, columns: readonly string[] = []): SchemaTable => ({
  name,
  columns: columns.map((column) => ({ name: column, type: 'date' })),
  lastSeenAt: null,
})

const readerOf = (names: readonly string[], windowMs: number | null): Outline => ({
  hash: '',
  everyMs: 5 * MINUTE,
  windowMs,
  output: 'alert',
  names: [],
  refersTo: [],
  reads: { logSource: null, indexes: ['main'], sourcetypes: [], tables: names },
  fields: [],
  models: [],
  query: null,
})

interface Asked {
  readonly windowMs?: number | null
  readonly sources?: readonly Source[]
}

async function measure(port: SiemPort, held: SchemaTable, asked: Asked = {}) {
  const { windowMs = 15 * MINUTE, sources = [] } = asked
  const schema = { tables: [held], completeness: { kind: 'complete' } } as const
  const outlines = [readerOf([held.name], windowMs)]
  const given = { schema, outlines, sources, now: START }
  return [...(await measureDelays(house, port, given, never)).values()]
}

const PLACES: readonly (readonly [string, () => SiemPort, SchemaTable])[] = [
  ['Splunk', () => splunk.open(), table('index=main sourcetype=web')],
  ['Sentinel', () => sentinel.open(), table('SigninLogs')],
  ['Defender', () => defender.open(), table('DeviceProcessEvents')],
  ['Elastic', () => elastic.open(), table('logs-web', ['@timestamp', 'event.ingested'])],
]

for (const [vendor, open, held] of PLACES) {
  test(`${vendor} tells how late the events of an hour came in`, async () => {
    const [delay, ...others] = await measure(open(), held)
    assert.deepEqual(others, [])
    assert.equal(delay!.events, 120)
    assert.equal(delay!.p95Ms, 30 * MINUTE)
    assert.equal(delay!.p99Ms, 2 * HOUR)
    assert.equal(delay!.at, START)
  })
}

test('what was measured lately, or what no rule looks back for, is not asked about', async () => {
  const [, open, held] = PLACES[0]!
  const source = (at: number): Source => ({
    targetId: 'tgt_x' as TargetId,
    name: held.name,
    lastSeenAt: null,
    seenAt: START,
    quietMs: 0,
    columns: [],
    delay: { events: 120, p95Ms: 0, p99Ms: 0, at: instant(at) },
  })
  assert.equal((await measure(open(), held, { windowMs: null })).length, 0)
  assert.equal((await measure(open(), held, { sources: [source(START - HOUR)] })).length, 0)
  assert.equal((await measure(open(), held, { sources: [source(START - DAY)] })).length, 1)
})

test('what cannot be measured is unknown, and too few events say nothing', async () => {
  const [, openElastic] = PLACES[3]!
  assert.deepEqual(await measure(openElastic(), table('logs-web', ['@timestamp'])), [])
  const [, openSentinel, held] = PLACES[1]!
  sentinel.standin.faults.on({ path: '/query' }, answers(403, ''))
  assert.deepEqual(await measure(openSentinel(), held), [])
  sentinel.standin.faults.clear()
  sentinel.workspace.tables.set('Few', [{ TimeGenerated: iso(START - 6 * HOUR - MINUTE) }])
  const [few] = await measure(openSentinel(), table('Few'))
  assert.deepEqual(few, { events: 1, p95Ms: null, p99Ms: null, at: START })
})

test('Splunk tells which data models are accelerated and how far, and what is off or behind is said', async () => {
  const { estate } = splunk
  for (const name of ['Endpoint', 'Web', 'Email', 'Network']) estate.dataModels.set(name, {})
  estate.summaries.set('Endpoint', { share: 1, latest: addMs(START, -5 * MINUTE) })
  const because = { lastError: 'The disk is full.' }
  estate.summaries.set('Web', { share: 1, latest: addMs(START, -6 * HOUR), ...because })
  estate.summaries.set('Email', { share: 0.8, latest: addMs(START, -5 * MINUTE) })
  const told = await splunk.open().health!.accelerations!(never)
  const why = (model: string, windowMs: number | null = null) =>
    laggingOf({ models: [model], windowMs }, told, START)
  assert.deepEqual(
    ['endpoint', 'Web', 'Email', 'Network', 'Unheard'].map((model) => why(model)),
    [
      null,
      'The summary of Web ends 6 hours ago: The disk is full.',
      'The summary of Email is 80 % built.',
      'The data model Network is not accelerated.',
      null,
    ],
  )
  assert.equal(why('Web', 12 * HOUR), null, 'a run looks back beyond it')

  splunk.standin.faults.on({ path: 'admin/summarization' }, answers(403, ''))
  const closed = await splunk.open().health!.accelerations!(never)
  assert.deepEqual(
    closed.map(({ name, isEnabled, reachesTo }) => [name, isEnabled, reachesTo]),
    [
      ['Endpoint', true, null],
      ['Web', true, null],
      ['Email', true, null],
      ['Network', false, null],
    ],
  )
})
