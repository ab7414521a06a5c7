// What a person is told when Splunk, or something between, misbehaves; and that nothing is sent twice that
// must not be.

import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, test } from 'node:test'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { Credential, SearchRequest, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, HOUR, instant, MINUTE } from '#kernel/time.ts'
import {
  answers,
  badGateway,
  clockSkewed,
  dropped,
  edited,
  endless,
  gate,
  gzipped,
  invalidUtf8,
  redirected,
  repeatedPage,
  retypedFields,
  tooManyRequests,
  truncatedJson,
  unknownFields,
} from '#standins/faults.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { makeEstate, type Estate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { connectionTo, refusal } from '#test/support/siem.ts'

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
  Object.assign(estate, fresh())
  estate.jobs.clear()
  estate.sessions.clear()
  first = standin.requests.length
})

function fresh(): Partial<Estate> {
  const events = ['a', 'b', 'c'].map((name, at) => ({
    _time: START / 1_000 - 60 + at,
    index: 'main',
    name,
  }))
  return { events, savedSearches: [], pollsToDone: 0, jobsMax: 50, resultRowsMax: 50_000 }
}

const BASIC: Credential = { kind: 'basic', user: 'writer', password: 'writer' }
const never = new AbortController().signal

function splunk(
  more: { credential?: Credential; at?: Standin; ca?: string; waits?: (readonly number[])[] } = {},
): SiemPort {
  const { credential = BASIC, at = standin, ca } = more
  const connection = connectionTo(
    { api: at.url },
    { kind: 'splunk', credential, clock, ...(ca !== undefined && { ca }) },
  )
  connections.push(connection)
  more.waits?.push(connection.waits)
  return openSplunk(connection)
}

