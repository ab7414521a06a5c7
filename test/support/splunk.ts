// A Splunk stand-in for a file of tests, made new before each of them, and the adapter over it.

import { after, afterEach, beforeEach } from 'node:test'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { Credential, SearchRequest, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR } from '#kernel/time.ts'
import type { SeenRequest } from '#standins/exchange.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { makeEstate, type Estate, type SavedSearch } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { fakeClock, START, type FakeClock } from './clock.ts'
import { connectionTo } from './siem.ts'

export interface SplunkWorld {
  readonly clock: FakeClock
  readonly estate: Estate
  readonly standin: Standin
  readonly open: (options?: OpenOptions) => SiemPort
  /** Requests of this test. */
  readonly seen: (method: string, end: string) => readonly SeenRequest[]
}

export interface OpenOptions {
  readonly credential?: Credential
  readonly settings?: Json
  readonly at?: Standin
  readonly ca?: string
  /** Is given the waits of the way to the outside. */
  readonly waits?: (readonly number[])[]
}

const WRITER: Credential = { kind: 'basic', user: 'writer', password: 'writer' }

export async function splunkWorld(fresh: () => Partial<Estate>): Promise<SplunkWorld> {
  const clock = fakeClock()
  const estate = makeEstate({ clock })
  const standin = await startStandin(splunkAnswers(estate), { clock })
  after(() => standin.stop())
  const connections: { close(): void }[] = []
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close()
  })
  let first = 0
  beforeEach(() => {
    standin.faults.clear()
    const usual = { pollsToDone: 0, jobsMax: 50, resultRowsMax: 50_000 }
    Object.assign(estate, { savedSearches: [], fired: [], ...usual }, fresh())
    estate.jobs.clear()
    estate.sessions.clear()
    first = standin.requests.length
  })
  return {
    clock,
    estate,
    standin,
    open({ credential = WRITER, settings = {}, at = standin, ca, waits } = {}) {
      const options = { kind: 'splunk', credential, settings, clock } as const
      const connection = connectionTo(
        { api: at.url },
        { ...options, ...(ca !== undefined && { ca }) },
      )
      connections.push(connection)
      waits?.push(connection.waits)
      return openSplunk(connection)
    },
    seen: (method, end) =>
      standin.requests
        .slice(first)
        .filter((each) => each.method === method && each.path.endsWith(end)),
  }
}

export function account(name: string): Credential {
  return { kind: 'basic', user: name, password: name }
}

/** Over the last hour. */
export function searchFor(text: string, more: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query: { language: 'spl', text },
    from: addMs(START, -HOUR),
    to: START,
    rowsMax: 100,
    secondsMax: 60,
    segmentId: 'seg_1',
    person: 'ada',
    purpose: 'hunt',
    ...more,
  }
}

/** One that everybody sees and that runs by itself. */
export function savedSearch(name: string, more: Partial<SavedSearch> = {}): SavedSearch {
  return {
    name,
    app: 'search',
    owner: 'nobody',
    sharing: 'app',
    readers: ['*'],
    writers: ['writer'],
    updated: START,
    settings: new Map(Object.entries({ search: 'index=main', is_scheduled: '1' })),
    ...more,
  }
}
