// Who asks a Splunk stand-in: session keys that expire when a test says so, tokens, Basic, cookies.

import type { Json } from '#kernel/json.ts'
import { capabilitiesOf, type Estate } from './estate.ts'
import { SplunkError, type FeedEntry } from './feed.ts'

export function login(estate: Estate, form: URLSearchParams): { key: string; reply: Json } {
  const user = form.get('username') ?? ''
  if (estate.users[user] === undefined || estate.users[user].password !== form.get('password')) {
    throw new SplunkError(401, 'Login failed', 'WARN')
  }
  const key = `session-${user}-${++estate.serial}`
  estate.sessions.set(key, user)
  return { key, reply: { sessionKey: key, message: '', code: '' } }
}

/** The user; throws 401. */
export function identify(estate: Estate, headers: Headers): string {
  const [, scheme = '', secret = ''] = /^(\w+) (.+)$/.exec(headers.get('authorization') ?? '') ?? []
  const [, cookie = ''] = /(?:^|;\s*)splunkd_8089=([^;]+)/.exec(headers.get('cookie') ?? '') ?? []
  const user =
    scheme === 'Basic'
      ? basicUser(estate, secret)
      : (estate.sessions.get(secret || cookie) ?? tokenUser(estate, secret))
  if (user !== undefined) return user
  throw new SplunkError(401, 'call not properly authenticated', 'WARN')
}

function basicUser(estate: Estate, secret: string): string | undefined {
  const [, user = '', password] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(secret, 'base64').toString()) ?? []
  return estate.users[user]?.password === password ? user : undefined
}

function tokenUser(estate: Estate, token: string): string | undefined {
  const found = estate.tokens[token]
  if (found === undefined) return undefined
  const isOver = found.expiresAt !== undefined && found.expiresAt * 1_000 <= estate.clock.now()
  return isOver ? undefined : found.user
}

interface Asker {
  readonly estate: Estate
  readonly user: string
}

export function contextEntry({ estate, user }: Asker): FeedEntry {
  return {
    name: 'context',
    path: '/services/authentication/current-context/context',
    content: {
      capabilities: capabilitiesOf(estate, user),
      defaultApp: 'search',
      email: '',
      realname: user,
      roles: estate.users[user]?.roles ?? [],
      type: 'Splunk',
      tz: '',
      username: user,
    },
  }
}

export function userEntry({ estate }: Asker, name = ''): FeedEntry {
  const user = estate.users[name]
  if (user === undefined) throw new SplunkError(404, `Could not find object id=${name}`)
  const content = { roles: user.roles, realname: name, email: '', type: 'Splunk' }
  return { name, path: `/services/authentication/users/${name}`, content }
}

export function roleEntry({ estate }: Asker, name = ''): FeedEntry {
  const role = estate.roles[name]
  if (role === undefined) throw new SplunkError(404, `Could not find object id=${name}`)
  return {
    name,
    path: `/services/authorization/roles/${name}`,
    content: {
      capabilities: role.capabilities,
      imported_capabilities: [],
      imported_roles: [],
      imported_srchIndexesAllowed: [],
      srchIndexesAllowed: role.searchIndexes,
    },
  }
}

export function tokenEntries({ estate, user }: Asker): readonly FeedEntry[] {
  return Object.values(estate.tokens).flatMap((token, at) => {
    if (token.user !== user) return []
    const claims = { sub: user, exp: token.expiresAt ?? 0 }
    const name = `token-${at}`
    return [
      {
        name,
        path: `/services/authorization/tokens/${name}`,
        content: { claims, status: 'enabled' },
      },
    ]
  })
}
