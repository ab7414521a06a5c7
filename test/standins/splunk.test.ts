// The Splunk stand-in, judged by the vendor's own client: what splunk-sdk cannot use is wrong.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startStandin } from '#standins/server.ts'
import { LONDON_DATA_MODELS } from '#standins/estate/london.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { connectSdk } from '#test/support/splunk-sdk.ts'

const at = START / 1_000 - 60
const estate = makeEstate({
  clock: fakeClock(),
  events: [
    { _time: at, index: 'main', sourcetype: 'web', status: 200, user: 'ada' },
    { _time: at + 1, index: 'main', sourcetype: 'web', status: 404, user: 'ravi' },
    { _time: at + 2, index: 'main', sourcetype: 'web', status: 404, user: ['ada', 'vera'] },
  ],
})
const standin = await startStandin(splunkAnswers(estate), estate)
after(() => standin.stop())
const service = await connectSdk(standin.url, { username: 'writer', password: 'writer' })

test('the client signs in, keeps the cookies and reads who it is', async () => {
  assert.equal(await service.login(), true)
  const user = await service.currentUser()
  assert.equal(user.name, 'writer')
  assert.equal(service.version, '9.3.1')
  await assert.rejects(
    (await connectSdk(standin.url, { username: 'writer', password: 'wrong' })).login(),
    { status: 401 },
  )
})

test('the client runs a search as a job of the second version and pages its results', async () => {
  estate.pollsToDone = 3
  const job = await service.search('search index=main status=404 | table user status', {
    id: 'own-1',
  })
  assert.equal(job.sid, 'own-1')
  const seen: string[] = []
  await job.track(
    { period: 1 },
    { progress: (now) => void seen.push(now.properties().dispatchState), done: () => {} },
  )
  assert.deepEqual(seen, ['RUNNING', 'DONE'])
  const [first] = await job.results({ count: 1, offset: 1 })
  assert.deepEqual(first.rows, [[['ada', 'vera'], '404']])
  assert.ok(standin.requests.some(({ path }) => path.endsWith('/search/v2/jobs/own-1/results')))
  await job.cancel()
  await assert.rejects(job.fetch(), { status: 404 })
  estate.pollsToDone = 0
})

test('the client is told of a search that cannot be parsed, and gets a oneshot at once', async () => {
  await assert.rejects(service.search('search index=main | statz', {}), ({ status, data }) => {
    assert.equal(status, 400)
    assert.equal(data.messages[0]?.text, "Unknown search command 'statz'.")
    return true
  })
  const answer = await service.oneshotSearch('| makeresults | eval a=1 | table a', {})
  assert.deepEqual(answer.rows, [['1']])
  await service.parse('search index=main | stats count', {})
})

test('the client makes, reads, changes, and takes away a saved search', async () => {
  const namespace = { owner: 'nobody', app: 'search' }
  const name = 'Rule A/B 100% ü'
  const made = await service
    .savedSearches(namespace)
    .create({ name, search: 'index=main', is_scheduled: 1, cron_schedule: '*/5 * * * *' })
  assert.deepEqual(made.properties().is_scheduled, true)
  const found = (await service.savedSearches(namespace).fetch()).item(name)
  assert.ok(found)
  await found.update({ description: 'what it finds' })
  const again = await found.fetch()
  assert.equal(again.properties().description, 'what it finds')
  assert.equal(again.properties()['alert.severity'], 3, 'defaults stand beside what was written')
  assert.equal(again.acl().sharing, 'app')
  await found.remove()
  assert.equal((await service.savedSearches(namespace).fetch()).item(name), null)
})

test('fired alerts are counted by saved search', async () => {
  estate.fired = [{ savedSearch: 'Rule A', app: 'search', sid: 's1', severity: 4, at: START }]
  const groups = (await service.firedAlertGroups({ owner: '-', app: 'search' }).fetch()).list()
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['-', 'Rule A'],
  )
})

test('a data model is a document that the client reads', async () => {
  const [[name, model] = []] = LONDON_DATA_MODELS
  estate.dataModels.set(name!, model!)
  const found = (await service.dataModels({ owner: '-', app: '-' }).fetch()).item('Endpoint')
  const [constraint] = found!.objectByName('Processes').constraints
  assert.equal(constraint!.query, '`ldn_windows` EventCode=1')
})

test('an older server knows jobs of the first version only', async () => {
  const old = makeEstate({ clock: fakeClock(), version: '8.2.9', events: estate.events })
  const older = await startStandin(splunkAnswers(old), old)
  try {
    const client = await connectSdk(older.url, { username: 'reader', password: 'reader' })
    await client.login()
    const job = await client.search('search index=main status=200', {})
    await job.fetch()
    const [{ rows }] = await job.results({})
    assert.equal(rows.length, 1)
    assert.ok(older.requests.every(({ path }) => !path.includes('/v2/')))
  } finally {
    await older.stop()
  }
})

test('errors are XML to whoever did not ask for JSON', async () => {
  const response = await fetch(`${standin.url}/services/server/info`)
  assert.equal(response.status, 401)
  assert.match(await response.text(), /<msg type="WARN">call not properly authenticated<\/msg>/)
})
