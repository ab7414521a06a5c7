// Signatures in a race: a hundred tries at once, by those who may and those who may not, through tokens
// and in person, while the rule is saved beside them. Whatever the order, nobody signs what they made.

import assert from 'node:assert/strict'
import test from 'node:test'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addPerson } from '#cli/demo/cast.ts'
import { getChange, openChange, submitChange } from '#domain/changes/actions.ts'
import { signChange } from '#domain/changes/sign.ts'
import { requireDeployable } from '#domain/changes/deploying.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp } from '#test/support/start-app.ts'

const rule = (image: string) => `title: Raced
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\${image}.exe'}, condition: selection}
`
const any = { expected: 'any' } as const

test('of a hundred who sign at once each counts once, and nobody who had a hand in it', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const olga = await addPerson(house, app.acme, 'olga', 'engineer', false)
  const as = (userId: UserId, name: string): Caller => ({
    ...systemCaller(house, 'test', undefined, app.acme.id),
    actor: userId,
    verbs: verbsOf('admin'),
    personal: { name },
  })
  const ada = as(app.cast.ada.userId, 'Ada')
  const ravi = as(app.cast.ravi.userId, 'Ravi')
  const others = [ada, as(olga, 'Olga')]
  const { policy, version } = await readPolicy(house, ada)
  const wanted = { ...policy, review: true, signatures: 2 }
  await changePolicy(house, ada, { policy: wanted, version })
  await nextTurn()
  const { items } = await listTargets(house, ada, { limit: 10 })
  const targetId = items.find(({ target }) => target.kind === 'local')!.target.id

  for (const isSaved of [false, true]) {
    const text = rule(isSaved ? 'b' : 'a')
    const made = await createRule(house, ravi, { text, reason: '', origin: 'written' })
    await nextTurn()
    const change = await openChange(house, ravi, {
      title: 'Raced',
      why: '',
      origin: 'rules',
      items: [{ ruleId: made.rule.id, targetId }],
    })
    await nextTurn()
    const { id, hash } = await submitChange(house, ravi, change.id, any)
    await nextTurn()
    const callers = Array.from({ length: 100 }, (_, at) => [ravi, ...others][at % 3]!)
    const given = { id, hash, decision: 'approve', comment: '' } as const
    const signing = callers.map((caller) => signChange(house, caller, given))
    // Olga becomes a maker of the rule while she signs.
    const edit = { text: rule('c'), reason: '', ...any }
    const saving = isSaved ? saveRule(house, others[1]!, made.rule.id, edit) : undefined
    const ended = await Promise.allSettled(signing)
    await saving
    await nextTurn()
    const byRavi = ended.filter((_, at) => at % 3 === 0)
    assert.ok(
      byRavi.every(({ status }) => status === 'rejected'),
      'its author never signs',
    )
    await app.runner.drain()
    await nextTurn()
    const whole = await getChange(house, ada, id)
    const deployed = house.db.write(ada, (tx) => requireDeployable(tx, house, ada, id))
    if (isSaved) {
      await assert.rejects(deployed) // however many came before the save
    } else {
      assert.deepEqual([whole.change.state, whole.change.signatureCount], ['approved', 2])
      assert.equal((await deployed).isSigned, true)
    }
    await nextTurn()
  }
})
