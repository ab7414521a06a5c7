// Settings: precedence, places, the nearest name, everything wrong at once.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/error.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import {
  loadConfiguration,
  type Configuration,
  type ConfigurationInput,
} from '#platform/config/load.ts'

interface World {
  readonly cwd: string
  readonly load: (input?: Partial<ConfigurationInput>) => Configuration
  /** The problems that stop the start; none when it would start. */
  readonly lines: (input?: Partial<ConfigurationInput>) => string[]
}

function world(t: TestContext, toml?: string | Buffer): World {
  const cwd = mkdtempSync(join(tmpdir(), 'rulewright-config-'))
  t.after(() => rmSync(cwd, { recursive: true, force: true }))
  if (toml !== undefined) writeFileSync(join(cwd, 'rulewright.toml'), toml)
  const load = (input: Partial<ConfigurationInput> = {}) =>
    loadConfiguration({ cwd, env: {}, ...input })
  return {
    cwd,
    load,
    lines(input) {
      try {
        load(input)
      } catch (error) {
        assert.ok(error instanceof AppError && error.code === 'invalid', String(error))
        return error.message.split('\n')
      }
      return []
    },
  }
}

test('without any source the defaults are in force, with units the code names', (t) => {
  const { settings, origins, file } = world(t).load()
  assert.equal(settings.server.listen, '127.0.0.1:8420')
  assert.equal(settings.sessions.idleMs, 8 * HOUR)
  assert.deepEqual(settings.proxy.trusted, [])
  assert.equal(settings.tls.certFile, undefined)
  assert.equal(origins.get('server.listen'), 'default')
  assert.equal(file, undefined)
})

test('a flag goes before the environment, the environment before the file, the file before the default', (t) => {
  const { load } = world(t, '[server]\nlisten = "127.0.0.1:1"\nmetrics = true\n')
  const env = { RULEWRIGHT_SERVER_LISTEN: '127.0.0.1:2' }
  const flags = { 'server.listen': '127.0.0.1:3' }
  assert.equal(load().settings.server.listen, '127.0.0.1:1')
  assert.equal(load({ env }).settings.server.listen, '127.0.0.1:2')
  const all = load({ env, flags })
  assert.equal(all.settings.server.listen, '127.0.0.1:3')
  assert.equal(all.origins.get('server.listen'), 'flag')
  assert.equal(all.origins.get('server.metrics'), 'file')
})

test('the environment spells lists, switches, counts and durations as text', (t) => {
  const { settings } = world(t).load({
    env: {
      RULEWRIGHT_PROXY_TRUSTED: '10.0.0.1, 10.2.0.0/16',
      RULEWRIGHT_SERVER_METRICS: 'true',
      RULEWRIGHT_BACKUP_KEEP: '3',
      RULEWRIGHT_SESSIONS_IDLE: '45m',
    },
  })
  assert.deepEqual(settings.proxy.trusted, ['10.0.0.1', '10.2.0.0/16'])
  assert.equal(settings.server.metrics, true)
  assert.equal(settings.backup.keep, 3)
  assert.equal(settings.sessions.idleMs, 45 * MINUTE)
})

test('everything wrong is named at once, with file, line, column and the nearest name', (t) => {
  const toml = [
    '# a comment with [brackets] and "quotes',
    'dta = "x"',
    '[server]',
    'listen = 8420',
    'prot = 1',
    '  metrcs = """',
    'a "quoted" # text"""',
    '[servr]',
    'listen = "x"',
    '[log]',
    'sessions.idle = "5m"',
    "level = 'loud'",
    '[sessions]',
    '\'idle\' = "2y"',
  ].join('\n')
  const { lines } = world(t, toml)
  const problems = lines({ env: { RULEWRIGHT_LOG_LEVLE: 'x', RULEWRIGHT_BACKUP_KEEP: 'many' } })
  assert.deepEqual(problems, [
    'environment: RULEWRIGHT_LOG_LEVLE is no setting; did you mean RULEWRIGHT_LOG_LEVEL?',
    'environment: RULEWRIGHT_BACKUP_KEEP is "many", expected a whole number from 1 to 1000',
    'rulewright.toml:2:1: no setting dta; did you mean data?',
    'rulewright.toml:4:10: [server] listen is 8420, expected "HOST:PORT" such as "127.0.0.1:8420"',
    'rulewright.toml:5:1: no setting prot in [server]; it has listen, public_urls, allow_http, ' +
      'trusted_origins, connections_max, connections_per_client_max, requests_per_second_max, token_requests_per_second_max, workspace_requests_per_second_max, metrics, metrics_token_file',
    'rulewright.toml:6:3: no setting metrcs in [server]; did you mean metrics?',
    'rulewright.toml:8:1: no setting servr; did you mean [server]?',
    'rulewright.toml:11:1: no setting sessions in [log]; it has level',
    'rulewright.toml:12:9: [log] level is "loud", expected one of "error", "warn", "info", "debug"',
    'rulewright.toml:14:10: [sessions] idle is "2y", expected a duration from 5m to 30d, such as "8h"',
  ])
})

