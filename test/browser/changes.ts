// Changes and deployments to look at: one in review with a stale signature, a waiver and a discussion, a
// draft, and a deployment of which nobody knows how one item ended.

import { addPerson } from '#cli/demo/cast.ts'
import { verbsOf } from '#domain/access/permission.ts'
import {
  addComment,
  getChange,
  openChange,
  refreshChange,
  submitChange,
  waiveProblem,
} from '#domain/changes/actions.ts'
import { signChange } from '#domain/changes/sign.ts'
import { insertDeployment, updateDeployment, updateItem } from '#domain/deployments/store.ts'
import { place } from '#domain/placements/actions.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { addLocalTarget, listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import { contentHash } from '#kernel/hash.ts'
import type { ChangeId, DeploymentId, RuleId, TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { callerIn } from './world.ts'

const LONG = 'A rule whose title is much too long for any place where it is to be shown '.repeat(3)
const DEPLOYMENT = 'dep_0198f000-0000-7000-8000-0000000000d1' as DeploymentId

const textOf = (title: string, level: string, image: string) =>
  [
    `title: ${title.trim()}`,
    `level: ${level}`,
    'tags: [attack.t1003.001, attack.t1059.001]',
    'logsource: {product: windows, category: process_creation}',
    `detection: {selection: {Image|endswith: '${image}'}, condition: selection}`,
  ].join('\n')

export async function fillChanges(house: House, workspaceId: string) {
  const workspace = { id: workspaceId as WorkspaceId, slug: 'acme', name: 'acme' }
  const person = async (name: string): Promise<Caller> => {
    const actor = await addPerson(house, workspace, name, 'engineer')
    await nextTurn()
    const personal = { name, ip: '192.0.2.7' }
    return { ...callerIn(house, workspaceId), actor, verbs: verbsOf('engineer'), personal }
  }
  const [maren, jonas, priya] = [
    await person('maren'),
    await person('jonas'),
    await person('priya'),
  ]
  const admin = { ...maren, verbs: verbsOf('admin') }
  await addLocalTarget(house, admin, workspace.id)
  await nextTurn()
  const { items: targets } = await listTargets(house, admin, { limit: 50 })
  const { id: targetId } = targets.find(({ target }) => target.kind === 'local')!.target
  const { policy, version } = await readPolicy(house, admin)
  const strict = { ...policy, review: true, signatures: 2, testGate: true }
  await changePolicy(house, admin, { policy: strict, version })
  await nextTurn()

  const standing = await newRule(house, maren, textOf(LONG, 'medium', '\\mimikatz.exe'))
  const other = await newRule(house, maren, textOf('Shadow copies deleted', 'high', '\\vss.exe'))
  const draft = await open(house, maren, [other], targetId, 'Deploy what was written last week')
  await stand(house, maren, standing, targetId)
  await edit(house, maren, standing, textOf(LONG, 'high', '\\mimikatz64.exe'))
  await leaveOut(house, maren, standing)
  const review = await open(house, maren, [standing], targetId, `Widen it. ${LONG}`.slice(0, 200))
  await settle(house, maren, review)
  await approve(house, jonas, review, 'Looks right to me.')
  await edit(house, maren, standing, textOf(LONG, 'critical', '\\mimikatz64.exe'))
  await refreshChange(house, maren, review)
  await settle(house, maren, review)
  await approve(house, priya, review, '')
  await addComment(house, priya, review, { text: 'Why critical?\nIt pages people at night.' })
  await addComment(house, maren, review, { text: 'It was seen in the exercise of October.' })
  await nextTurn()
  await plantDeployment(house, maren, review, [standing, other], targetId)
  await nextTurn()
  return placesOf(draft, review, standing, other)
}

function placesOf(draft: ChangeId, review: ChangeId, standing: RuleId, other: RuleId) {
  const changes = '/w/acme/changes'
  const deployed = `/w/acme/deployments/${DEPLOYMENT}`
  return [
    { name: 'changes', path: `${changes}?view=all` },
    { name: 'change', path: `${changes}/${review}` },
    { name: 'change-draft', path: `${changes}/${draft}` },
    { name: 'change-item', path: `${changes}/${review}/items/1` },
    { name: 'change-edit', path: `${changes}/${review}/edit` },
    { name: 'change-plan', path: `${changes}/${review}/plan` },
    { name: 'change-new', path: `${changes}/new?rule=${standing},${other}` },
    { name: 'change-new-none', path: `${changes}/new` },
    { name: 'changes-none', path: `${changes}?state=expired` },
    { name: 'deployments', path: '/w/acme/deployments' },
    { name: 'deployment', path: deployed },
    { name: 'deployment-item', path: `${deployed}/items/1` },
    { name: 'rule-deployed', path: `/w/acme/rules/${standing}/deployed` },
    { name: 'rules-where', path: '/w/acme/rules?columns=level,state,where,tests' },
  ]
}

async function newRule(house: House, caller: Caller, text: string): Promise<RuleId> {
  const { rule } = await createRule(house, caller, { text, reason: '', origin: 'written' })
  await nextTurn()
  return rule.id
}

/** For as long as it may, so that changes hold what comes afterwards as well. */
async function leaveOut(house: House, caller: Caller, ruleId: RuleId): Promise<void> {
  const text = [
    'title: Backups of the domain controllers',
    'logsource: {product: windows, category: process_creation}',
    `filter: {rules: [${ruleId}], selection: {User: svc-backup}, condition: not selection}`,
  ].join('\n')
  await addExclusion(house, caller, { text, owner: 'maren@acme.example', reason: 'Known work' })
  await nextTurn()
}

async function edit(house: House, caller: Caller, id: RuleId, text: string): Promise<void> {
  await saveRule(house, caller, id, { text, reason: 'Seen in an incident', expected: 'any' })
  await nextTurn()
}

async function open(
  house: House,
  caller: Caller,
  rules: readonly RuleId[],
  targetId: TargetId,
  title: string,
): Promise<ChangeId> {
  const items = rules.map((ruleId) => ({ ruleId, targetId }))
  const why = 'It was used in the exercise of October, and we missed it.'
  const { id } = await openChange(house, caller, { title, why, origin: 'rules', items })
  await nextTurn()
  return id
}

/** Handed in, with what stops it let pass. */
async function settle(house: House, caller: Caller, id: ChangeId): Promise<void> {
  await nextTurn()
  const { items } = await getChange(house, caller, id)
  for (const { number, problems } of items) {
    for (const { code } of problems.filter(({ severity }) => severity === 'error')) {
      const reason = 'There is no sample of it yet; one is being recorded.'
      await waiveProblem(house, caller, id, { number, code, reason })
    }
  }
  await nextTurn()
  await submitChange(house, caller, id, { expected: 'any' })
  await nextTurn()
}

async function approve(house: House, caller: Caller, id: ChangeId, comment: string) {
  const { hash } = (await getChange(house, caller, id)).change
  await signChange(house, caller, { id, decision: 'approve', hash, comment })
  await nextTurn()
}

/** As if it had been deployed in its first version. */
async function stand(house: House, caller: Caller, ruleId: RuleId, targetId: TargetId) {
  const id = await open(house, caller, [ruleId], targetId, 'The first deployment')
  const [item] = (await getChange(house, caller, id)).items
  const body = item!.becomes ?? item!.body!
  const { now } = caller
  const seen = { state: 'live', soakUntil: null, since: now, checkedAt: now } as const
  const placement = {
    ruleId,
    targetId,
    ref: ruleId,
    ownership: 'managed',
    version: 1,
    body,
    raw: body,
    hash: contentHash(body),
    etag: null,
    origin: 'deployment',
    deploymentId: DEPLOYMENT,
    isSigned: true,
    ...seen,
  } as const
  await house.db.write(caller, (tx) => place(tx, house, caller, placement))
  await nextTurn()
}

async function plantDeployment(
  house: House,
  caller: Caller,
  changeId: ChangeId,
  rules: readonly RuleId[],
  targetId: TargetId,
): Promise<void> {
  const { now, actor: startedBy } = caller
  const { change, items } = await getChange(house, caller, changeId)
  const { body } = items[0]!
  await nextTurn()
  const isFirst = (ruleId: RuleId) => ruleId === rules[0]
  const wishes = rules.map((ruleId) => ({
    ruleId,
    ruleTitle: isFirst(ruleId) ? LONG : 'Shadow copies deleted',
    targetId,
    targetName: 'local',
    kind: 'local' as const,
    action: 'change' as const,
    version: 2,
    body,
    marker: null,
    ref: ruleId,
    replaces: null,
    isSigned: isFirst(ruleId),
    soakDays: 0,
  }))
  const seen = (level: string) => ({
    ref: 'one-there',
    name: 'one',
    isEnabled: true,
    raw: { level, query: 'a\nb' },
    normalised: { level },
    etag: null,
    changedAt: null,
    changedBy: null,
    notices: [],
  })
  const reason = 'The connection was lost after the body had been sent.'
  const deployment = {
    id: DEPLOYMENT,
    changeId,
    changeTitle: change.title,
    changeHash: change.hash,
    kind: 'change',
    rollsBack: null,
    isDryRun: false,
    startedAt: now,
    startedBy,
  } as const
  const over = {
    state: 'failed',
    endedAt: now,
    reason: 'A person has to look at one item.',
  } as const
  await house.db.write(caller, async (tx) => {
    await insertDeployment(tx, deployment, wishes)
    await updateDeployment(tx, DEPLOYMENT, over)
    const done = { before: seen('low'), after: seen('high'), writtenAt: now, verifiedAt: now }
    await updateItem(tx, { deploymentId: DEPLOYMENT, number: 1 }, { state: 'done', ...done })
    await updateItem(tx, { deploymentId: DEPLOYMENT, number: 2 }, { state: 'unknown', reason })
  })
}
