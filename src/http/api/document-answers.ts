// The part of the OpenAPI document about what comes back: the answer of an operation with its headers,
// and each refusal that it can give.

import { exampleOf } from './examples.ts'
import { demandsVersion, isWrite, type Operation } from './operation.ts'
import { named } from './shapes.ts'

interface Part {
  readonly [name: string]: unknown
}

/** By status; `default` of a kind for what any request may meet. */
export function describeAnswers(one: Operation): Readonly<Record<string, Part>> {
  const refusals = refusalsOf(one).map((status) => [status, refTo('responses', nameOf(status))])
  return {
    [one.status]: { description: one.summary, headers: headersOf(one), ...contentOf(one) },
    ...(one.isVersioned && one.method === 'GET' && { 304: refTo('responses', 'Unchanged') }),
    ...(Object.fromEntries(refusals) as Record<string, Part>),
    '4XX': refTo('responses', 'Problem'),
    '5XX': refTo('responses', 'Problem'),
  }
}

/** What the answers refer to. */
export function answerComponents(): { readonly responses: Part; readonly headers: Part } {
  const refusals = Object.entries(REFUSALS).map(([status, refusal]) => [
    nameOf(Number(status)),
    problemResponse(Number(status), refusal),
  ])
  return {
    responses: {
      Problem: { description: ANY_PROBLEM, headers: SENT_WITH_ALL, ...problemContent() },
      Unchanged: { description: 'You have this version.', headers: pick('ETag') },
      ...(Object.fromEntries(refusals) as Part),
    },
    headers: HEADERS,
  }
}

const ANY_PROBLEM = 'Refused (RFC 9457). `code` is for programs, `detail` for people.'

interface Refusal {
  readonly title: string
  readonly code: string
  readonly about: string
  readonly headers?: readonly (keyof typeof HEADERS)[]
}

const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: {
    title: 'Bad request',
    code: 'invalid',
    about:
      'The body is no JSON, or there is one where none belongs; a header is not what it must be.',
  },
  401: {
    title: 'Sign in first',
    code: 'unauthenticated',
    about:
      'No token that opens anything; or, with `insufficient_user_authentication`, one whose person has not proved lately who they are.',
    headers: ['WWW-Authenticate'],
  },
  403: {
    title: 'Not allowed',
    code: 'forbidden',
    about: 'A scope or role is missing, or it is not of this workspace, or it does not exist.',
  },
  409: {
    title: 'Conflict',
    code: 'conflict',
    about: 'It is in another state than this needs.',
  },
  412: {
    title: 'Changed meanwhile',
    code: 'stale',
    about: 'It has another version than If-Match names.',
  },
  413: { title: 'Too large', code: 'too_large', about: 'The body is larger than it may be.' },
  415: { title: 'Unsupported format', code: 'unsupported', about: 'The body is of another type.' },
  422: {
    title: 'Not accepted',
    code: 'invalid',
    about: '`problems` lists everything in body and query that does not fit.',
  },
  428: {
    title: 'Say over which version',
    code: 'invalid',
    about: 'If-Match is missing.',
  },
  429: {
    title: 'Too many requests',
    code: 'rate_limited',
    about: 'Token, workspace or address asked too often.',
    headers: ['Retry-After'],
  },
  503: {
    title: 'Busy',
    code: 'busy',
    about: 'Too much waits. The same request may be sent again.',
    headers: ['Retry-After'],
  },
  504: {
    title: 'Took too long',
    code: 'timeout',
    about: 'The computation took longer than it may.',
  },
  507: {
    title: 'Storage is full',
    code: 'storage_full',
    about: 'Nothing can be saved; reading still works.',
  },
}

const EVERY_REFUSAL = [400, 401, 403, 422, 429, 503]

function refusalsOf(one: Operation): readonly number[] {
  return [
    ...EVERY_REFUSAL,
    ...(one.body || one.takesArchive ? [413, 415] : []),
    ...(isWrite(one) ? [409, 507] : []),
    ...(isWrite(one) && one.isVersioned ? [412] : []),
    ...(demandsVersion(one) ? [428] : []),
    ...(one.isQuestion ? [504] : []),
  ]
}

const nameOf = (status: number) => `Refused${status}`

function problemResponse(status: number, { title, code, about, headers = [] }: Refusal): Part {
  const example = {
    type: 'about:blank',
    title,
    status,
    detail: about,
    code,
    requestId: 'req_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5d',
  }
  return {
    description: about,
    headers: { ...SENT_WITH_ALL, ...pick(...headers) },
    ...problemContent(example),
  }
}

function problemContent(example?: unknown): Part {
  const schema = refTo('schemas', 'Refusal')
  const shown = { schema, ...(example !== undefined && { example }) }
  return { content: { 'application/problem+json': shown } }
}

const HEADERS = {
  'RateLimit-Limit': {
    description: 'Requests at once under the limit that is nearest.',
    schema: { type: 'integer' },
  },
  'RateLimit-Remaining': {
    description: 'How many of them are left.',
    schema: { type: 'integer' },
  },
  'RateLimit-Reset': {
    description: 'Seconds until one more is let in; 0 while some are left.',
    schema: { type: 'integer' },
  },
  'X-Request-Id': {
    description: 'Finds the line in the log of the server.',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  'WWW-Authenticate': {
    description: 'What is missing (RFC 6750, RFC 9470).',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'The version, for If-Match and If-None-Match.',
    schema: { type: 'string' },
    example: '"3f0c9a6b2d4e8f107c5a3b1d9e7f2c4a"',
  },
  Location: { description: 'Where the job is told.', schema: { type: 'string' } },
  'Content-Disposition': { description: 'The name of the file.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` on the kept answer of an earlier request with this key.',
    schema: { type: 'string', const: 'true' },
  },
}

function pick(...names: readonly (keyof typeof HEADERS)[]): Part {
  return Object.fromEntries(names.map((name) => [name, refTo('headers', name)]))
}

const SENT_WITH_ALL = pick(
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'X-Request-Id',
)

function headersOf(one: Operation): Part {
  return {
    ...SENT_WITH_ALL,
    ...(one.isVersioned && one.answer && pick('ETag')),
    ...(isWrite(one) && pick('Idempotency-Replayed')),
    ...(one.status === 202 && pick('Location')),
    ...(isDownload(one) && pick('Content-Disposition')),
  }
}

const isDownload = ({ streams }: Operation) =>
  streams.length > 0 && !streams.includes('text/event-stream')

function contentOf({ answer, streams }: Operation): Part {
  if (streams.length > 0) {
    return { content: Object.fromEntries(streams.map((type) => [type, {}])) }
  }
  if (!answer) return {}
  return { content: { 'application/json': jsonOf(named.get(answer)!.id) } }
}

/** A body or answer of this schema. */
export function jsonOf(schemaName: string): Part {
  const example = exampleOf(schemaName)
  return { schema: refTo('schemas', schemaName), ...(example !== undefined && { example }) }
}

function refTo(kind: 'schemas' | 'responses' | 'headers', name: string): Part {
  return { $ref: `#/components/${kind}/${name}` }
}
