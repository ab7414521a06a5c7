// What the credential may do on OpenSearch: by the roles it has, and by trying to read. Roles that bring
// more than the product asks for are named.

import type { Privilege, Privileges } from '#domain/targets/port.ts'
import { readAs, type OpensearchClient } from './client.ts'
import { authinfo } from './replies.ts'
import type { OpensearchSettings } from './settings.ts'

const READ = 'security_analytics_read_access'
const FULL = 'security_analytics_full_access'

const EXCESS: Readonly<Record<string, string>> = {
  all_access: 'Does everything on the cluster.',
  alerting_full_access: 'Changes monitors of other people.',
  anomaly_full_access: 'Changes anomaly detectors.',
  cross_cluster_replication_leader_full_access: 'Copies indices to other clusters.',
  manage_snapshots: 'Takes and restores copies of whole indices.',
  security_manager: 'Changes users and roles.',
  security_rest_api_access: 'Changes users and roles.',
}

export async function readPrivileges(
  client: OpensearchClient,
  { indices }: OpensearchSettings,
  need: 'read' | 'write',
  signal: AbortSignal,
): Promise<Privileges> {
  const what = 'what the credential may do'
  const reply = await client.send({ path: '/_plugins/_security/authinfo', what, signal })
  const { user_name: user, roles } = readAs(authinfo, reply.body, what)
  const held = new Set(roles)
  const role = (name: string, why: string, isHeld: boolean): Privilege => ({
    name,
    why,
    isHeld,
    fix: `In OpenSearch Dashboards: Security, Roles, ${name}, Mapped users, add ${user}.`,
  })
  const isAll = held.has('all_access')
  const probe = await client.send({
    method: 'POST',
    path: `/${encodeURIComponent(indices)}/_search`,
    body: { size: 0, track_total_hits: false },
    what: 'a search over nothing',
    accepts: [403],
    signal,
  })
  const needed: Privilege[] = [
    role(READ, 'Reads rules, detectors and findings.', isAll || held.has(READ) || held.has(FULL)),
    {
      name: `read ${indices}`,
      why: 'Runs searches.',
      isHeld: probe.status !== 403,
      fix: `In OpenSearch Dashboards: Security, Roles, a role of ${user}, Index permissions, add ${indices} with read.`,
    },
    ...(need === 'write'
      ? [role(FULL, 'Writes rules and the detectors that run them.', isAll || held.has(FULL))]
      : []),
  ]
  const excess = [...held]
    .filter((name) => Object.hasOwn(EXCESS, name) || (need === 'read' && name === FULL))
    .toSorted()
    .map((name) => ({
      name,
      why: EXCESS[name] ?? 'Writes rules, which reading does not need.',
      isHeld: true,
      fix: `In OpenSearch Dashboards: Security, Roles, ${name}, Mapped users, remove ${user}.`,
    }))
  return { needed, excess, completeness: { kind: 'complete' } }
}
