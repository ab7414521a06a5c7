// Which test says what a person is told of each known fault of Splunk, OpenSearch, Elastic and Sentinel:
// a table that is kept true by looking the tests up, and the few that stand nowhere else. Faults of any
// kind of target on the way are in target-faults.test.ts; Defender's own are beside its adapter.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { opensearchWorld } from '#test/support/opensearch.ts'
import { refusal } from '#test/support/siem.ts'
import { savedSearch, searchFor, splunkWorld } from '#test/support/splunk.ts'

const SPLUNK = 'test/adapters/siem/splunk-faults.test.ts'
const SPLUNK_RULES = 'test/adapters/siem/splunk-rules.test.ts'
const SPLUNK_WELL = 'test/adapters/siem/splunk.test.ts'
const OPENSEARCH = 'test/adapters/siem/opensearch.test.ts'
const OPENSEARCH_RULES = 'test/adapters/siem/opensearch-rules.test.ts'
const ELASTIC = 'test/long/elastic-searches.test.ts'
const ELASTIC_RULES = 'test/long/elastic-rules.test.ts'
const SENTINEL = 'test/long/sentinel-faults.test.ts'
const SENTINEL_RULES = 'test/long/sentinel-rule-faults.test.ts'
const PAGES = 'test/long/page-faults.test.ts'
const HERE = 'test/long/fault-table.test.ts'

