// What every answer carries, and how a failure looks at each door.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { readForm, readJson, readQuery } from '#http/input.ts'
import { apiRoute, pageRoute, publicRoute } from '#http/routes.ts'
import { AppError, Bug, ERROR_CODES, type ErrorCode } from '#kernel/error.ts'
import { ada } from '#test/support/cast.ts'
import { serveRoutes } from '#test/support/http.ts'

const Rule = z.strictObject({ name: z.string().max(5), level: z.enum(['low', 'high']).optional() })
const own = { 'Sec-Fetch-Site': 'same-origin' }

const routes = [
  publicRoute('GET', '/fine', (c) => c.text('fine')),
  publicRoute('GET', '/redirect', (c) => c.redirect('/fine')),
  publicRoute('GET', '/api/v1/fails/:code', (c) => fail(c.req.param('code') as ErrorCode)),
  publicRoute('GET', '/fails/:code', (c) => fail(c.req.param('code') as ErrorCode)),
  publicRoute('GET', '/bug', () => {
    throw new Bug('the secret plan is in /opt/plan')
  }),
  publicRoute('GET', '/late', async () => {
    await Promise.resolve()
    throw new TypeError('undefined is no function')
  }),
  publicRoute('POST', '/api/v1/json', async (c) => c.json(await readJson(c, Rule))),
  publicRoute('POST', '/form', async (c) => c.json(await readForm(c, Rule))),
  publicRoute('GET', '/query', (c) => c.json(readQuery(c, Rule))),
  publicRoute('POST', '/small', async (c) => c.text(await c.req.text()), { bodyBytesMax: 10 }),
  pageRoute('GET', '/account', 'signed-in', (c) => c.text('in')),
  pageRoute('POST', '/account', 'signed-in', (c) => c.text('saved')),
  apiRoute('GET', '/api/v1/jobs', 'job.read', (c) => c.json([])),
]

function fail(code: ErrorCode): never {
  throw new AppError(code, `This is ${code}.`, { retryAfterSeconds: 7, cause: new Error('deep') })
}

test('every answer carries the policy with a nonce of its own, and the other headers', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const nonces = new Set<string>()
  const paths = ['/fine', '/redirect', '/no-such', '/bug', '/account', '/api/v1/fails/invalid']
  for (const path of [...paths, ...paths]) {
    const { headers } = await fetch(path)
    const policy = headers.get('Content-Security-Policy') ?? ''
    nonces.add(/script-src 'nonce-([\w-]{24})' 'strict-dynamic'/.exec(policy)?.[1] ?? '')
    assert.match(policy, /default-src 'none'.*require-trusted-types-for 'script'/, path)
    assert.ok(!/unsafe-|\*/.test(policy), path)
    assert.equal(headers.get('Strict-Transport-Security'), 'max-age=31536000; includeSubDomains')
    assert.equal(headers.get('X-Content-Type-Options'), 'nosniff')
    assert.equal(headers.get('Referrer-Policy'), 'no-referrer')
    assert.equal(headers.get('Cross-Origin-Opener-Policy'), 'same-origin')
    assert.equal(headers.get('Cross-Origin-Resource-Policy'), 'same-origin')
    assert.equal(headers.get('Cache-Control'), 'no-store')
    assert.match(headers.get('Permissions-Policy') ?? '', /camera=\(\)/)
    assert.match(headers.get('X-Request-Id') ?? '', /^req_[\da-f-]{36}$/)
    assert.equal(headers.get('X-Powered-By'), null)
  }
  assert.equal(nonces.size, paths.length * 2)
})

test('a request id of the caller is not taken over', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const id = 'req_019a9b3c-0000-7000-8000-000000000000'
  const answer = await fetch('/fine', { headers: { 'X-Request-Id': id } })
  assert.notEqual(answer.headers.get('X-Request-Id'), id)
})

test('each code has its status, and programs get problem+json', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const statuses: Record<string, number> = {}
  for (const code of ERROR_CODES) {
    const answer = await fetch(`/api/v1/fails/${code}`)
    statuses[code] = answer.status
    assert.equal(answer.headers.get('Content-Type'), 'application/problem+json')
    assert.equal(answer.headers.get('Retry-After'), '7')
    const body = (await answer.json()) as Record<string, unknown>
    assert.deepEqual(Object.keys(body), ['type', 'title', 'status', 'detail', 'code', 'requestId'])
    assert.deepEqual(
      [body['status'], body['code'], body['detail']],
      [answer.status, code, `This is ${code}.`],
    )
    assert.equal(body['requestId'], answer.headers.get('X-Request-Id'))
    assert.equal((await fetch(`/fails/${code}`)).status, answer.status)
  }
  assert.deepEqual(statuses, {
    invalid: 422,
    unauthenticated: 401,
    forbidden: 403,
    not_found: 404,
    conflict: 409,
    stale: 412,
    too_large: 413,
    rate_limited: 429,
    unsupported: 422,
    busy: 503,
    storage_full: 507,
    upstream: 502,
    timeout: 504,
    cancelled: 409,
  })
})

test('a bug is logged in full and shown as nothing but its request id', async (t) => {
  const { fetch, logged } = await serveRoutes(t, routes)
  for (const path of ['/bug', '/late']) {
    const answer = await fetch(path)
    const page = await answer.text()
    const id = answer.headers.get('X-Request-Id')!
    assert.equal(answer.status, 500)
    assert.match(page, /Something went wrong/)
    assert.ok(page.includes(id))
    assert.doesNotMatch(page, /secret plan|no function|\.ts/)
    const line = logged.find((entry) => entry['requestId'] === id && entry['err'])
    assert.match(JSON.stringify(line), /secret plan|no function/)
  }
})

