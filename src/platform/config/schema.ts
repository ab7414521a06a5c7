// Every setting of the product. The name here is the file's name in camelCase, plus a unit where the
// code needs one: `idleMs` is `idle = "8h"` in `[sessions]` and `RULEWRIGHT_SESSIONS_IDLE`.
// A new key needs a reader, these texts, and `RECORD=1 npm test -- test/platform/config`.

import { ALLOWED_PLACE } from '#platform/outbound-address.ts'
import { CRON, HOST, HOST_PORT, MAIL_FROM, NAME, NETWORK, ORIGIN, PATH } from './rules.ts'
import { choice, count, duration, list, optionalText, secret, text, toggle } from './setting.ts'
import type { SecretSetting, Setting, ValueOf } from './setting.ts'

const server = {
  listen: text('127.0.0.1:8420', HOST_PORT, {
    about: 'Where the server listens; port 0 picks a free one.',
    change: 'Another port is wanted, or other machines must reach it directly.',
  }),
  publicUrls: list(ORIGIN, ['https://rules.example.com'], {
    about: 'Addresses people type to get here; requests for any other Host are refused (421).',
    change: 'Always, behind a proxy or on a name of its own. Empty means the listen address.',
  }),
  allowHttp: toggle(false, {
    about: 'Accept plain http on an address other machines reach.',
    change: 'A proxy on the same trusted network ends TLS. Cookies are then not marked Secure.',
  }),
  trustedOrigins: list(ORIGIN, ['https://portal.example.com'], {
    about: 'Other origins of your own site whose forms may post here.',
    change: 'A portal of yours on a sibling host sends people here with a form.',
  }),
  connectionsMax: count(
    2_000,
    { min: 10, max: 100_000 },
    {
      about: 'Open connections at a time.',
      change: 'More than about 1,000 people work at once.',
    },
  ),
  connectionsPerClientMax: count(
    50,
    { min: 1, max: 10_000 },
    {
      about: 'Open connections at a time from one client address; trusted proxies are exempt.',
      change: 'Many people share one address without a trusted proxy.',
    },
  ),
  requestsPerSecondMax: count(
    100,
    { min: 1, max: 1_000_000 },
    {
      about:
        'Requests per second from one client address in the long run; ten times as many at once.',
      change: 'Programs push rules in bulk, or many people share one address.',
    },
  ),
  tokenRequestsPerSecondMax: count(
    20,
    { min: 1, max: 1_000_000 },
    {
      about:
        'Requests per second with one API or MCP token in the long run; ten times as many at once.',
      change: 'A program does bulk work and may not be slowed.',
    },
  ),
  workspaceRequestsPerSecondMax: count(
    60,
    { min: 1, max: 1_000_000 },
    {
      about: 'Requests per second with all tokens of one workspace; ten times as many at once.',
      change: 'One workspace runs many programs, or workspaces must not slow each other.',
    },
  ),
  metrics: toggle(false, {
    about: 'Serve /metrics in Prometheus text format.',
    change: 'A Prometheus scrapes this instance.',
  }),
  metricsToken: secret('/etc/rulewright/metrics.token', {
    about: 'The bearer token that /metrics asks for; without one only loopback may read it.',
    change: 'Prometheus runs on another machine.',
  }),
}

const tls = {
  certFile: optionalText('/etc/rulewright/tls.crt', PATH, {
    about: 'Certificate chain in PEM; with key_file it turns https on. Reloaded when it changes.',
    change: 'There is no proxy in front that ends TLS.',
  }),
  keyFile: optionalText('/etc/rulewright/tls.key', PATH, {
    about: 'Private key of the certificate in PEM, readable by its owner only.',
    change: 'With cert_file.',
  }),
  minVersion: choice(['1.2', '1.3'], '1.2', {
    about: 'Oldest TLS version that is accepted.',
    change: 'Every browser and client speaks 1.3.',
  }),
}

const proxy = {
  trusted: list(NETWORK, ['10.0.0.5', '10.1.0.0/24'], {
    about: 'Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.',
    change: 'A reverse proxy stands in front.',
  }),
}

const audit = {
  anchorDir: text('anchors', PATH, {
    about: 'Folder of signed checkpoints, in the data directory unless absolute.',
    change:
      'A write-once or remote folder is at hand: a copy elsewhere is what reveals a rollback.',
  }),
  retentionMs: duration(
    '730d',
    { min: '365d', max: '36500d' },
    {
      about: 'How long audit entries are kept.',
      change: 'A rule you are under asks for longer.',
    },
  ),
}

const backup = {
  dir: text('backups', PATH, {
    about: 'Folder of scheduled backups, in the data directory unless absolute.',
    change: 'Always in production: a backup on the same disk dies with it.',
  }),
  schedule: text('0 3 * * *', CRON, {
    about: 'When backups are made, in UTC.',
    change: 'Less may be lost, or another tool makes them.',
  }),
  keep: count(
    14,
    { min: 1, max: 1_000 },
    {
      about: 'How many scheduled backups are kept.',
      change: 'Older states must stay reachable, or space is short.',
    },
  ),
}

