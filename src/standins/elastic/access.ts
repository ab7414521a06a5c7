// Who asks an Elastic stand-in, by password or API key, and what they may do.

import type { Json } from '#kernel/json.ts'
import { ElasticError } from './errors.ts'
import type { ApiKey, Stack, StackUser } from './stack.ts'

export interface Person extends StackUser {
  readonly name: string
  readonly key: (ApiKey & { readonly id: string }) | null
}

/** Throws 401. */
export function identify(stack: Stack, authorization = ''): Person {
  const [, scheme = '', secret = ''] = /^(\w+) (.+)$/.exec(authorization) ?? []
  const [, name = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(secret, 'base64').toString()) ?? []
  if (scheme === 'Basic') {
    const user = stack.users[name]
    if (user?.password === password) return { ...user, name, key: null }
    throw new ElasticError(401, 'security_exception', `unable to authenticate user [${name}]`)
  }
  const key = scheme === 'ApiKey' ? stack.apiKeys[name] : undefined
  if (key === undefined || key.key !== password) {
    throw new ElasticError(401, 'security_exception', 'missing or wrong authentication credentials')
  }
  if (key.expiresAt !== undefined && key.expiresAt <= stack.clock.now()) {
    throw new ElasticError(401, 'security_exception', 'api key is expired')
  }
  return { ...stack.users[key.user]!, name: key.user, key: { ...key, id: name } }
}

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  all: ['*'],
  manage: ['monitor', 'view_index_metadata', 'maintenance', 'create_index', 'delete_index'],
  write: ['index', 'create', 'delete'],
}

function covers(held: readonly string[], wanted: string): boolean {
  return held.some((one) => {
    const implied = IMPLIED[one] ?? []
    return one === wanted || implied.includes('*') || implied.includes(wanted)
  })
}

export function mayCluster({ cluster }: Person, privilege: string): boolean {
  return covers(cluster, privilege)
}

/** `index` may be a pattern: then all of it must be covered. */
export function mayIndex({ indices }: Person, index: string, privilege: string): boolean {
  return indices.some(
    ({ names, privileges }) =>
      names.some((name) => isWithin(index, name)) && covers(privileges, privilege),
  )
}

function isWithin(index: string, pattern: string): boolean {
  if (!pattern.endsWith('*')) return index === pattern
  return index.startsWith(pattern.slice(0, -1))
}

/** Throws 403 for a part of the pattern that may not be read. */
export function requireRead(person: Person, pattern: string, action: string): void {
  for (const name of pattern.split(',').filter((each) => !each.startsWith('-'))) {
    if (mayIndex(person, name, 'read')) continue
    const text = `action [${action}] is unauthorized for user [${person.name}] on indices [${name}], this action is granted by the index privileges [read,all]`
    throw new ElasticError(403, 'security_exception', text)
  }
}

export function requireCluster(person: Person, privilege: string, action: string): void {
  if (mayCluster(person, privilege)) return
  const text = `action [${action}] is unauthorized for user [${person.name}], this action is granted by the cluster privileges [${privilege},manage,all]`
  throw new ElasticError(403, 'security_exception', text)
}

export interface PrivilegeQuestion {
  readonly cluster?: readonly string[]
  readonly index?: readonly {
    readonly names: string | readonly string[]
    readonly privileges: readonly string[]
  }[]
  readonly application?: readonly {
    readonly application: string
    readonly privileges: readonly string[]
    readonly resources: readonly string[]
  }[]
}

export function hasPrivileges(person: Person, asked: PrivilegeQuestion): Json {
  const cluster = told(asked.cluster ?? [], (name) => mayCluster(person, name))
  const index: Record<string, Record<string, boolean>> = {}
  for (const { names, privileges } of asked.index ?? []) {
    for (const name of typeof names === 'string' ? [names] : names) {
      index[name] = { ...index[name], ...told(privileges, (one) => mayIndex(person, name, one)) }
    }
  }
  const application = Object.fromEntries(
    (asked.application ?? []).map(({ application: name, privileges, resources }) => [
      name,
      told(resources, () => told(privileges, () => person.roles.includes('superuser'))),
    ]),
  )
  const all = [cluster, ...Object.values(index)].flatMap((one) => Object.values(one))
  return {
    username: person.name,
    has_all_requested: all.every(Boolean),
    cluster,
    index,
    application,
  }
}

function told<T>(names: readonly string[], of: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, of(name)]))
}

export function authenticated({ name, roles, key }: Person): Json {
  const realm = { name: key === null ? 'native1' : '_es_api_key', type: 'native' }
  return {
    username: name,
    roles: key === null ? roles : [],
    full_name: null,
    email: null,
    metadata: {},
    enabled: true,
    authentication_realm: realm,
    lookup_realm: realm,
    authentication_type: key === null ? 'realm' : 'api_key',
    ...(key !== null && {
      api_key: { id: key.id, name: key.name, managed_by: 'elasticsearch' },
    }),
  }
}

/** Only one's own. */
export function apiKeysOf(stack: Stack, { key }: Person): Json {
  if (key === null) return { api_keys: [] }
  const { id, name, user, expiresAt } = key
  const known = {
    id,
    name,
    type: 'rest',
    creation: stack.clock.now(),
    ...(expiresAt !== undefined && { expiration: expiresAt }),
    invalidated: false,
    username: user,
    realm: 'native1',
    metadata: {},
    role_descriptors: {},
  }
  return { api_keys: [known] }
}
