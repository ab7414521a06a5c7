// A change from its opening to its approval: what it is made of, who may say yes to it, and what makes
// that yes void.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isAnswerTo } from '#domain/access/assertions.ts'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { insertPasskey } from '#domain/access/passkey-store.ts'
import {
  parseRegistration,
  verifyRegistration,
  type RelyingParty,
} from '#domain/access/webauthn.ts'
import { systemCaller } from '#domain/access/system.ts'
import {
  addComment,
  getChange,
  openChange,
  refreshChange,
  submitChange,
  waiveProblem,
  withdrawChange,
} from '#domain/changes/actions.ts'
import { runMissingTests } from '#domain/changes/missing-tests.ts'
import { signChange } from '#domain/changes/sign.ts'
import { hashChange, type Change } from '#domain/changes/change.ts'
import { renderAgain, requireDeployable } from '#domain/changes/deploying.ts'
import { listSignatures } from '#domain/changes/proofs.ts'
import { openQueryJudge } from '#domain/changes/queries.ts'
import { tendChangesJob } from '#domain/changes/jobs.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import { ID_PREFIXES, makeId, type RuleId, type TargetId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import { nextTurn } from '#platform/turns.ts'
import { Authenticator } from '#test/support/authenticator.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const rule = (title: string, image = 'whoami') => `title: ${title}
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\${image}.exe'}, condition: selection}
`

const ROLES: Readonly<Record<string, Role>> = { ada: 'admin', ravi: 'engineer', vera: 'viewer' }

/** As they would call it in a browser. */
function as(app: TestApp, name: 'ada' | 'ravi' | 'vera'): Caller {
  const { userId }: CastMember = app.cast[name]
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  return { ...caller, actor: userId, verbs: verbsOf(ROLES[name]!), personal: { name } }
}

async function setPolicy(app: TestApp, change: Partial<Policy>): Promise<void> {
  const { policy, version } = await readPolicy(app.house, as(app, 'ada'))
  await changePolicy(app.house, as(app, 'ada'), { policy: { ...policy, ...change }, version })
  await nextTurn()
}

async function newRule(app: TestApp, text: string): Promise<RuleId> {
  const { rule: made } = await createRule(app.house, as(app, 'ravi'), {
    text,
    reason: '',
    origin: 'written',
  })
  await nextTurn()
  return made.id
}

async function local(app: TestApp): Promise<TargetId> {
  const { items } = await listTargets(app.house, as(app, 'ada'), { limit: 10 })
  return items.find(({ target }) => target.kind === 'local')!.target.id
}

async function open(app: TestApp, ruleId: RuleId, targetId: TargetId): Promise<Change> {
  const items = [{ ruleId, targetId }]
  const given = {
    title: 'Deploy whoami',
    why: 'seen in an incident',
    origin: 'rules',
    items,
  } as const
  const change = await openChange(app.house, as(app, 'ravi'), given)
  await nextTurn()
  return change
}

/** As registering one would leave it. */
async function givePasskey(app: TestApp, { userId }: CastMember, rp: RelyingParty) {
  const device = new Authenticator()
  const challenge = randomBytes(32).toString('base64url')
  const user = { id: Buffer.from(userId).toString('base64url') }
  const made = await verifyRegistration(
    rp,
    parseRegistration(device.create({ rp, user, challenge }, { origin: rp.origin })),
  )
  const caller = as(app, 'ada')
  const id = makeId(ID_PREFIXES.passkey, caller.now, app.house.random(10))
  const row = { id, userId, credentialId: made.credentialId, publicKey: made.publicKey }
  const rest = { counter: made.counter, transports: '[]', isBackedUp: 0, name: 'Key' } as const
  const key = app.house.keys.purpose('row-mac')
  await app.house.db.write(caller, (tx) =>
    insertPasskey(tx, key, { ...row, ...rest, createdAt: caller.now, usedAt: null }),
  )
  await nextTurn()
  return device
}

const any = { expected: 'any' } as const
/** As a check of the target would leave it. */
async function keepHealthState(
  tx: Tx,
  targetId: TargetId,
  state: 'unreachable' | 'healthy',
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('targetHealth')
    .set({ state })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirstOrThrow()
  assert.equal(numUpdatedRows, 1n)
}

const deployable = (app: TestApp, id: Change['id']) =>
  app.house.db.write(as(app, 'ravi'), (tx) => requireDeployable(tx, app.house, as(app, 'ravi'), id))

test('from a draft to an approval, and back when anything it was made of changes', async (t) => {
  const app = await startApp(t)
  const targetId = await local(app)
  const ruleId = await newRule(app, rule('Whoami'))
  await setPolicy(app, { review: true })
  const approve = { decision: 'approve', comment: '' } as const

  const opened = await open(app, ruleId, targetId)
  assert.equal(opened.state, 'draft')
  const { items, whoMaySign } = await getChange(app.house, as(app, 'vera'), opened.id)
  assert.equal(items[0]!.action, 'add')
  assert.deepEqual(items[0]!.problems, [])
  assert.match(String(items[0]!.body!['rule']), /whoami/)
  assert.deepEqual(
    whoMaySign.map(({ name, whyNot }) => [name, whyNot === null]),
    [
      ['Ada', true],
      ['Ravi', false],
    ],
  )
  await assert.rejects(deployable(app, opened.id), { code: 'conflict' })

  const { state, hash, id } = await submitChange(app.house, as(app, 'ravi'), opened.id, any)
  assert.equal(state, 'in_review')
  const sign = (who: 'ada' | 'ravi' | 'vera', over: string) =>
    signChange(app.house, as(app, who), { id, hash: over, ...approve })
  await nextTurn()
  await assert.rejects(sign('ravi', hash), { code: 'forbidden', message: /opened this change/ })
  await nextTurn()
  await assert.rejects(sign('vera', hash), { code: 'forbidden' })
  await assert.rejects(sign('ada', '0'.repeat(64)), { code: 'stale' })
  await nextTurn()
  const approved = await sign('ada', hash)
  assert.deepEqual([approved.state, approved.signatureCount], ['approved', 1])
  await nextTurn()
  assert.equal((await deployable(app, id)).isSigned, true)
  await nextTurn()
  await renderAgain(app.house, as(app, 'ravi'), approved)

  // Somebody saves the rule: the approval is of other bytes.
  const text = rule('Whoami', 'other')
  await saveRule(app.house, as(app, 'ada'), ruleId, { text, reason: '', ...any })
  await nextTurn()
  await assert.rejects(deployable(app, id), { code: 'stale' })
  await nextTurn()
  await assert.rejects(renderAgain(app.house, as(app, 'ravi'), approved), { code: 'stale' })
  await nextTurn()
  const after = await getChange(app.house, as(app, 'ravi'), id)
  assert.deepEqual([after.change.state, after.change.signatureCount], ['draft', 0])
  assert.match(after.signatures[0]!.voidedBecause!, /newer version/)
  assert.notEqual(after.change.hash, hash)
  // Now ada has a hand in it, too, and nobody is left to sign.
  assert.ok(after.whoMaySign.every(({ whyNot }) => whyNot !== null))
  await nextTurn()
  const withdrawn = await withdrawChange(app.house, as(app, 'ravi'), id, any)
  assert.equal(withdrawn.state, 'withdrawn')
  await nextTurn()
  await assert.rejects(refreshChange(app.house, as(app, 'ravi'), id), { code: 'conflict' })
})

test('what nobody touches for a day is remembered, what nobody uses in a week is over, and what changes is void at once', async (t) => {
  const app = await startApp(t)
  const targetId = await local(app)
  const { house, clock } = app
  await setPolicy(app, { review: true })
  // In the order of their names: those of one instant come in any.
  const notices = async (name: 'ada' | 'ravi') => {
    const found = await readNotices(house, as(app, name), app.cast[name].userId)
    const kinds = found.map(({ kind }) => kind).filter((kind) => kind.startsWith('change.'))
    return kinds.toSorted()
  }
  const send = async (ruleId: RuleId) => {
    const { id } = await open(app, ruleId, targetId)
    const change = await submitChange(house, as(app, 'ravi'), id, any)
    await nextTurn()
    return change
  }
  const tend = async () => {
    await house.db.write(as(app, 'ada'), (tx) =>
      house.jobs.enqueue(tx, as(app, 'ada'), tendChangesJob, {}, { title: 'x' }),
    )
    await app.runner.drain()
  }
  const stateOf = async ({ id }: Change) =>
    (await getChange(house, as(app, 'ravi'), id)).change.state

  const ruleId = await newRule(app, rule('Whoami'))
  const first = await send(ruleId)
  assert.deepEqual(await notices('ada'), ['change.review'])
  await saveRule(house, as(app, 'ravi'), ruleId, { text: rule('Whoami', 'b'), reason: '', ...any })
  const { scope } = as(app, 'ada')
  const asked = () => house.jobs.list(scope, { kind: tendChangesJob.kind }, { limit: 1 })
  while ((await asked()).length === 0) await nextTurn() // the save is heard, and nobody else asks
  await app.runner.drain()
  assert.equal(await stateOf(first), 'draft')
  await withdrawChange(house, as(app, 'ravi'), first.id, any)

  const second = await send(await newRule(app, rule('Hostname', 'hostname')))
  clock.advance(DAY + 1)
  await tend()
  const remembered = ['change.reminder', 'change.review', 'change.review']
  assert.deepEqual(await notices('ada'), remembered)
  const { hash, id } = second
  await signChange(house, as(app, 'ada'), { id, hash, decision: 'approve', comment: '' })
  await addComment(house, as(app, 'vera'), id, { text: 'Late, @ada?' })
  assert.deepEqual(await notices('ada'), ['change.mentioned', ...remembered])
  assert.deepEqual(await notices('ravi'), ['change.decided', 'change.voided'])
  const reach = (state: 'unreachable' | 'healthy') =>
    house.db.write(as(app, 'ada'), (tx) => keepHealthState(tx, targetId, state))
  clock.advance(5 * DAY)
  await reach('unreachable')
  await tend()
  clock.advance(30 * DAY)
  await tend()
  assert.equal(await stateOf(second), 'approved', 'its time stands while the target is away')
  await nextTurn()
  assert.equal((await deployable(app, id)).change.state, 'approved')
  await reach('healthy')
  await tend()
  clock.advance(2 * DAY - 1)
  await tend()
  assert.equal(await stateOf(second), 'approved', 'and goes on once it is back')
  clock.advance(2)
  await tend()
  assert.equal(await stateOf(second), 'expired')
  assert.deepEqual(await notices('ravi'), ['change.decided', 'change.decided', 'change.voided'])
  await assert.rejects(deployable(app, id), { code: 'conflict' })
})

test('tests that nobody ran are run before a change is handed in, where they must pass', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const tested = `${rule('Whoami')}rulewright: {tests: [{name: fires, expect: match, events: [{Image: 'C:\\\\whoami.exe'}]}]}\n`
  const { id } = await open(app, await newRule(app, tested), await local(app))
  assert.equal(await runMissingTests(house, as(app, 'ravi'), id), 0, 'nobody asks for them')
  await setPolicy(app, { testGate: true })
  const submit = () => submitChange(house, as(app, 'ravi'), id, any)
  await assert.rejects(submit(), { code: 'invalid', message: /were not run/ })
  await nextTurn()
  assert.equal(await runMissingTests(house, as(app, 'ravi'), id), 1)
  assert.equal(await runMissingTests(house, as(app, 'ravi'), id), 0)
  assert.equal((await submit()).state, 'approved')
})

test('a query that would do more than read, or read everything, is a problem by name', async (t) => {
  const app = await startApp(t)
  const settings = { url: 'https://127.0.0.1:9' }
  const input = NewTarget.parse({ name: 'london', kind: 'splunk', settings })
  const { target } = await addTarget(app.house, as(app, 'ada'), input)
  await nextTurn()
  const judge = openQueryJudge(app.house, as(app, 'ravi'))
  const codes = async (query: string, adopted?: RuleBody) => {
    const at = { kind: 'splunk', target: null, state: 'ok', problems: [], inputHash: 'x' } as const
    const rendering = { ...at, queries: [query], language: 'spl', indexes: [] } as const
    const found = await judge({ target, rendering, body: {}, adopted })
    return found.map(({ code, severity }) => (severity === 'error' ? code : `${code} ${severity}`))
  }
  assert.deepEqual(await codes('index=windows whoami | stats count by host'), [])
  assert.deepEqual(await codes('whoami | stats count by host'), ['change/unscoped'])
  assert.deepEqual(await codes('index=windows whoami | delete'), ['change/unsafe'])
  // A ratchet: what was adopted so may stay so, and a change makes nothing so.
  const was = (search: string) => codes('whoami | stats count by host', { search })
  assert.deepEqual(await was('whoami'), ['change/unscoped warning'])
  assert.deepEqual(await was('index=windows whoami'), ['change/unscoped'])
})

test('a problem that is waived is let pass, the waiver is signed, and its giver does not sign', async (t) => {
  const app = await startApp(t)
  const { house } = app
  await setPolicy(app, { review: true, testGate: true })
  const { id } = await open(app, await newRule(app, rule('Whoami')), await local(app))
  await assert.rejects(submitChange(house, as(app, 'ravi'), id, any), { code: 'invalid' })
  await nextTurn()
  const waiver = { number: 1, code: 'change/tests', reason: 'no sample yet' }
  const wrong = { ...waiver, code: 'change/read-only' }
  await assert.rejects(waiveProblem(house, as(app, 'ada'), id, wrong), { code: 'invalid' })
  await nextTurn()
  await waiveProblem(house, as(app, 'ada'), id, waiver)
  await nextTurn()
  const { hash } = await submitChange(house, as(app, 'ravi'), id, any)
  await nextTurn()
  const { items, whoMaySign } = await getChange(house, as(app, 'ravi'), id)
  assert.equal(hashChange(items), hash)
  assert.notEqual(hashChange(items.map((one) => ({ ...one, waivers: [] }))), hash)
  assert.match(whoMaySign.find(({ name }) => name === 'Ada')!.whyNot!, /edited/)
})

test('a passkey answers to the hash, and anybody can verify that later', async (t) => {
  const app = await startApp(t)
  const { house } = app
  await setPolicy(app, { review: true, passkeySigning: true })
  const rp = { id: 'localhost', origin: 'http://localhost:8420' }
  const device = await givePasskey(app, app.cast.ada, rp)
  const { id } = await open(app, await newRule(app, rule('Whoami')), await local(app))
  const { hash } = await submitChange(house, as(app, 'ravi'), id, any)
  await nextTurn()
  const sign = (challenge?: string) => {
    const credential =
      challenge === undefined
        ? undefined
        : device.get({ challenge: Buffer.from(challenge, 'hex').toString('base64url'), rpId: rp.id }, { origin: rp.origin }) // prettier-ignore
    const answer = credential === undefined ? undefined : { rp, credential }
    return signChange(house, as(app, 'ada'), { id, hash, decision: 'approve', comment: '', answer })
  }
  await assert.rejects(sign(), { code: 'invalid', message: /passkey/ })
  await nextTurn()
  await assert.rejects(sign('0'.repeat(64)), { code: 'invalid' })
  await nextTurn()
  assert.equal((await sign(hash)).state, 'approved')
  await nextTurn()
  const [kept] = await listSignatures(house, as(app, 'vera'), id)
  assert.equal(kept!.isSound, true)
  assert.equal(await isAnswerTo(hash, kept!.passkey!), true)
  assert.equal(await isAnswerTo('0'.repeat(64), kept!.passkey!), false)
})
