// What stands on a target, to look at: long names, everything that can be the matter with one, one of them
// adopted.

import { insertAdoption } from '#domain/adoption/adoption-store.ts'
import { insertDependency } from '#domain/adoption/dependency-store.ts'
import { makeBaseline } from '#domain/adoption/baseline.ts'
import { insertObserved, savePull, type NewObserved } from '#domain/adoption/store.ts'
import { createRule } from '#domain/rules/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'

const LONG = `Access - ${'Excessively-long-name-of-a-rule-'.repeat(6)} - Rule`
const BODY = {
  search: '`sysmon` EventCode=1 | stats count by user\n| where count > 3',
  'action.notable.param.drilldown_searches': `[{"name":"${'x'.repeat(300)}"}]`,
  cron_schedule: '*/5 * * * *',
}

/** The paths of their pages below that of the target. */
export async function fillObserved(
  house: House,
  caller: Caller,
  target: Target,
): Promise<readonly string[]> {
  const { now } = caller
  const rowOf = (name: string, at: number): NewObserved => ({
    id: makeId(ID_PREFIXES.observed, now, house.random(10)),
    targetId: target.id,
    ref: `nobody/SplunkEnterpriseSecuritySuite/${name}`,
    name,
    sortName: name.toLowerCase(),
    type: at % 2 === 0 ? 'correlation' : 'query',
    level: at === 3 ? null : 'critical',
    isEnabled: ([1, 0, null] as const)[at % 3]!,
    hash: contentHash(BODY),
    body: JSON.stringify(BODY),
    raw: '{}',
    uuid: null,
    marker: null,
    managers: JSON.stringify([{ kind: 'app', name: 'SplunkEnterpriseSecuritySuite' }]),
    isManaged: 1,
    actions: '["notable","risk"]',
    notices: '["This credential may not change it."]',
    observeOnly: at === 1 ? 'A write would change alert.severity.' : null,
    etag: null,
    remoteChangedAt: now,
    remoteChangedBy: 'somebody-with-a-long-name@example.com',
    firstSeenAt: addMs(now, -DAY),
    lastSeenAt: now,
    changedAt: now,
    missingSince: null,
  })
  const rows = [LONG, 'Plain', 'Third', 'Fourth'].map(rowOf)
  const text = `title: ${LONG}\nrulewright: {implementations: {splunk: {query: 'index=main'}}}\n`
  const { rule } = await createRule(house, caller, { text, reason: '', origin: 'adopted' })
  await house.db.write(caller, async (tx) => {
    await insertObserved(tx, rows)
    await savePull(tx, {
      targetId: target.id,
      jobId: 'job_0198f000-0000-7000-8000-000000000001' as never,
      state: 'failed',
      startedAt: now,
      endedAt: now,
      doneAt: now,
      completeness: {
        kind: 'partial',
        reason: 'Saved searches came or went while they were read.',
      },
      dependencies: null,
      counts: { rules: 1_204, added: 12, changed: 3, missing: 1 },
      reason: 'The target did not answer in time.',
      adopted: {
        jobId: 'job_0198f000-0000-7000-8000-000000000001' as never,
        created: 1,
        linked: 0,
        observeOnly: 0,
        refused: [{ name: LONG, why: 'Another rule says something else.' }],
        refusedCount: 1,
      },
    })
    const [first] = rows
    const candidate = { ...first!, body: BODY, raw: {} }
    const baseline = makeBaseline(house.keys.audit, {
      target,
      candidate,
      rule,
      ownership: 'observe',
      at: now,
      by: caller.actor,
      workspaceId: caller.scope.workspaceId,
      installId: house.keys.installId,
    })
    await insertAdoption(tx, baseline)
    await addDependencies(tx, house, target, caller)
  })
  return [
    '/rules',
    '/rules/adopt',
    '/rules/release',
    '/rules/dependencies',
    ...rows.slice(0, 2).map(({ id }) => `/rules/${id}`),
  ]
}

/** One of each state, with a name that is as long as any. */
async function addDependencies(tx: Tx, house: House, { id: targetId }: Target, { now }: Caller) {
  const states = [
    ['macro', `ldn_${'known_admins_'.repeat(12)}`, 'told'],
    ['automation_rule', '0b5ac1a2-9a5e-4d63-8d7a-2f3f3f3f3f3f', 'told'],
    ['lookup', 'tools_2019.csv', 'missing'],
    ['datamodel', 'Endpoint', 'untold'],
  ] as const
  for (const [at, [kind, name, state]] of states.entries()) {
    await insertDependency(tx, {
      id: makeId(ID_PREFIXES.dependency, now, house.random(10)),
      targetId,
      kind,
      name,
      title: kind === 'automation_rule' ? 'Call the owner of the subscription' : null,
      state,
      version: state === 'told' ? 2 : 0,
      hash: state === 'told' ? 'x' : null,
      definition: state === 'told' ? '{}' : null,
      givenAt: at === 3 ? now : null,
      givenBy: at === 3 ? 'usr_ada' : null,
      at: now,
    })
  }
}