/** The fault, and the beginning of what its tests say. */
const TABLE: readonly (readonly [fault: string, file: string, title: string])[] = [
  ['Splunk: 204 or empty just after create', SPLUNK, 'a job that is not known yet still runs'],
  ['Splunk: done is never refreshed', SPLUNK, 'progress that is stuck is asked for each time'],
  ['Splunk: no `search`, comments and macros first', HERE, 'a query is sent as REST takes it'],
  [
    'Splunk: doors of two versions, long queries',
    SPLUNK,
    'an older server is asked in its own way',
  ],
  ['Splunk: cancelled twice', SPLUNK, 'a cancelled search is confirmed when it is gone'],
  ['Splunk: expired looks like never', SPLUNK, 'a job that is not known yet still runs'],
  ['Splunk: results before done', SPLUNK_WELL, 'a search runs as a job of ours'],
  ['Splunk: silent truncation', SPLUNK_WELL, 'a search that found more than the cap says so'],
  ['Splunk: fewer rows than counted', SPLUNK, 'a page given twice is noticed'],
  ['Splunk: done with messages', SPLUNK, 'done with a warning beside is partial'],
  [
    'Splunk: failed after rows were seen',
    SPLUNK,
    'a search that fails after rows were seen is failed',
  ],
  ['Splunk: zombie', SPLUNK, 'a search whose process died is failed'],
  ['Splunk: perpetual diff', SPLUNK_RULES, 'a rule is made, shared, read back without false drift'],
  ['Splunk: perpetual diff, at length', 'test/long/splunk-drift.test.ts', ''],
  [
    'Splunk: unknown action keys',
    SPLUNK_RULES,
    'a rule is made, shared, read back without false drift',
  ],
  ['Splunk: quota of searches', SPLUNK, 'too many searches at a time are told as that'],
  ['Splunk: queued for minutes', SPLUNK, 'progress that is stuck is asked for each time'],
  [
    'Splunk: another member does not show it yet',
    SPLUNK_RULES,
    'a new rule that another member does',
  ],
  ['Splunk: one member by cookie', SPLUNK, 'cookies come back with every call'],
  ['Splunk: certificates of its own', SPLUNK, 'a certificate of its own is refused'],
  ['Splunk: notables come late', HERE, 'alerts are counted where they are triggered'],
  ['Splunk: XML and HTML in place of JSON', SPLUNK, 'a proxy that speaks HTML, XML where JSON'],
  [
    'Splunk: page drift, totals that move',
    SPLUNK_RULES,
    'a list that moves while it is read is partial',
  ],
  ['Splunk: a cell of 10 MB', SPLUNK, 'a cell of ten megabytes arrives'],
  [
    'Splunk: accepted cancel, still running',
    SPLUNK,
    'a cancelled search is confirmed when it is gone',
  ],
  [
    'Splunk: shipped defaults reappear',
    SPLUNK_RULES,
    'what comes with an application cannot be taken',
  ],
  [
    'OpenSearch: fields that cannot be mapped',
    OPENSEARCH_RULES,
    'fields that cannot be mapped stop',
  ],
  [
    'OpenSearch: mappings before detectors',
    OPENSEARCH_RULES,
    'a rule is made, given to a detector',
  ],
  ['OpenSearch: findings and no alerts', HERE, 'a detector that is made raises alerts'],
  ['OpenSearch: a rule in use', HERE, 'a rule that detectors use is changed and removed'],
  ['OpenSearch: half a detector', OPENSEARCH_RULES, 'fields that cannot be mapped stop'],
  ['OpenSearch: sees only what comes after', HERE, 'a new detector says from when on it looks'],
  ['OpenSearch: last writer wins', OPENSEARCH_RULES, 'a detector written by two at once is told'],
  ['OpenSearch: timed out, shards failed', OPENSEARCH, 'shards that failed and time that ran out'],
  ['OpenSearch: view expired', OPENSEARCH, 'a cancelled search is closed on the cluster'],
  ['OpenSearch: duplicate page', OPENSEARCH, 'a page given twice is noticed'],
  ['OpenSearch: page drift', OPENSEARCH_RULES, 'a list that moves while it is read is partial'],
  ['Elastic: import hides what it refuses', ELASTIC_RULES, 'only what is named is written'],
  ['Elastic: optional fields kept by a patch', ELASTIC_RULES, 'only what is named is written'],
  ['Elastic: 500 for what failed in part', ELASTIC_RULES, 'a switch that fails in part is a 500'],
  ['Elastic: a summary that lies', ELASTIC_RULES, 'a switch that fails in part is a 500'],
  ['Elastic: the key of the last writer', ELASTIC_RULES, 'a rule belongs to the key that wrote it'],
  ['Elastic: revisions of exceptions', ELASTIC_RULES, 'a revision that only exceptions counted up'],
  ['Elastic: 409 of many meanings', ELASTIC_RULES, '409 is what stands there'],
  ['Elastic: is_partial, clusters skipped', ELASTIC, 'ES|QL that is partial says so'],
  ['Elastic: a frozen tier is empty', ELASTIC, 'ES|QL that is partial says so'],
  ['Elastic: the default limit', ELASTIC, "Elasticsearch's own limits are told"],
  ['Elastic: a stop that is not prompt', ELASTIC, 'a search that was cancelled is confirmed only'],
  ['Elastic: an id that expired', ELASTIC, 'a search whose time is over is gone'],
  ['Elastic: too large to be kept', ELASTIC, 'a result larger than Elasticsearch keeps is told'],
  ['Elastic: a message that is a list', ELASTIC_RULES, 'a refusal is told in either shape'],
  ['Elastic: 413 of Kibana', ELASTIC_RULES, 'a refusal is told in either shape'],
  ['Elastic: no product header', ELASTIC, 'a proxy that takes the product header away'],
  ['Elastic: shards failed, timed out', ELASTIC, 'shards that failed and time that ran out'],
  ['Elastic: duplicate page', ELASTIC, 'a view is paged whatever is written meanwhile'],
  ['Elastic: page drift, totals that move', ELASTIC_RULES, 'rules of every type are listed'],
  ['Elastic: perpetual diff', 'test/long/elastic-drift.test.ts', 'a thousand rules written'],
  ['Sentinel: 200 with a partial error', SENTINEL, 'an error beside rows makes a search partial'],
  ['Sentinel: 409 on PUT', SENTINEL_RULES, 'a conflict over nothing but an etag is written once'],
  ['Sentinel: no etag', SENTINEL_RULES, 'every change names the etag'],
  ['Sentinel: AUTO DISABLED', SENTINEL_RULES, 'a rule that Sentinel turned off by itself'],
  [
    'Sentinel: edits of the portal',
    SENTINEL_RULES,
    'what the portal touches by itself is no drift',
  ],
  ['Sentinel: two ranges of time', SENTINEL, 'a query that narrows its time itself'],
  ['Sentinel: a role on its way', SENTINEL, 'a role that does not hold yet is named'],
  ['Sentinel: budgets of two services', SENTINEL, 'too many requests are told with the time'],
  ['Sentinel: tables that are missing', SENTINEL_RULES, 'a rule over a table that is not there'],
  ['Sentinel: two names of a workspace', SENTINEL, 'each of the two names of a workspace is told'],
  ['Every kind: page drift', PAGES, 'a list that moves between two pages is not called whole'],
  ['Every kind: duplicate page', PAGES, 'a page that comes twice ends the list'],
  ['Every kind: stuck progress', PAGES, 'progress that is stuck is asked for anew each time'],
  ['Sentinel: links elsewhere', SENTINEL_RULES, 'rules are read over pages by the links as they'],
]

