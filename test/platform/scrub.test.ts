// What a log line may say and what it may not. Secrets are put together here so that no scanner takes
// this file for a leak.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HIDDEN, isSecretName, scrubJson, scrubText } from '#platform/scrub.ts'
import { corpusPath, readCorpus } from '#test/support/corpora.ts'

const mixed = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF'
const pem = (kind: string) => `-----BEGIN ${kind}-----\nMIIE${mixed}\n-----END ${kind}-----`

const SHAPED: Readonly<Record<string, string>> = {
  jwt: ['eyJhbGciOiJub25lIn0', 'eyJzdWIiOiJhZGEifQ', mixed].join('.'),
  jwe: ['eyJhbGciOiJkaXIifQ', '', mixed, mixed, mixed].join('.'),
  paseto: ['v4', 'local', mixed].join('.'),
  ours: ['rw', 'pat', `019a${mixed}`, '1a2b3c4d'].join('_'),
  'AWS key id': ['AK', 'IAA1B2C3D4E5F6G7H8'].join(''),
  github: ['ghp', mixed].join('_'),
  'github fine': ['github', 'pat', mixed].join('_'),
  gitlab: ['glpat', mixed].join('-'),
  slack: ['xoxb', '1234567890', mixed].join('-'),
  'slack hook': ['https://hooks.slack.com', 'services', 'T0', 'B0', mixed].join('/'),
  model: ['sk', 'proj', mixed].join('-'),
  google: `AIza${mixed}`,
  stripe: ['sk', 'live', mixed].join('_'),
  npm: ['npm', mixed].join('_'),
  sendgrid: ['SG', mixed.slice(0, 22), mixed].join('.'),
  entra: `abc8Q~${mixed}xy`,
  'Elastic API key': Buffer.from(`${mixed.slice(0, 20)}:${mixed.slice(0, 22)}`).toString('base64'),
  'private key': pem('PRIVATE KEY'),
}

test('a secret with a shape of its own is hidden wherever it stands', () => {
  const places = ['X', 'pasted X here', "VALUES('X')", '(X)', 'a=X b=X', '{"field":"X"}', 'x:X,y']
  for (const [kind, secret] of Object.entries(SHAPED)) {
    for (const place of places) {
      const clean = scrubText(place.replaceAll('X', secret))
      const last = secret.split('/').at(-1)!
      assert.ok(!clean.includes(last), `${kind} in ${place}: ${clean}`)
      assert.ok(clean.includes(HIDDEN), `${kind} in ${place}: ${clean}`)
    }
  }
})

const NAMED: readonly (readonly [string, string])[] = [
  ['password: hunter two', 'password: [hidden] two'],
  ['PASSWORD=hunter2 next', 'PASSWORD=[hidden] next'],
  ['"api_key": "a b c", "user": "ada"', '"api_key": "[hidden]", "user": "ada"'],
  [
    '{\\"clientSecret\\":\\"a\\\\\\"b\\",\\"n\\":1}',
    '{\\"clientSecret\\":\\"[hidden]\\",\\"n\\":1}',
  ],
  ['/hook?access_token=abc&x=1', '/hook?access_token=[hidden]&x=1'],
  ['--token abc --verbose', '--token [hidden] --verbose'],
  ['--password-file /etc/x --dry-run', '--password-file /etc/x --dry-run'],
  ['Authorization: Splunk 8bbc-3acb', 'Authorization: [hidden]'],
  ['cookie: a=b; session=c\nHost: x', 'cookie: [hidden]\nHost: x'],
  ['Set-Cookie: __Host-session=c; Path=/', 'Set-Cookie: [hidden]'],
  ['sent Bearer abcdef1234', 'sent Bearer [hidden]'],
  ['https://ada:p/w@siem.example:8089/x', 'https://ada:[hidden]@siem.example:8089/x'],
  ['AccountKey=abc==;Endpoint=x', 'AccountKey=[hidden];Endpoint=x'],
]

test('a value under a telling name is hidden, and the rest of the line stays', () => {
  for (const [line, clean] of NAMED) assert.equal(scrubText(line), clean)
})

