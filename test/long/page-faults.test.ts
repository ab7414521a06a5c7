// Lists that move while they are read, pages that come twice, progress that is stuck: done to every kind of
// target. Nothing in a list stands twice, none that moved is called whole, and nobody asks for ever.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { SearchRequest, SiemKind } from '#domain/targets/port.ts'
import type { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR } from '#kernel/time.ts'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { createRule } from '#standins/elastic/rules.ts'
import { makeStack } from '#standins/elastic/stack.ts'
import { edited, repeatedPage } from '#standins/faults.ts'
import { serveArm } from '#standins/microsoft/arm.ts'
import { makeDirectory, registrationOf } from '#standins/microsoft/directory.ts'
import { makeTenant } from '#standins/microsoft/graph-tenant.ts'
import { graphService } from '#standins/microsoft/graph.ts'
import { serveLogAnalytics } from '#standins/microsoft/log-analytics.ts'
import { microsoftAnswers } from '#standins/microsoft/microsoft.ts'
import { makeWorkspace, SENTINEL_CONTRIBUTOR } from '#standins/microsoft/workspace.ts'
import { documentsOf, makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin, type Answerer, type Standin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { fakeClock, type FakeClock } from '#test/support/clock.ts'
import { ALL_ROLES } from '#test/support/defender.ts'
import { SUBJECTS } from '#test/support/fault-subjects.ts'
import { CLIENT_ID } from '#test/support/microsoft.ts'
import { connectionTo } from '#test/support/siem.ts'
import { savedSearch } from '#test/support/splunk.ts'

const never = new AbortController().signal

interface Holding {
  readonly ends: Readonly<Record<string, Answerer>>
  /** One more rule, in front of all others, so that every page begins elsewhere. */
  readonly putFirst: () => void
}

interface Row {
  readonly make: (clock: FakeClock) => Holding
  /** Who lists rules, where; and what of an answer to a poll makes a search run for ever. */
  readonly role: string
  readonly list: RegExp
  readonly rules: number
  readonly query: SearchRequest['query']
  /** Absent where a search is one call with its answer: the target tells of no progress. */
  readonly stuck?: { readonly path: RegExp; readonly edit: (value: Json) => Json }
}

const inFront = <Value>(map: Map<string, Value>, key: string, value: Value) => {
  const rest = [...map]
  map.clear()
  for (const [name, one] of [[key, value] as const, ...rest]) map.set(name, one)
}

function microsoft(clock: FakeClock) {
  const registration = registrationOf('rulewright', CLIENT_ID, 'a long secret')
  registration.roles = [...ALL_ROLES]
  return makeDirectory({ clock, registrations: [registration] })
}

const SIGMA = 'title: R\nlogsource:\n  product: windows\ndetection:\n  a: {b: c}\n  condition: a\n'
const KIBANA_RULE = {
  name: 'R',
  description: 'R',
  type: 'query',
  language: 'kuery',
  query: 'a: 1',
  index: ['logs-*'],
  severity: 'high',
  risk_score: 73,
}

const ROWS: Readonly<Record<Exclude<SiemKind, 'local'>, Row>> = {
  splunk: {
    make(clock) {
      const searches = Array.from({ length: 450 }, (_, at) => savedSearch(`Rule ${at}`))
      const estate = makeEstate({ clock, savedSearches: searches, pollsToDone: 1 })
      const putFirst = () => estate.savedSearches.unshift(savedSearch('A newer one'))
      return { ends: { api: splunkAnswers(estate) }, putFirst }
    },
    role: 'api',
    list: /\/saved\/searches$/,
    rules: 450,
    query: { language: 'spl', text: 'index=main' },
    stuck: {
      path: /\/search\/v2\/jobs\/[^/]+$/,
      edit: (value) => {
        const feed = structuredClone(value) as { entry: { content: Record<string, Json> }[] }
        const stuck = { dispatchState: 'RUNNING', isDone: false, doneProgress: 0.99 }
        for (const { content } of feed.entry) Object.assign(content, stuck)
        return feed
      },
    },
  },
  opensearch: {
    make(clock) {
      const cluster = makeCluster({ clock, documents: documentsOf('logs-a', [{ a: 1 }]) })
      const rule = (id: string) => ({
        id,
        version: 1,
        category: 'windows',
        text: SIGMA,
        updated: clock.now(),
        isPrepackaged: false,
      })
      for (let at = 0; at < 450; at++) cluster.rules.set(`r${at}`, rule(`r${at}`))
      const putFirst = () => inFront(cluster.rules, 'newer', rule('newer'))
      return { ends: { api: opensearchAnswers(cluster) }, putFirst }
    },
    role: 'api',
    list: /\/rules\/_search$/,
    rules: 450,
    query: { language: 'lucene', text: '*' },
  },
  elastic: {
    make(clock) {
      const stack = makeStack({ clock, documents: documentsOf('logs-a', [{ a: 1 }]) })
      const add = () => createRule(stack, { space: 'default', who: 'ada' }, KIBANA_RULE)
      for (let at = 0; at < 1_100; at++) add()
      const putFirst = () => {
        add()
        const [last] = stack.rules.slice(-1)
        const body = { ...last!.body, created_at: '2001-01-01T00:00:00.000Z' }
        stack.rules = [{ ...last!, body }, ...stack.rules.slice(0, -1)]
      }
      const ends = { api: elasticsearchAnswers(stack), kibana: kibanaAnswers(stack) }
      return { ends, putFirst }
    },
    role: 'kibana',
    list: /\/rules\/_find$/,
    rules: 1_100,
    query: { language: 'esql', text: 'FROM logs-*' },
    stuck: {
      path: /\/_query\/async\//,
      edit: (value) => ({ ...(value as object), is_running: true }),
    },
  },
  defender: {
    make(clock) {
      const tenant = makeTenant({ clock, pageSize: 2 })
      const body = SUBJECTS.find(({ kind }) => kind === 'defender')!.rule.body
      const rule = (id: string) => ({
        id,
        detectorId: `d${id}`,
        body,
        createdBy: 'ada',
        createdAt: clock.now(),
        changedBy: 'ada',
        changedAt: clock.now(),
        lastRun: null,
      })
      for (let at = 1; at <= 5; at++) tenant.rules.set(String(at), rule(String(at)))
      const directory = microsoft(clock)
      const answers = microsoftAnswers(directory, [graphService(tenant, directory)])
      const putFirst = () => inFront(tenant.rules, '9', rule('9'))
      return { ends: { sign_in: answers, graph: answers }, putFirst }
    },
    role: 'graph',
    list: /\/detectionRules$/,
    rules: 5,
    query: { language: 'kusto', text: 'DeviceEvents | take 1' },
  },
  sentinel: {
    make(clock) {
      const workspace = makeWorkspace({ clock, rulesPerPage: 2 })
      workspace.assignments.set(CLIENT_ID, SENTINEL_CONTRIBUTOR)
      workspace.tables.set('SigninLogs', [])
      const properties = { displayName: 'R', enabled: true, query: 'SigninLogs' }
      const rule = (name: string) => ({ name, kind: 'Scheduled', etag: '"1"', properties })
      for (let at = 0; at < 5; at++) workspace.rules.set(`r${at}`, rule(`r${at}`))
      const directory = microsoft(clock)
      const answers = microsoftAnswers(directory, [
        (app) => serveLogAnalytics(app, { directory, workspaces: [workspace] }),
        (app) => serveArm(app, { directory, workspaces: [workspace] }),
      ])
      const putFirst = () => inFront(workspace.rules, 'newer', rule('newer'))
      return { ends: { api: answers, sign_in: answers, arm: answers }, putFirst }
    },
    role: 'arm',
    list: /\/alertRules$/,
    rules: 5,
    query: { language: 'kusto', text: 'SigninLogs | take 1' },
  },
}

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function worldOf(kind: keyof typeof ROWS) {
  const row = ROWS[kind]
  const clock = fakeClock()
  const holding = row.make(clock)
  const started = new Map<Answerer, Standin>()
  for (const answerer of new Set(Object.values(holding.ends))) {
    const standin = await startStandin(answerer, { clock })
    ends.push(() => standin.stop())
    started.set(answerer, standin)
  }
  const at = (role: string) => started.get(holding.ends[role]!)!
  const urls = Object.fromEntries(Object.keys(holding.ends).map((role) => [role, at(role).url]))
  const subject = SUBJECTS.find((one) => one.kind === kind)!
  const settings = { ...subject.settings, ...(urls['sign_in'] && { signInUrl: urls['sign_in'] }) }
  const { credential } = subject
  const connection = connectionTo(urls, { kind, credential, settings, clock })
  ends.push(() => connection.close())
  return {
    row,
    clock,
    holding,
    lister: at(row.role),
    api: at('api' in urls ? 'api' : row.role),
    port: await subject.open(connection),
  }
}

const KINDS = Object.keys(ROWS) as (keyof typeof ROWS)[]

test('a list that moves between two pages is not called whole, and nothing in it stands twice', async () => {
  for (const kind of KINDS) {
    const { row, holding, lister, port } = await worldOf(kind)
    const still = await port.rules!.list(never)
    assert.deepEqual([still.rules.length, still.completeness.kind], [row.rules, 'complete'], kind)
    const bite = lister.faults.on(
      { path: row.list, times: 1 },
      edited((value) => {
        holding.putFirst()
        return value
      }),
    )
    const moved = await port.rules!.list(never)
    assert.equal(bite.count, 1, `${kind}: the premise`)
    assert.equal(moved.completeness.kind, 'partial', kind)
    assert.equal(new Set(moved.rules.map(({ ref }) => ref)).size, moved.rules.length, kind)
    const again = await port.rules!.list(never)
    assert.deepEqual([again.rules.length, again.completeness.kind], [row.rules + 1, 'complete'])
  }
})

test('a page that comes twice ends the list, and is not taken for the next', async () => {
  for (const kind of KINDS) {
    const { row, lister, port } = await worldOf(kind)
    lister.faults.on({ path: row.list }, repeatedPage())
    const before = lister.requests.length
    const told = await port.rules!.list(never).catch((error: unknown) => error as AppError)
    assert.ok(lister.requests.length - before <= 40, `${kind}: ${lister.requests.length} requests`)
    if ('rules' in told) {
      assert.notEqual(told.completeness.kind, 'complete', kind)
      assert.equal(new Set(told.rules.map(({ ref }) => ref)).size, told.rules.length, kind)
    } else assert.equal(told.code, 'upstream', `${kind}: ${told.message}`)
  }
})

test('progress that is stuck is asked for anew each time, and never called done', async () => {
  for (const kind of KINDS) {
    const { row, api, port, clock } = await worldOf(kind)
    if (row.stuck === undefined) continue
    const now = clock.now()
    const request: SearchRequest = {
      query: row.query,
      from: addMs(now, -HOUR),
      to: now,
      rowsMax: 10,
      secondsMax: 60,
      segmentId: 'seg_1',
      person: 'ada',
      purpose: 'hunt',
    }
    const { remote } = await port.search.start(request, never)
    const bite = api.faults.on({ path: row.stuck.path, method: 'GET' }, edited(row.stuck.edit))
    for (let times = 1; times <= 3; times++) {
      const state = await port.search.poll(remote, never)
      assert.equal(state.kind, 'running', kind)
      assert.ok(bite.count >= times, `${kind}: asked anew`)
    }
    bite.off()
    const { isConfirmed } = await port.search.cancel(remote, never)
    assert.ok(isConfirmed, kind)
  }
})