const sessions = {
  idleMs: duration(
    '8h',
    { min: '5m', max: '30d' },
    {
      about: 'A session unused for this long is over.',
      change: 'Your policy asks for shorter.',
    },
  ),
  absoluteMs: duration(
    '24h',
    { min: '15m', max: '90d' },
    {
      about: 'A session this old is over, used or not.',
      change: 'Your policy asks for shorter.',
    },
  ),
}

const mail = {
  host: optionalText('smtp.example.com', HOST, {
    about: 'The mail server for invitations, password links and security notices.',
    change: 'People should get these by mail; without it links are shown on the page.',
  }),
  port: count(
    587,
    { min: 1, max: 65_535 },
    {
      about: 'Its port.',
      change: 'It listens elsewhere: 465 with security = "tls", 25 for a relay.',
    },
  ),
  security: choice(['starttls', 'tls', 'none'], 'starttls', {
    about: 'How the connection is encrypted; starttls refuses a server that does not offer it.',
    change: 'The server speaks TLS from the start (tls), or is a relay on this machine (none).',
  }),
  from: optionalText('Rulewright <rulewright@example.com>', MAIL_FROM, {
    about: 'The sender of every mail.',
    change: 'With host.',
  }),
  user: optionalText('rulewright', NAME, {
    about: 'The account at the mail server.',
    change: 'It asks for one.',
  }),
  password: secret('/etc/rulewright/mail.password', {
    about: 'The password of that account.',
    change: 'With user.',
  }),
}

const outbound = {
  allow: list(ALLOWED_PLACE, ['10.20.0.0/16', 'splunk.corp.example:8089'], {
    about: 'Private and loopback addresses that targets may lead to; public ones need no word.',
    change: 'A SIEM stands in your own network. Name it or its network, not everything.',
  }),
}

const sandbox = {
  retentionMs: duration(
    '30d',
    { min: '1d', max: '3650d' },
    {
      about: 'How long after they came in events stay in the sandbox of a workspace.',
      change: 'They are tried for longer, or less may lie about.',
    },
  ),
  megabytesMax: count(
    10_240,
    { min: 10, max: 1_048_576 },
    {
      about: 'Size of the sandbox of one workspace; beyond it the oldest events leave.',
      change: 'The disk is small, or more than about 300 million events are tried.',
    },
  ),
}

const health = {
  sampleMinutes: count(
    15,
    { min: 1, max: 60 },
    {
      about: 'Minutes between two looks at how deployed rules fare on each target.',
      change: 'What stops must be known sooner, or targets are to be asked less.',
    },
  ),
}

const log = {
  level: choice(['error', 'warn', 'info', 'debug'], 'info', {
    about: 'Least serious lines that are written to standard error.',
    change: 'A problem is being looked for (debug), or volume matters (warn).',
  }),
}

const jobs = {
  workers: count(
    0,
    { min: 0, max: 64 },
    {
      about: 'Worker threads for heavy computation; 0 takes one per core but one.',
      change: 'Other programs share the machine.',
    },
  ),
  perWorkspaceMax: count(
    4,
    { min: 1, max: 64 },
    {
      about: 'Jobs of one workspace that run at a time.',
      change: 'Few workspaces share a strong machine.',
    },
  ),
  keepMs: duration(
    '30d',
    { min: '1d', max: '3650d' },
    {
      about: 'How long finished jobs stay listed.',
      change: 'The list is wanted for longer; the audit log keeps what was done either way.',
    },
  ),
  driftMinutes: count(
    30,
    { min: 5, max: 60 },
    {
      about: 'Minutes after which targets on which something stands are read again.',
      change: 'Drift must be found sooner, or a SIEM is slow to list its rules.',
    },
  ),
}

/** Sections in the order of the file. Empty ones are reserved names without settings so far. */
export const SECTIONS = {
  server,
  tls,
  proxy,
  database: {},
  audit,
  backup,
  sessions,
  mail,
  outbound,
  sandbox,
  health,
  log,
  jobs,
} as const satisfies Readonly<Record<string, Readonly<Record<string, Setting<unknown>>>>>

/** Settings above all sections. */
export const TOP = {
  data: optionalText('/var/lib/rulewright', PATH, {
    about: 'The data directory.',
    change: 'This file is not in it. --data and RULEWRIGHT_DATA go before.',
  }),
  masterSecret: secret('/etc/rulewright/master.secret', {
    about: 'The master secret; without this it is master.secret in the data directory.',
    change: 'Always in production: kept apart, a stolen data directory or backup stays sealed.',
  }),
} as const satisfies Readonly<Record<string, Setting<unknown>>>

export type SectionName = keyof typeof SECTIONS

type Values<S> = {
  readonly [K in keyof S as S[K] extends SecretSetting ? never : K]: ValueOf<S[K]>
}

/** What the settings come to. Secrets are not here: they may change while the server runs. */
export type Settings = {
  readonly [S in SectionName]: Values<(typeof SECTIONS)[S]>
}

/** `allowHttp` to `allow_http`, `idleMs` to `idle`: the value carries its unit in the file. */
export function fileKey(name: string): string {
  const bare = name.replace(/(?<=[a-z])(Ms|Bytes)$/, '')
  return bare.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
