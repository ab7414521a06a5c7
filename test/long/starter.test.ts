// The starter rules at each kind of target: a body that is written there as it is, or the reason, by name,
// why that kind cannot have it. A rule that falls out of either is found here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { listRules } from '#domain/rules/reading.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import { addStarterRules } from '#domain/rules/starter.ts'
import { nextTurn } from '#platform/turns.ts'
import { starterRules } from '#src/starter/starter.ts'
import { startApp } from '#test/support/start-app.ts'

/** How many cannot be had there, for this reason. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  local: {},
  splunk: { 'Splunk has no output of the kind building block.': 2 },
  sentinel: {},
  elastic: {
    'rw_elastic does not know this there (field Result)': 2,
    'rw_elastic does not know this there (fields Result, TargetResources)': 1,
  },
  opensearch: {
    'OpenSearch has no output of the kind building block.': 2,
    'Lucene cannot say this: a comparison of two fields.': 1,
    'lucene cannot say this: correlations.': 2,
    'rw_opensearch does not know this there (field Result)': 2,
    'rw_opensearch does not know this there (fields Result, TargetResources)': 1,
  },
  defender: {
    'Defender has no output of the kind building block.': 2,
    'rw_defender has no place for the log source (category firewall)': 1,
    'rw_defender has no place for the log source (category proxy)': 1,
    'rw_defender has no place for the log source (category webserver)': 3,
    'rw_defender has no place for the log source (product azure, service auditlogs)': 3,
    'rw_defender has no place for the log source (product windows, category process_access)': 1,
    'rw_defender has no place for the log source (product windows, service security)': 3,
    'rw_defender has no place for the log source (product windows, service system)': 1,
  },
}

test('every starter rule is a body that can be deployed at each kind, or says by name why not', async (t) => {
  const { house, acme, runner } = await startApp(t)
  const admin = () => systemCaller(house, 'test', undefined, acme.id)
  await addStarterRules(house, admin())
  await runner.drain()
  await nextTurn()
  const { items } = await listRules(house, admin(), { filter: {}, sort: 'title', limit: 100 })
  assert.equal(items.length, starterRules().length)
  const refused = new Map(Object.keys(REFUSED).map((kind) => [kind, new Map<string, number>()]))
  let deployable = 0
  for (const { id, title } of items) {
    for (const { kind, bodies, problems } of await listRenders(house, admin(), id)) {
      const body = bodies.find(({ overlay }) => overlay === null)
      if (body?.body) {
        deployable++
        continue
      }
      const reasons = [...problems, ...(body?.problems ?? [])]
        .filter(({ severity }) => severity === 'error')
        .map(({ message }) => message)
      assert.equal(new Set(reasons).size, 1, `${title} at ${kind}: ${reasons.join(' ')}`)
      const counts = refused.get(kind)!
      counts.set(reasons[0]!, (counts.get(reasons[0]!) ?? 0) + 1)
    }
  }
  for (const [kind, counts] of refused) {
    assert.deepEqual(Object.fromEntries(counts), REFUSED[kind], kind)
  }
  const [, ...vendors] = Object.values(REFUSED)
  const named = vendors.flatMap((counts) => Object.values(counts))
  const lost = named.reduce((sum, count) => sum + count, 0)
  assert.equal(deployable, items.length * Object.keys(REFUSED).length - lost)
})
