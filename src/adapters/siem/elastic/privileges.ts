// What the credential may do on Elasticsearch, asked for by name together with what nobody should have, and
// in Kibana, tried with calls that change nothing: the names of its privileges change from release to release.

import type { Privilege, Privileges } from '#domain/targets/port.ts'
import type { Ends } from './check.ts'
import { readAs } from './client.ts'
import { engineRights, privileges } from './replies.ts'
import { ENGINE } from './rule-pages.ts'
import type { ElasticSettings } from './settings.ts'

const CLUSTER_EXCESS: Readonly<Record<string, string>> = {
  all: 'Does everything on the cluster.',
  manage: 'Changes settings of the cluster.',
  manage_api_key: 'Makes and ends keys of everybody.',
  manage_security: 'Changes users, roles and keys.',
}
const INDEX_EXCESS: Readonly<Record<string, string>> = {
  all: 'Does everything with the events that rules search.',
  delete: 'Deletes events.',
  delete_index: 'Deletes whole indices of events.',
  manage: 'Changes indices of events.',
  write: 'Writes and changes events.',
}

/** Where rights are asked for: what is searched, alerts, rehearsals, and indices of tests. */
interface Places {
  readonly logs: readonly string[]
  readonly alerts: string
  readonly previews: string
  readonly tests: readonly string[]
}

function placesOf({ indices, space, testPrefix }: ElasticSettings): Places {
  return {
    logs: indices.split(',').filter((name) => !name.startsWith('-')),
    alerts: `.alerts-security.alerts-${space}*`,
    previews: `.preview.alerts-security.alerts-${space}*`,
    tests: testPrefix === undefined ? [] : [`${testPrefix}-*`],
  }
}

export async function readPrivileges(
  ends: Ends,
  settings: ElasticSettings,
  need: 'read' | 'write',
  signal: AbortSignal,
): Promise<Privileges> {
  const places = placesOf(settings)
  const held = await askElasticsearch(ends, places, signal)
  const features = await tryKibana(ends, signal)
  const needed = [
    ...onElasticsearch(held, places, need),
    feature('Security: Read', 'Reads rules, and how they fared.', features.mayRead, settings),
    ...(need === 'write'
      ? [
          feature('Security: All', 'Writes rules.', features.mayWrite, settings),
          // No right of the credential, so where there is one it is not told as held.
          ...(features.hasEncryptionKey === true ? [] : [encryptionKey(features.hasEncryptionKey)]),
        ]
      : []),
  ]
  const isUnknown = needed.some(({ isHeld }) => isHeld === null)
  return {
    needed,
    excess: excessOf(held, { logs: places.logs, need, mayWrite: features.mayWrite === true }),
    completeness: isUnknown
      ? { kind: 'partial', reason: 'Elastic does not tell this credential all of its own rights.' }
      : { kind: 'complete' },
  }
}

type Held = ReturnType<typeof privileges.parse>

async function askElasticsearch(
  { elasticsearch }: Ends,
  { logs, alerts, previews, tests }: Places,
  signal: AbortSignal,
): Promise<Held> {
  const what = 'what the credential may do'
  // What another cluster lets us do, only that cluster knows.
  const own = logs.filter((name) => !name.includes(':'))
  const asked = [
    { names: own, privileges: ['read', 'view_index_metadata', ...Object.keys(INDEX_EXCESS)] },
    { names: [alerts, previews], privileges: ['read', 'write', 'maintenance'] },
    { names: tests, privileges: ['create_index', 'write', 'delete_index'] },
  ]
  const reply = await elasticsearch.send({
    method: 'POST',
    path: '/_security/user/_has_privileges',
    body: {
      cluster: ['monitor', ...Object.keys(CLUSTER_EXCESS)],
      index: asked.filter(({ names }) => names.length > 0),
      application: [{ application: 'kibana-.kibana', privileges: ['all'], resources: ['*'] }],
    },
    what,
    signal,
  })
  return readAs(privileges, reply.body, what)
}

