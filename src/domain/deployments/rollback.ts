// Going back: an item, a deployment or a rule to one of its versions, through the same machinery and in
// one step. Without a new signature only to what was signed last and stood there; anything else becomes
// the draft of a change.

import { permit } from '#domain/access/permission.ts'
import { openChange } from '#domain/changes/actions.ts'
import type { Change, ChangeAction } from '#domain/changes/change.ts'
import { readTightened, requireKept } from '#domain/changes/deploying.ts'
import { findPlacement } from '#domain/placements/actions.ts'
import { picksId } from '#domain/placements/refs.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { AppError, unreachable } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type DeploymentId, type RuleId, type TargetId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import { withCleared } from '#languages/rule-formats/write/clearing.ts'
import { findMarker } from '#languages/rule-formats/write/marker.ts'
import { restoringBody } from '#languages/rule-formats/write/restore.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { beginDeployment } from './begin.ts'
import type { Deployment } from './deployment.ts'
import { isOfItsMark, standingHash, stoodSigned, type Item, type ItemWish } from './item.ts'
import { HISTORY_MAX } from './reading.ts'
import { getDeploymentRow, selectItems, selectWritten, type StoredDeployment } from './store.ts'

export type RollbackWish =
  | { readonly deploymentId: DeploymentId; readonly number?: number | undefined }
  | { readonly ruleId: RuleId; readonly targetId: TargetId; readonly version: number }

/** Either it runs already, or somebody has to sign first. */
export type RolledBack =
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | { readonly kind: 'change'; readonly change: Change }

/**
 * Throws `conflict` for what was not written, or was written over since; `forbidden` for what is not
 * here. Audited.
 */
export async function rollBack(
  house: House,
  caller: Caller,
  wish: RollbackWish,
): Promise<RolledBack> {
  permit(caller, 'deployment.run')
  const way =
    'ruleId' in wish ? await wayToVersion(house, caller, wish) : await wayBack(house, caller, wish)
  const { review } = await readTightened(house, caller, way.deployment.changeId)
  if (review && !way.isFree) return { kind: 'change', change: await draft(house, caller, way) }
  const { changeId: id, changeTitle: title, changeHash: hash } = way.deployment
  const next = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  const deployment = await house.db.write(caller, (tx) =>
    beginDeployment(tx, house, caller, {
      id: next,
      change: { id, title, hash },
      items: way.items,
      kind: 'rollback',
      rollsBack: way.rollsBack,
    }),
  )
  return { kind: 'deployment', deployment }
}

interface Way {
  readonly deployment: StoredDeployment
  readonly rollsBack: DeploymentId | null
  readonly items: readonly ItemWish[]
  /** It leads to what was signed last: nobody has to sign again. */
  readonly isFree: boolean
}

/** A detection that has been there for longer does not go without a signature. */
const TAKEN_BACK_MS = DAY

export async function wayBack(
  house: House,
  caller: Caller,
  { deploymentId, number }: Extract<RollbackWish, { readonly deploymentId: DeploymentId }>,
): Promise<Way> {
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const deployment = await getDeploymentRow(reader, scope, deploymentId)
  if (deployment.state !== 'deployed' || deployment.isDryRun) {
    throw new AppError('conflict', 'Only what was deployed can be rolled back.')
  }
  const all = await selectItems(reader, scope, deploymentId)
  const chosen = all.filter((item) => number === undefined || item.number === number)
  const done = chosen.filter(({ state }) => state === 'done')
  if (done.length === 0) {
    throw new AppError('conflict', 'Nothing of it was written that could be taken back.')
  }
  // What a rollback brought back stood before: to take it away once more is no taking back.
  const isNew = deployment.kind !== 'rollback' && (deployment.endedAt ?? 0) + TAKEN_BACK_MS > now
  return {
    deployment,
    rollsBack: number === undefined ? deploymentId : null,
    items: done.map(reversed),
    isFree: done.every((item) => isFreeBack(item, isNew)),
  }
}

/** A detection goes without a signature only where it has just come; it is never paused by this way. */
function isFreeBack({ action, stood }: Item, isNew: boolean): boolean {
  if (stood === null) return isNew
  return reverseOf(action) !== 'pause' && stoodSigned(stood)
}

function reverseOf(action: ChangeAction): ChangeAction {
  switch (action) {
    case 'add':
      return 'remove'
    case 'remove':
      return 'add'
    case 'change':
      return 'change'
    case 'pause':
      return 'resume'
    case 'resume':
      return 'pause'
    case 'adopt':
    case 'unmanage':
      throw new AppError('conflict', 'Who owns a rule is decided by a change of its own.')
    default:
      return unreachable(action)
  }
}

function reversed(item: Item): ItemWish {
  const { ruleId, ruleTitle, targetId, targetName, kind, action, before, after, stood } = item
  const back = reverseOf(action)
  const isWrite = back === 'add' || back === 'change'
  return {
    ruleId,
    ruleTitle,
    targetId,
    targetName,
    kind,
    action: back,
    // What was taken away though it had no place says itself what it was.
    version: stood?.version ?? (before && findMarker(before.normalised)?.version) ?? null,
    body: isWrite && before ? restoringBody(kind, before, back === 'add' ? null : item.body) : null,
    marker: null,
    ref: back === 'add' && picksId(kind) ? '' : item.ref,
    replaces: after && standingHash(after),
    isSigned: stood !== null && stoodSigned(stood),
    soakDays: 0,
  }
}

async function wayToVersion(
  house: House,
  caller: Caller,
  { ruleId, targetId, version }: Extract<RollbackWish, { readonly ruleId: RuleId }>,
): Promise<Way> {
  const { scope } = caller
  const reader = house.db.read(scope)
  const { name } = await getTarget(house, caller, targetId)
  const history = await selectWritten(reader, scope, { ruleId, targetId }, HISTORY_MAX)
  const found = history.find((item) => item.version === version && isOfItsMark(item))
  if (!found) {
    throw new AppError('conflict', `Version ${version} of this rule was never deployed to ${name}.`)
  }
  const standing = await findPlacement(reader, scope, { ruleId, targetId })
  if (standing?.version === version && standing.state !== 'drifted') {
    throw new AppError('conflict', `Version ${version} stands at ${name} already.`)
  }
  const deployment = await getDeploymentRow(reader, scope, found.deploymentId)
  const { changeId, changeHash: hash } = deployment
  await requireKept(house, caller, { changeId, hash }, [found])
  const lastSigned = history.find((item) => item.isSigned && item.version !== standing?.version)
  const { marker, kind, ruleTitle, isSigned } = found
  // What later versions said and this one does not is taken back.
  const body = found.body && withCleared(kind, found.body, (standing && history[0]?.body) ?? null)
  return {
    deployment,
    rollsBack: null,
    isFree: isSigned && lastSigned?.version === version,
    items: [
      {
        ruleId,
        ruleTitle,
        targetId,
        targetName: name,
        kind,
        action: standing ? 'change' : 'add',
        version,
        body,
        marker,
        ref: standing?.ref ?? (picksId(kind) ? '' : found.ref),
        replaces: standing?.hash ?? null,
        isSigned,
        soakDays: 0,
      },
    ],
  }
}

async function draft(house: House, caller: Caller, { deployment, items }: Way): Promise<Change> {
  return openChange(house, caller, {
    title: `Roll back ${deployment.changeTitle}`.slice(0, 200),
    why: 'What stood there before was not signed, or it takes a detection away.',
    origin: 'rollback',
    items: items.map(({ ruleId, targetId, action, version }) => ({
      ruleId,
      targetId,
      action,
      ...(version !== null && { version }),
    })),
  })
}
