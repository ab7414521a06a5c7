// What a person is told when Splunk, or something between, misbehaves while it is searched; and that
// nothing is sent twice that must not be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { DAY, instant, MINUTE } from '#kernel/time.ts'
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
import { startStandin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { START } from '#test/support/clock.ts'
import { refusal } from '#test/support/siem.ts'
import { searchFor, splunkWorld } from '#test/support/splunk.ts'

const EVENTS = ['a', 'b', 'c'].map((name, at) => ({
  _time: START / 1_000 - 60 + at,
  index: 'main',
  name,
}))
const { clock, estate, standin, open, seen } = await splunkWorld(() => ({ events: EVENTS }))
const never = new AbortController().signal
const ASKED = searchFor('index=main | table name')

async function started(port = open()): Promise<{ port: SiemPort; remote: Json }> {
  const { remote } = await port.search.start(ASKED, never)
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
  const port = open()
  await port.check(never)
  estate.sessions.clear()
  assert.equal((await port.check(never)).identity, 'writer')
  assert.equal(seen('POST', '/auth/login').length, 2)
})

test('a credential that is refused for good is told after one more sign-in, and not tried on and on', async () => {
  const port = open()
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
  const token = await refusal(open({ credential: { kind: 'token', token: 'no' } }).check(never))
  assert.equal(token.code, 'unauthenticated')
  const wrong = { kind: 'basic', user: 'writer', password: 'no' } as const
  assert.equal((await refusal(open({ credential: wrong }).check(never))).code, 'unauthenticated')
})

test('cookies come back with every call, so that one member of a cluster answers', async () => {
  await open().check(never)
  const last = standin.requests.at(-1)!
  assert.match(String(last.headers['cookie']), /splunkd_8089=session-writer-\d+; member=one/)
})

test('a redirect is told and the credential stays', async () => {
  const other = await startStandin(splunkAnswers(estate), { clock })
  standin.faults.on({ path: 'server/info' }, redirected(`${other.url}/services/server/info`))
  const error = await refusal(open().check(never))
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
    assert.equal((await refusal(open({ at: secure }).check(never))).code, 'upstream')
    assert.equal((await open({ at: secure, ca: tls.cert }).check(never)).identity, 'writer')
    assert.equal((await refusal(open({ at: old, ca: expired.cert }).check(never))).code, 'upstream')
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
  const port = open()
  const error = await refusal(port.search.start(ASKED, never))
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  bite.off()
  await port.search.start(ASKED, never)
  assert.equal(estate.jobs.size, 1)
})

test('a search goes on after a restart, and starting it again finds it', async () => {
  const { remote } = await started()
  const after = open()
  assert.deepEqual((await after.search.start(ASKED, never)).remote, remote)
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
  const error = await refusal(open().search.start(ASKED, never))
  assert.deepEqual(
    [error.code, error.message, error.retryAfterSeconds],
    ['rate_limited', 'Splunk runs as many searches as it lets this person run.', 30],
  )
  assert.equal(seen('POST', '/jobs').length, 1)
})

test('a query that cannot be parsed is refused with what Splunk says of it', async () => {
  const query = { language: 'spl', text: 'index=main | statz' } as const
  const error = await refusal(open().search.start({ ...ASKED, query }, never))
  assert.equal(error.code, 'invalid')
  assert.deepEqual(error.details['problems'], [
    { code: 'splunk/refused', severity: 'error', message: "Unknown search command 'statz'." },
  ])
})

test('an older server is asked in its own way, and told of what is too long for it', async () => {
  const older = makeEstate({ clock, version: '8.0.9', events: estate.events })
  const at = await startStandin(splunkAnswers(older), { clock })
  try {
    const { port, remote } = await started(open({ at }))
    const page = await port.search.rows(remote, { after: null, limit: 2 }, never)
    assert.deepEqual(page.rows, [['a'], ['b']])
    assert.ok(
      at.requests.every(({ path, body }) => !path.includes('/v2/') && !body.includes('%60%60%60')),
    )
    const long = `index=main ${'x '.repeat(5_000)}`
    const error = await refusal(port.validate({ language: 'spl', text: long }, never))
    assert.equal(error.code, 'too_large')
    await open().validate({ language: 'spl', text: long }, never)
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
  const port = open({ waits })
  standin.faults.on({ path: 'server/info', times: 1 }, tooManyRequests('7'))
  await port.check(never)
  assert.deepEqual(waits[0], [7_000])
  standin.faults.on({ path: 'server/info' }, tooManyRequests('9'))
  const error = await refusal(port.check(never))
  assert.deepEqual([error.code, error.retryAfterSeconds], ['rate_limited', 9])
})

test('a proxy that speaks HTML, XML where JSON was asked for, and cut JSON are told as they are', async () => {
  const port = open()
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
  assert.equal((await open().check(never)).product, 'Splunk Enterprise')
})

test('a call that is given up ends at once', async () => {
  const held = gate('before')
  standin.faults.on({ path: 'server/info' }, held.fault)
  const giving = new AbortController()
  const asked = refusal(open().check(giving.signal))
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
  assert.equal((await open().check(never)).clockSkewMs, -7 * MINUTE)
})