test('each fault of the table has its test', () => {
  const root = path.resolve(import.meta.dirname, '../..')
  for (const [fault, file, title] of TABLE) {
    const text = readFileSync(path.join(root, file), 'utf8')
    assert.ok(text.includes(`test('${title}`) || text.includes(`test("${title}`), fault)
  }
})

const never = new AbortController().signal
const { estate, open, seen, clock } = await splunkWorld(() => ({}))
const opensearch = await opensearchWorld()

test('a query is sent as REST takes it: with `search`, without comments before it', async () => {
  const port = open()
  const sent = async (text: string, segmentId: string) => {
    await port.search.start(searchFor(text, { segmentId }), never)
    const body = new URLSearchParams(seen('POST', '/search/v2/jobs').at(-1)!.body)
    return body.get('search')!.replace(/ ```Rulewright.*$/, '')
  }
  assert.equal(await sent('index=main', 'seg_a'), 'search index=main')
  assert.equal(await sent('```why```\n```and what``` index=main', 'seg_b'), 'search index=main')
  assert.equal(await sent('```why``` | makeresults', 'seg_c'), '| makeresults')
  assert.equal(await sent('SEARCH index=main', 'seg_d'), 'SEARCH index=main')
})

test('alerts are counted where they are triggered, not where notables arrive half a minute later', async () => {
  estate.fired = [{ savedSearch: 'Rule A', app: 'search', sid: 's', severity: 4, at: clock.now() }]
  estate.savedSearches = [savedSearch('Rule A')]
  const range = { from: clock.now(), to: clock.now() }
  await open().health!.runs(range, never)
  const searches = seen('POST', '/jobs').map(({ body }) => new URLSearchParams(body).get('search'))
  assert.ok(searches.every((text) => !/notable/.test(text ?? '')))
})

const SIGMA = `title: A rule
id: 5f92fff9-82e2-48eb-8fc1-8b133556a551
logsource:
  product: windows
detection:
  selection:
    EventID: 22
  condition: selection
level: high
`
const TRIGGER = {
  name: 'rulewright high',
  severity: '2',
  types: [],
  ids: [],
  sev_levels: ['high'],
  tags: [],
  detection_types: ['rules'],
  actions: [],
}
const BODY = {
  rule: SIGMA,
  category: 'windows',
  detector: {
    enabled: true,
    detector_type: 'windows',
    schedule: { period: { interval: 5, unit: 'MINUTES' } },
    triggers: [TRIGGER],
  },
}

test('a detector that is made raises alerts: its trigger names the level of the rule', async () => {
  await opensearch.open().rules!.put({ ref: 'new', body: BODY, replaces: null }, never)
  const [detector] = opensearch.cluster.detectors.values()
  const [trigger] = detector!.body['triggers'] as unknown as (typeof TRIGGER)[]
  assert.deepEqual([trigger!.detection_types, trigger!.sev_levels], [['rules'], ['high']])
  opensearch.cluster.detectors.clear()
  const none = {
    ...BODY,
    detector: { ...BODY.detector, triggers: [{ ...TRIGGER, detection_types: [] }] },
  }
  const error = await refusal(
    opensearch.open().rules!.put({ ref: 'new', body: none, replaces: null }, never),
  )
  assert.equal(error.code, 'invalid', 'a trigger that can raise nothing is refused')
})

test('a rule that detectors use is changed and removed all the same, in ours', async () => {
  const { rules } = opensearch.open()
  const made = await rules!.put({ ref: 'new', body: BODY, replaces: null }, never)
  const body = { ...BODY, rule: SIGMA.replace('level: high', 'level: low') }
  const changed = await rules!.put({ ref: made.ref, body, replaces: made }, never)
  assert.match(String(changed.normalised['rule']), /level: low/)
  await rules!.remove(made.ref, changed, never)
  assert.equal(opensearch.cluster.rules.size, 0)
})

test('a new detector says from when on it looks', async () => {
  const { rules } = opensearch.open()
  const made = await rules!.put({ ref: 'new', body: BODY, replaces: null }, never)
  assert.deepEqual(made.notices, ['Its detector is new: it looks at what is indexed from now on.'])
  const body = { ...BODY, rule: SIGMA.replace('A rule', 'Another') }
  assert.deepEqual((await rules!.put({ ref: 'new', body, replaces: null }, never)).notices, [])
})