test('what is no secret stays readable', () => {
  const lines = [
    'Basic authentication failed, the bearer of bad news said',
    'password must be at least 12 characters',
    'req_019a9b3c-0000-7000-8000-0000000000aa of usr_019a9b3c-0000-7000-8000-0000000000aa',
    `root ${Buffer.alloc(32, 7).toString('base64')} of ${'ab'.repeat(32)}`,
    'https://siem.example:8089/find?by=ada@example.com',
    'git clone ssh://git@host.example/x',
    'tokenCount=512 token_type=Bearer secret_file=/etc/rulewright/master.secret',
    'at file:///opt/app/server.js:10:3 and src/platform/secret.ts:12:7',
    pem('CERTIFICATE'),
    'wsp_acme rul_019a9b3c-0000-7000-8000-0000000000aa spl: index=main sourcetype=token',
  ]
  for (const line of lines) assert.equal(scrubText(line), line)
})

test('a value made known is hidden though it looks like nothing', () => {
  assert.equal(
    scrubText('logged in as correct-horse today', ['correct-horse']),
    'logged in as [hidden] today',
  )
})

test('in JSON a secret name hides whatever it holds', () => {
  const value = { user: 'ada', password: 12345678, cookies: ['a', 'b'], nested: { apiKey: 'x' } }
  assert.deepEqual(scrubJson(value), {
    user: 'ada',
    password: HIDDEN,
    cookies: HIDDEN,
    nested: { apiKey: HIDDEN },
  })
  assert.deepEqual(scrubJson({ hasPassword: true, token: null }), {
    hasPassword: true,
    token: null,
  })
})

test('names that only tell about a secret are no secret names', () => {
  for (const name of ['tokenCount', 'passwordChangedAt', 'secret_file', 'cookieName', 'tokenId']) {
    assert.ok(!isSecretName(name), name)
  }
  for (const name of ['token', 'x-api-key', 'sessionId', 'db.password', 'refreshToken', 'SIG']) {
    assert.ok(isSecretName(name), name)
  }
})

test('scrubbing twice changes nothing more, and any text is taken', () => {
  const parts = [
    'password',
    '=',
    ':',
    '"',
    '\\',
    ' ',
    '://',
    '@',
    'a',
    HIDDEN,
    '--token',
    'eyJ',
    '.',
    '\n',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 30 }), (words) => {
      const once = scrubText(words.join(''))
      assert.equal(scrubText(once), once)
    }),
  )
})

test('hostile repetition is read in one pass', { timeout: 20_000 }, () => {
  const pieces = [
    'eyJ',
    'eyJaaaaaaaa.',
    '://a:',
    'x@://',
    '-----BEGIN ',
    '"password":"\\',
    'password=',
    '--token ',
    '\\"',
    'bearer ',
    'A1',
    'v4.local.',
  ]
  // A quadratic net would need minutes for these; the time limit of the test is far above a linear one.
  for (const piece of pieces) scrubText(piece.repeat(1_000_000 / piece.length))
})

interface Leak {
  readonly line: string
  /** Absent on controls, whose text must stay, and on the line that explains the file. */
  readonly must_not_contain?: readonly string[]
  readonly must_contain?: string
  readonly typed_only?: boolean
}

if (corpusPath('hostile/secrets_scrub.jsonl.gz') !== undefined) {
  test('no line of the hostile corpus keeps its secret, and no control loses its text', () => {
    const leaks = readCorpus<Leak>('hostile/secrets_scrub.jsonl.gz')
    assert.ok(leaks.length > 200)
    for (const leak of leaks.slice(1)) {
      const secrets = leak.must_not_contain ?? []
      // "Typed only" are values without shape or name: they must be known to the process.
      const clean = scrubText(leak.line, leak.typed_only === true ? secrets : [])
      for (const secret of secrets) assert.ok(!clean.includes(secret), clean)
      assert.ok(clean.includes(leak.must_contain ?? ''), clean)
    }
  })
}
