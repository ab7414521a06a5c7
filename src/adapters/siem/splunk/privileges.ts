// What the credential may do on Splunk, what of it is needed, and what should be taken away: capabilities
// by name, the indexes of its roles, and whether the application takes writes.

import type { Privilege, Privileges } from '#domain/targets/port.ts'
import { z } from 'zod'
import type { SplunkClient } from './client.ts'
import { context, feed, flag, readAs } from './replies.ts'
import type { SplunkSettings } from './settings.ts'

const READ: readonly (readonly [name: string, why: string])[] = [
  ['search', 'Runs searches, and checks queries without running them.'],
  ['rest_properties_get', 'Reads saved searches, macros and lookups over REST.'],
  ['list_search_scheduler', 'Reads when rules run next and whether they were skipped.'],
]
const WRITE: readonly (readonly [name: string, why: string])[] = [
  ['schedule_search', 'Without it Splunk keeps a rule and never runs it.'],
]
const SECURITY = 'edit_correlationsearches'

const EXCESS: Readonly<Record<string, string>> = {
  admin_all_objects: 'Changes and deletes everything of everybody.',
  change_authentication: 'Changes how people sign in.',
  delete_by_keyword: 'Deletes events from indexes.',
  edit_roles: 'Gives itself any other capability.',
  edit_roles_grantable: 'Gives its own capabilities to others.',
  edit_script: 'Changes scripts that Splunk runs.',
  edit_server: 'Changes settings of the server.',
  edit_tokens_all: 'Makes tokens for other people.',
  edit_user: 'Makes people and changes their passwords.',
  install_apps: 'Installs applications, which may run any code.',
  list_storage_passwords: 'Reads stored passwords of other systems.',
  output_file: 'Writes lookup files from a search.',
  restart_splunkd: 'Restarts the server.',
  run_collect: 'Writes events into indexes from a search.',
  run_dump: 'Writes search results to the disk of the server.',
  run_mcollect: 'Writes metrics into indexes from a search.',
  run_sendalert: 'Runs alert actions from a search.',
}

const role = z.object({
  srchIndexesAllowed: z.array(z.string()).default([]),
  imported_srchIndexesAllowed: z.array(z.string()).default([]),
})
const ROLES_MAX = 20

export async function readPrivileges(
  client: SplunkClient,
  settings: SplunkSettings,
  need: 'read' | 'write',
  signal: AbortSignal,
): Promise<Privileges> {
  const what = 'what the credential may do'
  const reply = await client.send({
    path: '/services/authentication/current-context',
    what,
    signal,
  })
  const [entry] = readAs(feed, reply.body, what).entry
  const { roles, capabilities } = readAs(context, entry?.content ?? null, what)
  const held = new Set(capabilities)
  const toRole = roles[0] ?? 'the role of this credential'
  const capability = ([name, why]: readonly [string, string]): Privilege => ({
    name,
    why,
    isHeld: held.has(name),
    fix: `In Splunk: Settings, Roles, ${toRole}, Capabilities, tick ${name}; or in authorize.conf [role_${toRole}] ${name} = enabled.`,
  })
  const isSecurity =
    settings.app === 'SplunkEnterpriseSecuritySuite' || settings.sharing === 'global'
  const needed = [
    ...READ.map(capability),
    await internalIndex(client, roles, toRole, signal),
    ...(need === 'write' ? WRITE.map(capability) : []),
    ...(need === 'write' && isSecurity
      ? [capability([SECURITY, 'Writes correlation searches of Enterprise Security.'])]
      : []),
    ...(need === 'write' ? [await appWrite(client, settings, toRole, signal)] : []),
  ]
  const isUnknown = needed.some(({ isHeld }) => isHeld === null)
  return {
    needed,
    excess: excessOf(held, need, toRole),
    completeness: isUnknown
      ? { kind: 'partial', reason: 'Splunk does not let this credential look at its own roles.' }
      : { kind: 'complete' },
  }
}

function excessOf(
  held: ReadonlySet<string>,
  need: 'read' | 'write',
  toRole: string,
): readonly Privilege[] {
  const writing = need === 'read' && held.has('schedule_search') ? ['schedule_search'] : []
  const found = [...held].filter((name) => Object.hasOwn(EXCESS, name))
  return [...found, ...writing].toSorted().map((name) => ({
    name,
    why: EXCESS[name] ?? 'Schedules searches, which reading does not need.',
    isHeld: true,
    fix: `In Splunk: Settings, Roles, ${toRole}, Capabilities, untick ${name}; where an inherited role brings it, take that role away.`,
  }))
}

/** How rules fare stands in `_internal`, which `*` does not include. */
async function internalIndex(
  client: SplunkClient,
  roles: readonly string[],
  toRole: string,
  signal: AbortSignal,
): Promise<Privilege> {
  const indexes = await Promise.all(
    roles.slice(0, ROLES_MAX).map((name) => indexesOf(client, name, signal)),
  )
  const known = indexes.filter((list) => list !== null).flat()
  const isOpen = known.some((pattern) => pattern === '_internal' || /^_\w*\*$/.test(pattern))
  return {
    name: 'index _internal',
    why: 'Whether rules ran, failed or were skipped stands here; without it their health is unknown.',
    isHeld: isOpen ? true : indexes.includes(null) ? null : false,
    fix: `In Splunk: Settings, Roles, ${toRole}, Indexes, tick Included for _internal.`,
  }
}

async function indexesOf(
  client: SplunkClient,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const what = 'the role of the credential'
  const path = `/services/authorization/roles/${encodeURIComponent(name)}`
  const reply = await client.send({ path, what, accepts: [403, 404], signal })
  if (reply.status >= 400) return null
  const [entry] = readAs(feed, reply.body, what).entry
  const read = readAs(role, entry?.content ?? null, what)
  return [...read.srchIndexesAllowed, ...read.imported_srchIndexesAllowed]
}

async function appWrite(
  client: SplunkClient,
  { app }: SplunkSettings,
  toRole: string,
  signal: AbortSignal,
): Promise<Privilege> {
  const what = `the application ${app}`
  const reply = await client.send({
    path: `/services/apps/local/${encodeURIComponent(app)}`,
    what,
    accepts: [403, 404],
    signal,
  })
  const canWrite =
    reply.status < 400 ? readAs(feed, reply.body, what).entry[0]?.acl?.can_write : undefined
  return {
    name: `write ${app}`,
    why: 'Rules are saved searches of this application.',
    isHeld: canWrite === undefined ? null : flag.parse(canWrite),
    fix: `In Splunk: Apps, Manage Apps, ${app}, Permissions, tick Write for ${toRole}.`,
  }
}
