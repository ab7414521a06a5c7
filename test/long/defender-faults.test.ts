// What a person is told when Microsoft Graph, or something between, misbehaves: for each fault the reason,
// that nothing is sent twice which must not be, and that what is missing is said to be missing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SearchRequest } from '#domain/targets/port.ts'
import { addMs, DAY, HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import {
  answers,
  badGateway,
  dropped,
  edited,
  gate,
  gzipped,
  invalidUtf8,
  redirected,
  tooManyRequests,
  truncatedJson,
  unknownFields,
} from '#standins/faults.ts'
import { startStandin } from '#standins/server.ts'
import { START } from '#test/support/clock.ts'
import { defenderWorld, finished, huntFor, pagesOf } from '#test/support/defender.ts'
import { refusal } from '#test/support/siem.ts'

const EVENTS = Array.from({ length: 64 }, (_, at) => ({
  Timestamp: new Date(START - HOUR + at * 10 * SECOND).toISOString(),
  DeviceName: `device-${at}`,
  FileName: 'whoami.exe',
}))
const world = await defenderWorld(new Map([['DeviceProcessEvents', EVENTS]]))
const { clock, tenant, standin, directory, open, seen } = world
const never = new AbortController().signal
const HUNTING = { method: 'POST', path: 'runHuntingQuery' }
const RULES = { path: 'detectionRules' }
const QUERY = 'DeviceProcessEvents | project Timestamp, DeviceName'
const asked = (text = QUERY, more: Partial<SearchRequest> = {}) => huntFor(text, more)

async function searched(request = asked(), limit = 1_000) {
  const port = open()
  const { remote } = await port.search.start(request, never)
  const state = await finished(port, remote)
  const pages = await pagesOf(port, remote, limit)
  return { state, pages, rows: pages.flatMap(({ rows }) => rows) }
}

async function told(request = asked()): Promise<[code: string, message: string]> {
  const { code, message } = await refusal(searched(request))
  return [code, message]
}

// ── Signing in ───────────────────────────────────────────────────────────────────────────────────

test('a token that is refused is renewed once, and no more for one call', async () => {
  const port = open()
  await port.rules!.list(never)
  const error = { error: { code: 'InvalidAuthenticationToken', message: 'Expired.' } }
  const once = standin.faults.on({ ...RULES, times: 1 }, answers(401, error))
  assert.equal((await port.rules!.list(never)).completeness.kind, 'complete')
  assert.equal(once.count, 1)
  const before = seen('POST', '/oauth2/').length
  standin.faults.on(RULES, answers(401, error))
  const refused = await refusal(port.rules!.list(never))
  assert.deepEqual(
    [refused.code, refused.message],
    ['unauthenticated', 'Defender does not know this credential, or it has expired.'],
  )
  assert.equal(seen('POST', '/oauth2/').length - before, 1)
})

test('a permission that is taken away meanwhile is told with its name', async () => {
  const port = open(['CustomDetection.ReadWrite.All'])
  const { remote } = await port.search.start(asked(), never)
  const error = await refusal(finished(port, remote))
  assert.equal(error.code, 'forbidden')
  assert.match(JSON.stringify(error.details), /API required roles: ThreatHunting\.Read\.All/)
  const read = await port.privileges('read', never)
  assert.deepEqual(
    read.needed.map(({ isHeld }) => isHeld),
    [false, true],
  )
  assert.deepEqual(
    read.excess.map(({ name }) => name),
    ['CustomDetection.ReadWrite.All'],
  )
})

test('who may only hunt is let in, and who may do nothing is not', async () => {
  assert.equal((await open(['ThreatHunting.Read.All']).check(never)).identity, 'rulewright')
  assert.equal((await refusal(open([]).check(never))).code, 'forbidden')
})

test('a consent that was given after the token is seen by the next check of privileges', async () => {
  const port = open([])
  const held = async () =>
    (await port.privileges('write', never)).needed.map(({ isHeld }) => isHeld)
  assert.deepEqual(await held(), [false])
  directory.registrations[0]!.roles = ['CustomDetection.ReadWrite.All']
  assert.deepEqual(await held(), [true])
})

test('a redirect and a next page elsewhere are not followed, and the token stays', async () => {
  const other = await startStandin(() => Response.json({ value: [] }), { clock })
  const bite = standin.faults.on(RULES, redirected(`${other.url}/beta/security/rules`))
  const error = await refusal(open().rules!.list(never))
  assert.deepEqual(
    [error.code, error.message],
    [
      'upstream',
      'Defender sends the list of custom detections to another address, which is not followed.',
    ],
  )
  bite.off()
  standin.faults.on(
    RULES,
    edited((value) => ({ ...(value as object), '@odata.nextLink': `${other.url}/next` })),
  )
  await refusal(open().rules!.list(never))
  assert.equal(other.requests.length, 0)
  await other.stop()
})

// ── What stands between ──────────────────────────────────────────────────────────────────────────

test('broken answers are told as they are, to a search as to a list', async () => {
  const cases = [
    [badGateway(), 'upstream', /answered 502 to/],
    [
      truncatedJson(),
      'upstream',
      'The answer of Defender is cut off, or something else spoke for it.',
    ],
    [
      answers(200, '<html>'),
      'upstream',
      'The answer of Defender is cut off, or something else spoke for it.',
    ],
    [answers(200, { value: 3 }), 'upstream', /answer to the .* is not what it should be/],
    [answers(500, { error: { code: 'UnknownError', message: '' } }), 'upstream', /answered 500 to/],
    [dropped('midway'), 'upstream', /./],
    [
      answers(504, { error: { code: 'UnknownError', message: '' } }),
      'timeout',
      /Defender ran out of time for the/,
    ],
  ] as const
  for (const [fault, code, message] of cases) {
    for (const match of [HUNTING, RULES]) {
      const bite = standin.faults.on(match, fault)
      const work = match === HUNTING ? searched() : open().rules!.list(never)
      const error = await refusal(work)
      assert.equal(error.code, code, fault.name)
      if (typeof message === 'string') assert.equal(error.message, message)
      else assert.match(error.message, message)
      if (match === HUNTING) assert.equal(bite.count, 1, `${fault.name}: a search is sent once`)
      bite.off()
    }
  }
})

test('packed answers, fields nobody has heard of, and bytes that are no text are read', async () => {
  for (const fault of [gzipped(), unknownFields(), invalidUtf8('device-3')]) {
    const bite = standin.faults.on(HUNTING, fault)
    const { rows } = await searched()
    assert.equal(rows.length, 64, fault.name)
    bite.off()
  }
})

// ── Searches ─────────────────────────────────────────────────────────────────────────────────────

test('too many queries are told with the wait, and the search is not sent again by itself', async () => {
  const bite = standin.faults.on(
    HUNTING,
    tooManyRequests('17', { error: { code: 'TooManyRequests', message: 'x' } }),
  )
  const error = await refusal(searched())
  assert.deepEqual(
    [error.code, error.message, error.retryAfterSeconds, bite.count],
    [
      'rate_limited',
      'Defender asks for fewer queries: it takes some 45 a minute of a tenant.',
      17,
      1,
    ],
  )
  bite.off()
  tenant.blockedUntil = addMs(START, 9 * MINUTE)
  const quota = await refusal(searched())
  assert.match(quota.message, /^The processing time that Defender gives this tenant is used up/)
  assert.equal(quota.retryAfterSeconds, 540)
})

test('what reads nothing but lists waits for its turn and is asked again', async () => {
  const date = new Date(START + 5 * SECOND).toUTCString()
  for (const wait of ['2', date, undefined]) {
    const bite = standin.faults.on({ ...RULES, times: 2 }, tooManyRequests(wait))
    assert.equal((await open().rules!.list(never)).completeness.kind, 'complete')
    assert.equal(bite.count, 2)
  }
})

test('an answer that would be too large is asked in parts, each event once and in order', async () => {
  tenant.limits.bytes = 2_000
  const { state, rows, pages } = await searched(asked(), 5)
  assert.equal(state.kind === 'done' && state.found, null)
  assert.deepEqual(
    rows.map(([, device]) => device),
    EVENTS.map(({ DeviceName }) => DeviceName),
  )
  assert.ok(pages.every(({ completeness }) => completeness.kind === 'complete'))
  assert.deepEqual(state.kind === 'done' && state.notices, [
    'The range of time was written into the query, behind DeviceProcessEvents.',
    'It was too much for one answer, and is asked in parts of the time.',
  ])
})

test('a query that counts cannot be divided: it is refused with what to do', async () => {
  tenant.limits.bytes = 1_000
  assert.deepEqual(await told(asked('DeviceProcessEvents | summarize count() by DeviceName')), [
    'too_large',
    'The answer is larger than Defender gives at once (50 MB): the search. Ask for a shorter time, or for fewer columns.',
  ])
})

test('more in a second than Defender gives is said to be cut off, and the rest is given', async () => {
  const storm = EVENTS.slice(0, 40).map((event) => ({
    ...event,
    Timestamp: new Date(START - 30 * MINUTE).toISOString(),
  }))
  tenant.events.set('DeviceProcessEvents', [...storm, ...EVENTS.slice(0, 3)])
  tenant.limits.bytes = 1_200
  tenant.limits.callsPerMinute = 1_000
  const { rows, pages } = await searched()
  assert.equal(rows.length, 3)
  assert.deepEqual(pages.at(-1)!.completeness, {
    kind: 'truncated',
    limit: 'what Defender gives at once: 100,000 rows or 50 MB',
  })
})

test('more rows than are read at once come in parts, and no part is asked once the time is over', async () => {
  const many = Array.from({ length: 60_000 }, (_, at) => ({
    Timestamp: new Date(START - HOUR + at * 50).toISOString(),
    DeviceName: `device-${at}`,
  }))
  tenant.events.set('DeviceProcessEvents', many)
  const request = asked(QUERY, { rowsMax: 100_000 })
  const { rows, pages } = await searched(request, 50_000)
  assert.deepEqual(
    rows.map(([, device]) => device),
    many.map(({ DeviceName }) => DeviceName),
  )
  assert.ok(pages.every((page) => page.rows.length < 25_000))
  const port = open()
  const { remote } = await port.search.start(request, never)
  await finished(port, remote)
  const first = await port.search.rows(remote, { after: null, limit: 50_000 }, never)
  clock.advance(2 * MINUTE)
  const last = await port.search.rows(remote, { after: first.next, limit: 50_000 }, never)
  clock.advance(-2 * MINUTE)
  assert.deepEqual(last, {
    columns: first.columns,
    rows: [],
    next: null,
    completeness: {
      kind: 'partial',
      reason: 'The search took longer than 60 seconds; later events were not asked for.',
    },
  })
})

test('a cap on rows is kept over parts, and said', async () => {
  tenant.limits.bytes = 2_000
  const { rows, pages } = await searched(asked(QUERY, { rowsMax: 20 }), 7)
  assert.equal(rows.length, 20)
  assert.deepEqual(pages.at(-1)!.completeness, { kind: 'truncated', limit: '20 rows' })
})

test('a search that begins before what Defender keeps is partial', async () => {
  const { state } = await searched(asked(QUERY, { from: addMs(START, -40 * DAY) }))
  assert.deepEqual(state.kind === 'done' && state.completeness, {
    kind: 'partial',
    reason: 'Defender keeps events for 30 days: what is older than that cannot be found.',
  })
})

test('a search that is cancelled is given up, and nobody claims that Defender has stopped', async () => {
  const port = open()
  const held = gate('before')
  standin.faults.on(HUNTING, held.fault)
  const { remote } = await port.search.start(asked(), never)
  await held.reached
  assert.equal((await port.search.poll(remote, never)).kind, 'running')
  assert.deepEqual(await port.search.cancel(remote, never), {
    isConfirmed: false,
    reason: 'Defender has no way to end a query: it may go on there for up to ten minutes.',
  })
  held.open()
  assert.equal((await port.search.poll(remote, never)).kind, 'gone')
  standin.faults.clear()
  const again = await port.search.start(asked(), never)
  await finished(port, again.remote)
  assert.equal((await port.search.cancel(again.remote, never)).isConfirmed, true)
})

test('after a restart the search is gone, and its rows with it', async () => {
  const { remote } = await open().search.start(asked(), never)
  assert.deepEqual(await open().search.poll(remote, never), {
    kind: 'gone',
    reason: 'Defender keeps no search that could be found again.',
  })
  const error = await refusal(open().search.rows(remote, { after: null, limit: 1 }, never))
  assert.equal(error.code, 'not_found')
})

test('whole numbers beyond a double keep every digit, and types are read however they are spelled', async () => {
  const long = '12345678901234567890'
  standin.faults.on(
    HUNTING,
    answers(
      200,
      `{"schema":[{"Name":"ReportId","Type":"Int64"},{"Name":"Is","Type":"SByte"},{"Name":"Made","Type":"System.Boolean"},{"Name":"Any","Type":"Object"},{"Name":"Ratio","Type":"Double"}],"results":[{"ReportId@odata.type":"#Int64","ReportId":${long},"Is":1,"Made":"0","Any":"{\\"a\\":[1]}","Ratio":"NaN"},{"Any":"plain"}]}`,
    ),
  )
  const { pages, rows } = await searched()
  assert.deepEqual(
    pages[0]!.columns.map(({ type }) => type),
    ['long', 'bool', 'bool', 'dynamic', 'real'],
  )
  assert.deepEqual(rows, [
    [long, true, false, { a: [1] }, 'NaN'],
    [null, null, null, 'plain', null],
  ])
})

test('whose query it is and what for stands at its end, on one line', async () => {
  await searched(asked(QUERY, { person: 'ada@acme.example', purpose: 'a\n| take 5 “case”' }))
  const { Query: text } = JSON.parse(seen('POST', 'runHuntingQuery').at(-1)!.body) as {
    Query: string
  }
  assert.equal(text.split('\n').at(-1), '// Rulewright, ada@acme.example: a take 5 case')
})

test('a cell of ten megabytes arrives whole', async () => {
  const cell = 'x'.repeat(10 * 1024 * 1024)
  standin.faults.on(
    HUNTING,
    answers(200, { schema: [{ name: 'A', type: 'String' }], results: [{ A: cell }] }),
  )
  const { rows } = await searched()
  assert.equal((rows[0]![0] as string).length, cell.length)
})

test('queries that end in a comment, in semicolons or in a chart are sent as they can be', async () => {
  const sent = async (text: string) => {
    await searched(asked(text))
    const body = JSON.parse(seen('POST', 'runHuntingQuery').at(-1)!.body) as { Query: string }
    return body.Query.replaceAll(/datetime\([^)]*\)/g, 'T').replace(/\n\/\/ Rulewright, .*$/, '')
  }
  const guard = 'where Timestamp >= T and Timestamp < T'
  assert.equal(
    await sent('DeviceProcessEvents | where FileName != "//x" // all'),
    `DeviceProcessEvents | ${guard} | where FileName != "//x" // all\n| take 1001`,
  )
  assert.equal(await sent('DeviceProcessEvents ;\n'), `DeviceProcessEvents | ${guard}\n| take 1001`)
  const lets = 'let a = DeviceProcessEvents; a | where DeviceName in ((a | project DeviceName))'
  assert.equal(await sent(lets), `${lets}\n| take 1001`)
  assert.equal(
    await sent('DeviceProcessEvents | summarize n = count() by DeviceName\n| render piechart'),
    'DeviceProcessEvents | summarize n = count() by DeviceName\n| take 1001',
  )
  // Nothing fits behind it: then Defender's own cap holds.
  assert.equal(
    await sent('DeviceProcessEvents; // all of them'),
    `DeviceProcessEvents | ${guard}; // all of them`,
  )
})
