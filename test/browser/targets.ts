// Targets to look at: one with everything wrong, and the pages about it.

import { addTarget } from '#domain/targets/actions.ts'
import { putCredential, updateCredential } from '#domain/targets/credential-store.ts'
import { NOTHING_KNOWN } from '#domain/targets/health.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { insertHealthChange, saveSchema, updateHealth } from '#domain/targets/store.ts'
import { systemCaller } from '#domain/access/system.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { addMs, DAY, HOUR } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { fillMapping } from './mappings.ts'
import { fillObserved } from './observed.ts'

const LONG = 'splunk-london-with-a-name-that-is-as-long-as-any-can-be-12345678'.slice(0, 63)

interface Place {
  readonly name: string
  readonly path: string
  readonly isPublic?: boolean
}

/** The paths of its pages; `more` are of the same kind as the others. */
export async function fillTargets(
  house: House,
  workspaceId: string,
): Promise<{ readonly shown: readonly Place[]; readonly more: readonly Place[] }> {
  const caller = systemCaller(house, 'test', undefined, workspaceId)
  const settings = { url: 'https://127.0.0.1:9' }
  const input = NewTarget.parse({ name: LONG, kind: 'splunk', settings, checkMinutes: 60 })
  const { target } = await addTarget(house, caller, input)
  const expiresAt = addMs(caller.now, 20 * DAY)
  // Into the rows: what is typed on the page is checked at once, and nobody is there.
  const credential = {
    targetId: target.id,
    kind: 'basic',
    label: `reader-${'long'.repeat(20)}`,
    sealed: Buffer.from('x'),
    expiresAt,
    certificate: 'CN=rulewright-read, O=Acme',
    certificateEndsAt: expiresAt,
    endsAt: null,
    createdAt: caller.now,
    createdBy: caller.actor,
  } as const
  const why = 'It belongs to rulewright-write and runs with the rights of that account.'
  const dependants = {
    at: caller.now,
    count: 2,
    items: [{ ref: 'a', name: LONG, why }],
    completeness: { kind: 'partial', reason: 'Saved searches came or went while they were read.' },
  }
  const places = [
    ['read', 'current'],
    ['read', 'next'],
    ['write', 'current'],
  ] as const
  const needed = ['search', 'list_search_scheduler'].map((name, at) => ({
    name,
    why: 'Searches and reads how rules run.',
    isHeld: at === 0,
    fix: `Settings, Roles, rulewright_read: add the capability ${name}.`,
  }))
  const excess = [
    {
      name: 'admin_all_objects',
      why: 'It may change and delete anything.',
      isHeld: true,
      fix: 'Settings, Roles, rulewright_read: take this capability away.',
    },
  ]
  const notice = 'What reading needs is missing: list_search_scheduler.'
  const tables = ['main', 'wineventlog_ldn'].map((name) => ({
    name,
    columns: Array.from({ length: 20 }, (_, at) => ({ name: `column_${at}`, type: 'text' })),
    lastSeenAt: caller.now,
  }))
  await house.db.write(caller, async (tx) => {
    for (const [purpose, slot] of places) {
      const id = makeId(ID_PREFIXES.credential, caller.now, house.random(10))
      await putCredential(tx, { ...credential, id, purpose, slot })
      if (slot === 'next')
        await updateCredential(tx, id, { dependants: JSON.stringify(dependants) })
    }
    const away = { state: 'unreachable', reason: `${LONG} did not answer in time.` } as const
    await insertHealthChange(tx, target.id, away, addMs(caller.now, -HOUR))
    await updateHealth(tx, target.id, {
      state: 'degraded',
      reason: notice,
      since: addMs(caller.now, -HOUR),
      checkedAt: caller.now,
      facts: {
        ...NOTHING_KNOWN,
        product: 'Splunk Enterprise',
        version: '9.3.1',
        identity: 'rulewright-read',
        clockSkewMs: -1_200,
        notices: [notice, 'Its clock is 3 minutes behind this server’s.'],
        privileges: {
          read: {
            needed,
            excess,
            completeness: { kind: 'partial', reason: 'One role was hidden.' },
          },
          write: null,
        },
      },
    })
    await saveSchema(tx, target.id, {
      answer: { tables, completeness: { kind: 'complete' } },
      at: caller.now,
    })
  })
  const list = `/w/acme/targets`
  const one = `${list}/${target.id}`
  const [mapping = '', ...ofMapping] = await fillMapping(house, caller, target)
  const [rules = '', ...ofRules] = await fillObserved(house, caller, target)
  return {
    shown: [
      { name: 'targets', path: list },
      { name: 'mappings', path: '/w/acme/mappings' },
      { name: 'target-new', path: `${list}/new?kind=splunk` },
      { name: 'target', path: one },
      { name: 'target-credentials', path: `${one}/credentials` },
      { name: 'target-rules', path: one + rules },
      { name: 'mapping', path: one + mapping },
    ],
    more: [
      { name: 'target-kinds', path: `${list}/new` },
      { name: 'target-privileges', path: `${one}/privileges` },
      { name: 'target-schema', path: `${one}/schema` },
      { name: 'target-settings', path: `${one}/settings` },
      ...ofRules.map((path, at) => ({ name: `target-rules-${at}`, path: one + path })),
      ...ofMapping.map((path, at) => ({ name: `mapping-${at}`, path: one + path })),
      { name: 'target-rules-none', path: `${one}${rules}?q=zzz` },
    ],
  }
}
