// The estate of the demonstration is what it says: searches that parse and run but for those that are
// broken on purpose, rules that are Sigma, and a story that some of them tell.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, DAY } from '#kernel/time.ts'
import { parseEql } from '#languages/eql/parse.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import { parseKuery } from '#languages/kuery/parse.ts'
import { evaluateKusto } from '#languages/kusto/evaluate.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { makeDefender } from '#standins/estate/defender.ts'
import { makeFactory } from '#standins/estate/elastic.ts'
import { makeLab } from '#standins/estate/opensearch.ts'
import { makeSentinel } from '#standins/estate/sentinel.ts'
import { SENTINEL_READER } from '#standins/microsoft/workspace.ts'
import { makeLondon, makeNewYork } from '#standins/estate/splunk.ts'
import { runSpl } from '#standins/splunk/job.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'

const clock = fakeClock()
const events = sampleEvents(instant(START - DAY))

test('saved searches of both sites run, but for those that miss something on purpose', () => {
  for (const [estate, brokenCount, leastHits] of [
    [makeLondon(clock, events), 4, 20],
    [makeNewYork(clock, events), 0, 10],
  ] as const) {
    const ran = estate.savedSearches.map(({ name, settings }) => {
      const { answer, problems } = runSpl(estate, `search ${settings.get('search')}`, 'reader', {})
      return { name, hits: answer?.rows.length, problem: problems[0]?.message ?? '' }
    })
    const broken = ran.filter(({ hits }) => hits === undefined)
    assert.equal(broken.length, brokenCount, JSON.stringify(broken))
    assert.ok(broken.every(({ problem }) => /ldn_vip_users|tools_2019/.test(problem)))
    assert.ok(ran.filter(({ hits = 0 }) => hits > 0).length >= leastHits)
    const names = estate.savedSearches.map(({ app, name }) => `${app}/${name}`)
    assert.equal(new Set(names).size, names.length)
  }
})

test('rules of the laboratory are Sigma without an error, and detectors hold what is there', () => {
  const { rules, detectors } = makeLab(clock, events)
  assert.ok(rules.size >= 50)
  for (const { text } of rules.values()) {
    const { problems } = parseSigma(text)
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
      text,
    )
  }
  const held = JSON.stringify([...detectors.values()].map(({ body }) => body))
  for (const [, id = ''] of held.matchAll(/"id":"([0-9a-f-]{36})"/g)) assert.ok(rules.has(id), id)
})

test('Kibana rules of every type are in their language, and exceptions name lists that are there', () => {
  const { rules, exceptionLists } = makeFactory(clock, events)
  const types = new Set(rules.map(({ body }) => body['type']))
  assert.equal(types.size, 8, [...types].join())
  const parsers = { eql: parseEql, esql: parseEsql, kuery: parseKuery }
  for (const { body } of rules) {
    const language = body['language'] as keyof typeof parsers | undefined
    if (language === undefined) continue
    const { problems } = parsers[language](body['query'] as string)
    const wrong = problems.filter(({ severity }) => severity === 'error')
    assert.deepEqual(wrong, [], `${String(body['name'])}: ${String(body['query'])}`)
    const lists = exceptionLists.map(({ list_id: id }) => id)
    for (const one of body['exceptions_list'] as { list_id: string }[]) {
      assert.ok(lists.includes(one.list_id))
    }
  }
})

test('custom detections run over what Defender saw, and some find something', () => {
  const { rules, events: tables } = makeDefender(clock, events)
  const device = ['DeviceFileEvents', 'DeviceRegistryEvents', 'DeviceEvents'] as const
  const all = new Map([...device.map((name) => [name, []] as const), ...tables])
  let hits = 0
  for (const { body } of rules.values()) {
    const { queryText } = body['queryCondition'] as { queryText: string }
    const { value, problems } = evaluateKusto(queryText, all, { now: clock.now() })
    assert.ok(value, `${JSON.stringify(problems)} ${queryText}`)
    if (value.rows.length > 0) hits++
  }
  assert.ok(hits >= 3, String(hits))
})

test('analytics rules of Sentinel run over its tables, but for those that ask a watchlist or a function', () => {
  const may = { clientId: 'app', may: SENTINEL_READER }
  const { rules, tables, watchlists } = makeSentinel(clock, events, may)
  const kinds = Map.groupBy(rules.values(), ({ kind }) => kind)
  assert.equal(kinds.size, 4)
  let hits = 0
  for (const { properties } of [...kinds.get('Scheduled')!, ...kinds.get('NRT')!]) {
    const query = properties['query'] as string
    const { value, problems } = evaluateKusto(query, tables, { now: clock.now() })
    const asksMore = /_GetWatchlist|KnownAdmins/.test(query)
    assert.ok(value ?? asksMore, `${JSON.stringify(problems)} ${query}`)
    if (value && value.rows.length > 0) hits++
  }
  assert.ok(hits >= 10, String(hits))
  const off = [...rules.values()].filter(({ properties: { displayName, enabled } }) =>
    (displayName as string).startsWith('AUTO DISABLED') ? enabled === false : false,
  )
  assert.ok(off.length >= 3)
  assert.ok(watchlists.length > 0)
})

test('with SIEMs rules are read and adopted, and one question goes to all of them', async (t) => {
  const { code, out } = await runHere(['demo', '--with-siems', '--exit'], { cwd: makeFolder(t) })
  assert.equal(code, 0, out)
  const told = (title: string) => new RegExp(`${title}.*\\n +(.+)`).exec(out)?.[1] ?? ''
  const [, count = ''] = /^(\d+) rules: /.exec(told('read the rules')) ?? []
  assert.ok(Number(count) >= 900, out)
  assert.match(told('adopt the rules'), /^[1-9]\d* rules .* each with a signed baseline$/)
  assert.match(told('see what is broken'), /silently broken.*silenced in [1-9]\d* ways/)
  assert.match(told('nothing was written'), /reads alone$/)
  const asked = told('ask one question of all')
  const kinds = [
    'defender-xdr',
    'elastic-factory',
    'opensearch-lab',
    'sentinel-cloud',
    'splunk-london',
  ]
  for (const name of ['local', 'splunk-newyork', ...kinds]) {
    assert.match(asked, new RegExp(`${name} [1-9]`))
  }
  assert.match(asked, /splunk-singapore did not answer/)
})