function onElasticsearch(
  held: Held,
  { logs, alerts, previews, tests }: Places,
  need: 'read' | 'write',
): readonly Privilege[] {
  const onIndex = (index: string, name: string, why: string): Privilege => ({
    name: `${name} ${index}`,
    why,
    isHeld: held.index[index]?.[name] ?? null,
    fix: `In the role descriptors of the key: indices, names ["${index}"], add "${name}".`,
  })
  return [
    {
      name: 'monitor',
      why: 'Reads the version, and whether a cancelled search has ended.',
      isHeld: held.cluster['monitor'] ?? null,
      fix: 'In the role descriptors of the key: cluster, add "monitor".',
    },
    ...logs.flatMap((index) => [
      onIndex(index, 'read', 'Runs searches.'),
      onIndex(index, 'view_index_metadata', 'Reads which fields there are, and checks queries.'),
    ]),
    onIndex(alerts, 'read', 'Counts alerts by rule.'),
    ...tests.flatMap((index) => [
      onIndex(index, 'create_index', 'Makes the index of a test.'),
      onIndex(index, 'write', 'Puts the events of a test into it.'),
      onIndex(index, 'delete_index', 'Removes the index of a test.'),
      onIndex(previews, 'read', 'Reads what a test found.'),
    ]),
    ...(need === 'write'
      ? [
          onIndex(alerts, 'write', 'Rules keep their alerts with the rights of this key.'),
          onIndex(alerts, 'maintenance', 'Rules make their alerts seen.'),
        ]
      : []),
  ]
}

function feature(
  name: string,
  why: string,
  isHeld: boolean | null,
  { space }: ElasticSettings,
): Privilege {
  const fix = `In Kibana: Stack Management, Roles (or the key's role descriptors), Kibana privileges of the space ${space}, ${name.replace(':', ' →')}.`
  return { name: `Kibana ${name}`, why, isHeld, fix }
}

function encryptionKey(isHeld: boolean | null): Privilege {
  return {
    name: 'an encryption key of Kibana',
    why: 'Without it Kibana keeps rules and runs none.',
    isHeld,
    fix: 'In kibana.yml: xpack.encryptedSavedObjects.encryptionKey, the same on every Kibana; then restart.',
  }
}

/** Writing is tried with a rehearsal over no rule. */
async function tryKibana({ kibana }: Ends, signal: AbortSignal) {
  const what = 'what the credential may do'
  const refused = [401, 403, 404]
  const find = await kibana.send({
    path: `${ENGINE}/rules/_find`,
    query: { per_page: '1' },
    what,
    accepts: refused,
    signal,
  })
  const rehearsal = await kibana.send({
    method: 'POST',
    path: `${ENGINE}/rules/_bulk_action`,
    query: { dry_run: 'true' },
    body: { action: 'disable', query: 'alert.attributes.params.ruleId: "rulewright-is-none"' },
    what,
    accepts: [...refused, 400, 500],
    signal,
  })
  const rights = await kibana.send({
    path: `${ENGINE}/privileges`,
    what,
    accepts: refused,
    signal,
  })
  return {
    mayRead: find.status < 300,
    mayWrite: rehearsal.status < 300 ? true : rehearsal.status === 403 ? false : null,
    hasEncryptionKey:
      rights.status < 300 ? readAs(engineRights, rights.body, what).has_encryption_key : null,
  }
}

interface Excessive {
  readonly logs: readonly string[]
  readonly need: 'read' | 'write'
  readonly mayWrite: boolean
}

function excessOf(
  { cluster, index, application }: Held,
  { logs, need, mayWrite }: Excessive,
): readonly Privilege[] {
  const found: Privilege[] = []
  const add = (name: string, why: string, where: string) => {
    const fix = `In the role descriptors of the key, or the roles of its owner: ${where}.`
    found.push({ name, why, isHeld: true, fix })
  }
  for (const [name, why] of Object.entries(CLUSTER_EXCESS)) {
    if (cluster[name] === true) add(name, why, `cluster, take "${name}" away`)
  }
  for (const log of logs) {
    for (const [name, why] of Object.entries(INDEX_EXCESS)) {
      if (index[log]?.[name] === true) {
        add(`${name} ${log}`, why, `indices, names ["${log}"], take "${name}" away`)
      }
    }
  }
  const isAll = Object.values(application['kibana-.kibana'] ?? {}).some(
    (one) => one['all'] === true,
  )
  if (isAll)
    add('all of Kibana', 'Does everything in every space.', 'applications, take "all" away')
  if (need === 'read' && mayWrite) {
    add(
      'Kibana Security: All',
      'Writes rules, which reading does not need.',
      'Kibana privileges, Security → Read',
    )
  }
  return found
}