function request(more: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query: { language: 'spl', text: 'index=main | table name' },
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

const seen = (method: string, part: string) =>
  standin.requests.slice(first).filter((each) => each.method === method && each.path.endsWith(part))

async function started(port = splunk()): Promise<{ port: SiemPort; remote: Json }> {
  const { remote } = await port.search.start(request(), never)
  return { port, remote }
}

/** Changes the properties of a job wherever they are given. */
function job(change: Record<string, Json>) {
  return edited((value) => {
    const reply = value as { entry: { content: Record<string, Json> }[] }
    return {
      ...reply,
      entry: reply.entry.map((entry) => ({ ...entry, content: { ...entry.content, ...change } })),
    }
  })
}
const JOB = /\/jobs\/rulewright_seg_1$/

// ── Signing in ───────────────────────────────────────────────────────────────────────────────────

test('a session that has ended is renewed once, and the call made again', async () => {
  const port = splunk()
  await port.check(never)
  estate.sessions.clear()
  assert.equal((await port.check(never)).identity, 'writer')
  assert.equal(seen('POST', '/auth/login').length, 2)
})

test('a credential that is refused for good is told after one more sign-in, and not tried on and on', async () => {
  const port = splunk()
  await port.check(never)
  standin.faults.on(
    { path: 'current-context' },
    answers(401, { messages: [{ type: 'WARN', text: 'x' }] }),
  )
  const error = await refusal(port.check(never))
  assert.deepEqual(
    [error.code, error.message],
    ['unauthenticated', 'Splunk does not know this credential, or it has expired.'],
  )
  assert.equal(seen('POST', '/auth/login').length, 2)
  const token = await refusal(splunk({ credential: { kind: 'token', token: 'no' } }).check(never))
  assert.equal(token.code, 'unauthenticated')
  const wrong = { kind: 'basic', user: 'writer', password: 'no' } as const
  assert.equal((await refusal(splunk({ credential: wrong }).check(never))).code, 'unauthenticated')
})

test('cookies come back with every call, so that one member of a cluster answers', async () => {
  await splunk().check(never)
  const last = standin.requests.at(-1)!
  assert.match(String(last.headers['cookie']), /splunkd_8089=session-writer-\d+; member=one/)
})

test('a redirect is told and the credential stays', async () => {
  const other = await startStandin(splunkAnswers(estate), { clock })
  standin.faults.on({ path: 'server/info' }, redirected(`${other.url}/services/server/info`))
  const error = await refusal(splunk().check(never))
  assert.deepEqual(
    [error.code, error.message],
    ['upstream', 'Splunk sends who it is to another address, which is not followed.'],
  )
  assert.equal(other.requests.length, 0)
  await other.stop()
})

test('a certificate of its own is refused until its authority is given', async () => {
  const tls = makeCertificate(instant(Date.UTC(2020, 0)), instant(Date.UTC(2090, 0)))
  const expired = makeCertificate(instant(Date.UTC(2020, 0)), instant(Date.UTC(2021, 0)))
  const secure = await startStandin(splunkAnswers(estate), { clock, tls })
  const old = await startStandin(splunkAnswers(estate), { clock, tls: expired })
  try {
    assert.equal((await refusal(splunk({ at: secure }).check(never))).code, 'upstream')
    assert.equal((await splunk({ at: secure, ca: tls.cert }).check(never)).identity, 'writer')
    assert.equal(
      (await refusal(splunk({ at: old, ca: expired.cert }).check(never))).code,
      'upstream',
    )
    assert.equal(old.requests.length, 0, 'nothing was said to it')
  } finally {
    await Promise.all([secure.stop(), old.stop()])
  }
})

// ── Starting a search ────────────────────────────────────────────────────────────────────────────

test('an answer lost after the start is found by our id, and no second search is started', async () => {
  standin.faults.on({ method: 'POST', path: /\/jobs$/ }, dropped('after'))
  const { port, remote } = await started()
  assert.equal((await port.search.poll(remote, never)).kind, 'done')
  assert.equal(seen('POST', '/jobs').length, 1)
})

test('a request lost before the start is told, and a second try starts it', async () => {
  const bite = standin.faults.on({ method: 'POST', path: /\/jobs$/ }, dropped('before'))
  const port = splunk()
  const error = await refusal(port.search.start(request(), never))
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  bite.off()
  await port.search.start(request(), never)
  assert.equal(estate.jobs.size, 1)
})

test('a search goes on after a restart, and starting it again finds it', async () => {
  const { remote } = await started()
  const after = splunk()
  assert.deepEqual((await after.search.start(request(), never)).remote, remote)
  assert.equal(seen('POST', '/jobs').length, 1)
  const page = await after.search.rows(
    JSON.parse(JSON.stringify(remote)),
    { after: null, limit: 10 },
    never,
  )
  assert.deepEqual(page.rows, [['a'], ['b'], ['c']])
})

test('too many searches at a time are told as that', async () => {
  estate.jobsMax = 0
  const error = await refusal(splunk().search.start(request(), never))
  assert.deepEqual(
    [error.code, error.message, error.retryAfterSeconds],
    ['rate_limited', 'Splunk runs as many searches as it lets this person run.', 30],
  )
  assert.equal(seen('POST', '/jobs').length, 1)
})

test('a query that cannot be parsed is refused with what Splunk says of it', async () => {
  const query = { language: 'spl', text: 'index=main | statz' } as const
  const error = await refusal(splunk().search.start(request({ query }), never))
  assert.equal(error.code, 'invalid')
  assert.deepEqual(error.details['problems'], [
    { code: 'splunk/refused', severity: 'error', message: "Unknown search command 'statz'." },
  ])
})

test('an older server is asked in its own way, and told of what is too long for it', async () => {
  const older = makeEstate({ clock, version: '8.0.9', events: estate.events })
  const at = await startStandin(splunkAnswers(older), { clock })
  try {
    const { port, remote } = await started(splunk({ at }))
    const page = await port.search.rows(remote, { after: null, limit: 2 }, never)
    assert.deepEqual(page.rows, [['a'], ['b']])
    assert.ok(
      at.requests.every(({ path, body }) => !path.includes('/v2/') && !body.includes('%60%60%60')),
    )
    const long = `index=main ${'x '.repeat(5_000)}`
    const error = await refusal(port.validate({ language: 'spl', text: long }, never))
    assert.equal(error.code, 'too_large')
    await splunk().validate({ language: 'spl', text: long }, never)
  } finally {
    await at.stop()
  }
})

// ── While it runs ────────────────────────────────────────────────────────────────────────────────

test('a job that is not known yet still runs, and one that never was or expired is gone', async () => {
  const { port, remote } = await started()
  standin.faults.on({ path: JOB, times: 1 }, answers(204))
  assert.deepEqual(await port.search.poll(remote, never), {
    kind: 'running',
    progress: null,
    scanned: null,
    found: null,
    pollAfterMs: 500,
  })
  assert.equal((await port.search.poll(remote, never)).kind, 'done')
  clock.advance(2 * DAY)
  estate.sessions.clear()
  assert.deepEqual(await port.search.poll(remote, never), {
    kind: 'gone',
    reason: 'Splunk does not know this search: it has expired or was deleted.',
  })
  const error = await refusal(port.search.rows(remote, { after: null, limit: 1 }, never))
  assert.equal(error.code, 'not_found')
  clock.advance(-2 * DAY)
})

test('progress that is stuck is asked for each time, and never called done', async () => {
  const { port, remote } = await started()
  standin.faults.on(
    { path: JOB },
    job({ dispatchState: 'RUNNING', isDone: false, doneProgress: 0.99 }),
  )
  for (let at = 0; at < 3; at++) {
    const state = await port.search.poll(remote, never)
    assert.equal(state.kind === 'running' && state.progress, 0.99)
  }
  standin.faults.clear()
  standin.faults.on({ path: JOB }, job({ dispatchState: 'QUEUED', isDone: false, doneProgress: 0 }))
  const queued = await port.search.poll(remote, never)
  assert.equal(queued.kind === 'running' && queued.pollAfterMs, 2_000)
})

test('a search that fails after rows were seen is failed, with the reason', async () => {
  const { port, remote } = await started()
  const messages = [{ type: 'FATAL', text: "Error in 'where' command:\n the operator is missing." }]
  standin.faults.on(
    { path: JOB },
    job({ dispatchState: 'FAILED', isDone: true, isFailed: true, messages }),
  )
  const state = await port.search.poll(remote, never)
  assert.equal(
    state.kind === 'failed' && state.reason,
    "Error in 'where' command: the operator is missing.",
  )
  const page = await port.search.rows(remote, { after: null, limit: 10 }, never)
  assert.deepEqual([page.rows.length, page.completeness.kind], [0, 'partial'])
})

test('a search whose process died is failed', async () => {
  const { port, remote } = await started()
  standin.faults.on({ path: JOB }, job({ dispatchState: 'RUNNING', isDone: false, isZombie: true }))
  const state = await port.search.poll(remote, never)
  assert.equal(
    state.kind === 'failed' && state.reason,
    'The process that ran the search on Splunk has died.',
  )
})

test('done with a warning beside is partial, and so is what was ended early', async () => {
  const { port, remote } = await started()
  for (const text of [
    'Search peer idx2 has the following message: connection failed',
    'The search auto-finalized after time limit (60 seconds) reached.',
    '[subsearch]: Search auto-finalized: subsearch produced 60000 results, truncating to maxout 10000.',
  ]) {
    const bite = standin.faults.on({ path: JOB }, job({ messages: [{ type: 'WARN', text }] }))
    const state = await port.search.poll(remote, never)
    assert.deepEqual(state.kind === 'done' && state.completeness, { kind: 'partial', reason: text })
    const page = await port.search.rows(remote, { after: null, limit: 10 }, never)
    assert.deepEqual([page.rows.length, page.completeness], [3, { kind: 'partial', reason: text }])
    bite.off()
  }
  standin.faults.on({ path: JOB }, job({ isFinalized: true }))
  const state = await port.search.poll(remote, never)
  assert.equal(state.kind === 'done' && state.completeness.kind, 'partial')
})

test('a cancelled search is confirmed when it is gone, twice if need be, and not before', async () => {
  const { port, remote } = await started()
  assert.equal((await port.search.cancel(remote, never)).isConfirmed, true)
  assert.equal(estate.jobs.size, 0)
  assert.equal((await port.search.cancel(remote, never)).isConfirmed, true)
  const again = await started()
  standin.faults.on(
    { path: '/control' },
    answers(200, { messages: [{ type: 'INFO', text: 'cancelled' }] }),
  )
  standin.faults.on({ path: JOB }, job({ dispatchState: 'RUNNING', isDone: false }))
  assert.deepEqual(await again.port.search.cancel(again.remote, never), {
    isConfirmed: false,
    reason: 'Splunk accepted the cancellation, and the search still runs.',
  })
})

// ── Rows ─────────────────────────────────────────────────────────────────────────────────────────

test('a page given twice is noticed, and rows that are missing are told', async () => {
  const { port, remote } = await started()
  const page = await port.search.rows(remote, { after: null, limit: 1 }, never)
  const twice = standin.faults.on({ path: '/results' }, repeatedPage())
  await port.search.rows(remote, { after: null, limit: 1 }, never)
  const error = await refusal(port.search.rows(remote, { after: page.next, limit: 1 }, never))
  assert.deepEqual(
    [error.code, error.message],
    ['upstream', 'Splunk gave other rows of the search than were asked for.'],
  )
  twice.off()
  standin.faults.on({ path: JOB }, job({ resultCount: 5 }))
  const four = await port.search.rows(remote, { after: null, limit: 10 }, never)
  const end = await port.search.rows(remote, { after: four.next, limit: 10 }, never)
  assert.deepEqual(end.completeness, { kind: 'partial', reason: 'Splunk found 5 rows and gave 3.' })
})

test('a server that gives fewer rows than asked for is asked on', async () => {
  estate.resultRowsMax = 2
  const { port, remote } = await started()
  const page = await port.search.rows(remote, { after: null, limit: 10 }, never)
  const rest = await port.search.rows(remote, { after: page.next, limit: 10 }, never)
  assert.deepEqual([page.rows.length, rest.rows.length, rest.next], [2, 1, null])
})

test('rows come whole from packed, widened, retyped and spoilt answers', async () => {
  const { port, remote } = await started()
  for (const fault of [gzipped(), unknownFields(), retypedFields()]) {
    const bite = standin.faults.on({ path: /\/jobs\// }, fault)
    const page = await port.search.rows(remote, { after: null, limit: 10 }, never)
    assert.deepEqual(page.rows, [['a'], ['b'], ['c']], fault.name)
    assert.equal((await port.search.poll(remote, never)).kind, 'done', fault.name)
    bite.off()
  }
  standin.faults.on({ path: '/results' }, invalidUtf8('b'))
  const spoilt = await port.search.rows(remote, { after: null, limit: 10 }, never)
  assert.deepEqual(spoilt.rows[1], ['\ufffd('])
})

test('a cell of ten megabytes arrives, and an answer without an end is given up', async () => {
  const { port, remote } = await started()
  const cell = 'x'.repeat(10 * 1024 * 1024)
  const huge = edited((value) => ({ ...(value as object), rows: [[cell]] }))
  const bite = standin.faults.on({ path: '/results' }, huge)
  const page = await port.search.rows(remote, { after: null, limit: 1 }, never)
  assert.equal(String(page.rows[0]![0]).length, cell.length)
  bite.off()
  standin.faults.on({ path: '/results' }, endless(70 * 1024 * 1024))
  const error = await refusal(port.search.rows(remote, { after: null, limit: 1 }, never))
  assert.equal(error.code, 'too_large')
})

// ── On the way ───────────────────────────────────────────────────────────────────────────────────

test('a busy server is asked again when it says, and its last word is told', async () => {
  const waits: (readonly number[])[] = []
  const port = splunk({ waits })
  standin.faults.on({ path: 'server/info', times: 1 }, tooManyRequests('7'))
  await port.check(never)
  assert.deepEqual(waits[0], [7_000])
  standin.faults.on({ path: 'server/info' }, tooManyRequests('9'))
  const error = await refusal(port.check(never))
  assert.deepEqual([error.code, error.retryAfterSeconds], ['rate_limited', 9])
})

test('a proxy that speaks HTML, XML where JSON was asked for, and cut JSON are told as they are', async () => {
  const port = splunk()
  const proxy = standin.faults.on({ path: 'server/info' }, badGateway())
  const first = await refusal(port.check(never))
  assert.deepEqual(
    [first.code, first.message],
    ['upstream', 'Splunk, or what stands before it, answered 502 to who it is.'],
  )
  proxy.off()
  const xml =
    '<?xml version="1.0"?><response><messages><msg type="ERROR">a &lt;b&gt; &amp;amp; c</msg></messages></response>'
  const bite = standin.faults.on(
    { path: 'parser' },
    answers(400, xml, { 'content-type': 'text/xml' }),
  )
  assert.deepEqual(await port.validate({ language: 'spl', text: 'index=main' }, never), [
    { code: 'splunk/refused', severity: 'error', message: 'a <b> &amp; c' },
  ])
  bite.off()
  standin.faults.on({ path: 'server/info' }, truncatedJson())
  assert.equal(
    (await refusal(port.check(never))).message,
    'The answer of Splunk is cut off, or something else spoke for it.',
  )
})

test('an answer that breaks off is asked for again', async () => {
  standin.faults.on({ path: 'server/info', times: 2 }, dropped('midway'))
  assert.equal((await splunk().check(never)).product, 'Splunk Enterprise')
})

test('a call that is given up ends at once', async () => {
  const held = gate('before')
  standin.faults.on({ path: 'server/info' }, held.fault)
  const giving = new AbortController()
  const asked = refusal(splunk().check(giving.signal))
  await held.reached
  giving.abort()
  assert.equal((await asked).code, 'cancelled')
  held.open()
})

test('a clock that is off is told', async () => {
  standin.faults.on(
    { path: 'server/info' },
    clockSkewed(-7 * MINUTE, () => clock.now()),
  )
  assert.equal((await splunk().check(never)).clockSkewMs, -7 * MINUTE)
})

// ── Rules ────────────────────────────────────────────────────────────────────────────────────────

const RULE = { name: 'Rule A', search: 'index=main', is_scheduled: '1', cron_schedule: '* * * * *' }
const REF = 'nobody/search/Rule A'

test('a write whose answer is lost is not sent again, and can be read', async () => {
  standin.faults.on({ method: 'POST', path: /\/saved\/searches$/ }, dropped('after'))
  const port = splunk()
  const error = await refusal(port.rules!.put({ ref: REF, body: RULE, replaces: null }, never))
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  assert.equal(seen('POST', '/saved/searches').length, 1)
  assert.equal((await port.rules!.read(REF, never))?.name, 'Rule A')
})

test('a proxy before a write is told, and the write is not sent again', async () => {
  standin.faults.on({ method: 'POST', path: /\/saved\/searches$/ }, badGateway())
  const error = await refusal(splunk().rules!.put({ ref: REF, body: RULE, replaces: null }, never))
  assert.equal(error.code, 'upstream')
  assert.equal(seen('POST', '/saved/searches').length, 1)
})

test('a new rule that another member does not show yet is taken as it was made', async () => {
  standin.faults.on({ method: 'GET', path: /Rule%20A$/ }, answers(404, { messages: [] }))
  const made = await splunk().rules!.put({ ref: REF, body: RULE, replaces: null }, never)
  assert.equal(made.normalised['search'], 'index=main')
  assert.deepEqual(made.notices, ['The member of the cluster that answers does not show it yet.'])
})

test('a credential that may not write is told which rights are missing', async () => {
  const reader = splunk({ credential: { kind: 'basic', user: 'reader', password: 'reader' } })
  const error = await refusal(reader.rules!.put({ ref: REF, body: RULE, replaces: null }, never))
  assert.equal(error.code, 'forbidden')
  assert.match(JSON.stringify(error.details['problems']), /insufficient permission/)
})

test('a rule that is retyped or has new fields is no other rule', async () => {
  const port = splunk()
  const made = await port.rules!.put({ ref: REF, body: RULE, replaces: null }, never)
  for (const fault of [retypedFields(), unknownFields()]) {
    const bite = standin.faults.on({ method: 'GET', path: 'saved/searches' }, fault)
    const now = await port.rules!.read(REF, never)
    for (const [key, value] of Object.entries(port.rules!.normalise(RULE))) {
      assert.equal(now!.normalised[key], value, `${fault.name} ${key}`)
    }
    bite.off()
  }
  assert.ok(made)
})

test('a list that moves while it is read is partial, and nothing in it stands twice', async () => {
  for (let at = 0; at < 250; at++) {
    estate.savedSearches.push({
      name: `Rule ${at}`,
      app: 'search',
      owner: 'nobody',
      sharing: 'app',
      readers: ['*'],
      writers: ['writer'],
      updated: START,
      settings: new Map(Object.entries({ search: 'index=main', is_scheduled: '1' })),
    })
  }
  const still = await splunk().rules!.list(never)
  assert.deepEqual([still.rules.length, still.completeness.kind], [250, 'complete'])
  standin.faults.on(
    { path: /\/saved\/searches$/, times: 1 },
    edited((value) => {
      estate.savedSearches.unshift({ ...estate.savedSearches[0]!, name: 'Newer' })
      return value
    }),
  )
  const moved = await splunk().rules!.list(never)
  assert.equal(moved.completeness.kind, 'partial')
  assert.equal(new Set(moved.rules.map(({ ref }) => ref)).size, moved.rules.length)
})

test('what comes with an application cannot be taken away, and that is told', async () => {
  const shipped = new Map(Object.entries({ search: 'index=main', is_scheduled: '1' }))
  estate.savedSearches.push({
    name: 'Rule A',
    app: 'search',
    owner: 'nobody',
    sharing: 'app',
    readers: ['*'],
    writers: ['writer'],
    updated: START,
    shipped,
    settings: new Map(shipped),
  })
  const port = splunk()
  const rule = await port.rules!.read(REF, never)
  const error = await refusal(port.rules!.remove(REF, rule!, never))
  assert.equal(error.code, 'conflict')
})