test('a failure is a page, a fragment for htmx, JSON for a program', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const page = await fetch('/fails/conflict')
  assert.match(await page.text(), /^<!doctype html>/)
  const fragment = await fetch('/fails/conflict', { headers: { 'HX-Request': 'true' } })
  assert.equal(fragment.headers.get('HX-Retarget'), '#problem')
  assert.doesNotMatch(await fragment.text(), /<html/)
  const missing = await fetch('/api/v1/no-such')
  assert.equal(missing.headers.get('Content-Type'), 'application/problem+json')
  assert.equal((await fetch('/api/v1/jobs')).headers.get('WWW-Authenticate'), 'Bearer')
})

test('a stranger who opens a page is led to sign in and back to it', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const opened = await fetch('/account?x=1&y=2', { headers: { 'Sec-Fetch-Mode': 'navigate' } })
  assert.equal(opened.status, 401)
  assert.match(await opened.text(), /href="\/sign-in\?next=%2Faccount%3Fx%3D1%26y%3D2"/)
  // A form has no page to come back to.
  const sent = await fetch('/account', { method: 'POST', headers: own })
  assert.equal(sent.status, 401)
  assert.match(await sent.text(), /href="\/sign-in"/)
})

test('a part of a page that needs a session sends the page to sign in and back', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const ledTo = async (from: Record<string, string>) => {
    const headers = { 'HX-Request': 'true', ...from }
    return (await fetch('/account', { headers })).headers.get('HX-Redirect')
  }
  const back = '/sign-in?next=%2Fw%2Facme%2Faudit%3Fq%3D1'
  assert.equal(await ledTo({ 'HX-Current-URL': 'http://127.0.0.1/w/acme/audit?q=1' }), back)
  // What a page says of where it is leads to no other site.
  assert.equal(await ledTo({ 'HX-Current-URL': 'https://evil.example//evil' }), '/sign-in')
  assert.equal(await ledTo({ 'HX-Current-URL': 'nowhere' }), '/sign-in')
  assert.equal(await ledTo({}), '/sign-in')
})

test('one line is logged for a request: pattern, status, actor, and never the path', async (t) => {
  const { fetchAs, logged } = await serveRoutes(t, routes)
  const answer = await fetchAs(ada, '/account?token=hunter2')
  const lines = logged.filter((line) => line['msg'] === 'request')
  assert.equal(lines.length, 1)
  const { requestId, method, route, status, actor } = lines[0]!
  assert.deepEqual(
    { requestId, method, route, status, actor },
    {
      requestId: answer.headers.get('X-Request-Id'),
      method: 'GET',
      route: '/account',
      status: 200,
      actor: 'usr_ada',
    },
  )
  assert.doesNotMatch(JSON.stringify(logged), /hunter2/)
})

test('input that does not fit is refused with every problem, as JSON, form and query', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const json = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
    fetch('/api/v1/json', { method: 'POST', body, headers: { ...own, 'Content-Type': type } })
  assert.deepEqual(await (await json('{"name":"a"}')).json(), { name: 'a' })
  const refused = await json('{"name":"too long","level":"mid","extra":1}')
  assert.equal(refused.status, 422)
  const { problems } = (await refused.json()) as { problems: { code: string; message: string }[] }
  assert.deepEqual(
    problems.map((problem) => problem.code),
    ['input/too-big', 'input/invalid-value', 'input/unrecognized-keys'],
  )
  assert.match(problems[0]!.message, /^name: /)
  assert.equal((await json('{"name":"a"}', 'text/plain')).status, 415)
  for (const body of [
    '',
    '{',
    '{"name":"a"} x',
    '\ufeff{"name":"a"}',
    new Uint8Array([0x22, 0xff, 0x22]),
    '{"__proto__":{"name":"a"}}',
    '{"name":"a","name":"b"}',
    `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  ]) {
    assert.equal((await json(body)).status, 400, String(body).slice(0, 30))
  }
  for (const body of ['[]', 'null']) assert.equal((await json(body)).status, 422, body)
  const form = (body: string) =>
    fetch('/form', { method: 'POST', body: new URLSearchParams(body), headers: own })
  assert.deepEqual(await (await form('name=b&level=low')).json(), { name: 'b', level: 'low' })
  assert.equal((await form('name=b&name=c')).status, 422)
  assert.equal((await form('name=b&__proto__=c')).status, 422)
  assert.deepEqual(await (await fetch('/query?name=c')).json(), { name: 'c' })
  assert.equal((await fetch('/query?name=c&name=d')).status, 422)
})

test('a body is counted as it arrives, whatever was declared', async (t) => {
  const { fetch } = await serveRoutes(t, routes)
  const send = (chunks: readonly string[]) =>
    fetch('/small', {
      method: 'POST',
      headers: own,
      body: ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk))),
      duplex: 'half',
    })
  const fits = await send(['12345', '67890'])
  assert.equal(await fits.text(), '1234567890')
  const over = await send(['12345', '67890', '1'])
  assert.equal(over.status, 413)
  assert.match(await over.text(), /at most 10 bytes/)
})