test('inline and dotted tables are found at their own keys', (t) => {
  const { lines } = world(t, 'log = { level = "info", colour = 1 }\nserver.metrics = 1\n')
  assert.deepEqual(lines(), [
    'rulewright.toml:1:25: no setting colour in [log]; it has level',
    'rulewright.toml:2:18: [server] metrics is 1, expected true or false',
  ])
})

test('a key of another section is told where it belongs', (t) => {
  const { lines } = world(t, '[log]\nallow_http = true\n')
  assert.deepEqual(lines(), [
    'rulewright.toml:2:1: no setting allow_http in [log]; it belongs in [server]',
  ])
})

test('a secret in the settings file is refused without being repeated', (t) => {
  const { lines } = world(t, 'master_secret = "hunter2hunter2"\n')
  const [line = ''] = lines()
  assert.match(line, /^rulewright\.toml:1:1: a secret does not belong in this file/)
  assert.doesNotMatch(line, /hunter2/)
})

test('what is not TOML, not UTF-8 or too large is refused with its place', (t) => {
  const [syntax = ''] = world(t, '[server]\nlisten = \n').lines()
  assert.match(syntax, /^rulewright\.toml:2:\d+: is not TOML/)
  const [bytes] = world(t, Buffer.from('a = 1\nb = "\xff"\n', 'latin1')).lines()
  assert.equal(bytes, 'rulewright.toml:2:1: holds bytes that are not UTF-8')
  const [size] = world(t, '#'.repeat(300 * 1024)).lines()
  assert.equal(size, 'rulewright.toml:1:1: is larger than 256 kB')
})

test('names from the prototype are unknown settings like any other', (t) => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const [line = ''] = world(t, `[${name}]\npolluted = true\n`).lines()
    assert.match(line, new RegExp(`^rulewright\\.toml:1:1: no setting ${name}; sections are`))
    const [inner = ''] = world(t, `[log]\n${name} = true\n`).lines()
    assert.match(inner, new RegExp(`^rulewright\\.toml:2:1: no setting ${name} in \\[log\\]`))
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('plain http on an address others reach, half a TLS pair and crossed limits are refused', (t) => {
  const open = world(t, '[server]\nlisten = "0.0.0.0:8420"\n')
  assert.match(open.lines()[0] ?? '', /reachable from other machines without TLS/)
  assert.deepEqual(open.lines({ env: { RULEWRIGHT_SERVER_ALLOW_HTTP: 'true' } }), [])
  assert.match(world(t, '[tls]\ncert_file = "a"\n').lines()[0] ?? '', /go together/)
  const crossed = world(t, '[sessions]\nidle = "2d"\nabsolute = "1d"\n')
  assert.match(crossed.lines()[0] ?? '', /idle is longer than absolute/)
})

test('the data directory is the flag, the environment, the file, systemd, or beside the caller', (t) => {
  const { cwd, load } = world(t)
  const state = { STATE_DIRECTORY: '/var/lib/one:/var/lib/two' }
  assert.equal(load().dataDir, join(cwd, 'rulewright-data'))
  assert.equal(load({ env: state }).dataDir, '/var/lib/one')
  writeFileSync(join(cwd, 'rulewright.toml'), 'data = "mine"\n')
  assert.equal(load({ env: state }).dataDir, join(cwd, 'mine'))
  const env = { ...state, RULEWRIGHT_DATA: 'theirs' }
  assert.equal(load({ env }).dataDir, join(cwd, 'theirs'))
  assert.equal(load({ env, flags: { data: '/other' } }).dataDir, '/other')
})

test('the settings file is the named one, else that of the data directory, else of the folder', (t) => {
  const { cwd, load, lines } = world(t, '[backup]\nkeep = 1\n')
  const data = join(cwd, 'data')
  mkdirSync(data)
  assert.equal(load({ flags: { data } }).settings.backup.keep, 1)
  writeFileSync(join(data, 'rulewright.toml'), '[backup]\nkeep = 2\n')
  assert.equal(load({ flags: { data } }).settings.backup.keep, 2)
  writeFileSync(join(cwd, 'other.toml'), '[backup]\nkeep = 3\n')
  assert.equal(load({ flags: { data }, file: 'other.toml' }).settings.backup.keep, 3)
  assert.deepEqual(lines({ file: 'gone.toml' }), ['--config gone.toml: there is no such file'])
  writeFileSync(join(cwd, 'rulewright.toml'), 'data = "data"\n')
  assert.match(lines()[0] ?? '', /both hold settings/)
})

test('a secret is a file named in the file or the environment, or a value in the environment', (t) => {
  const { cwd, load, lines } = world(t, '[server]\nmetrics_token_file = "token"\n')
  const id = 'server.metricsToken'
  assert.deepEqual(load().secretSource(id), {
    kind: 'file',
    path: join(cwd, 'token'),
    isGuarded: false,
  })
  const env = { RULEWRIGHT_SERVER_METRICS_TOKEN: 'abc' }
  assert.deepEqual(load({ env }).secretSource(id), {
    kind: 'value',
    text: 'abc',
    name: 'RULEWRIGHT_SERVER_METRICS_TOKEN',
  })
  assert.equal(load().secretSource('masterSecret'), undefined)
  const both = { ...env, RULEWRIGHT_SERVER_METRICS_TOKEN_FILE: 'x' }
  assert.match(lines({ env: both })[0] ?? '', /are both set; keep one/)
})
