// Putting back what somebody changed or removed on a target: the very bytes that were signed and stood
// there live, by a deployment that runs at once; and what somebody changed besides, as it stood. Anything
// else has to be signed first.

import { permit } from '#domain/access/permission.ts'
import { requireKept } from '#domain/changes/deploying.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { picksId } from '#domain/placements/refs.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type DeploymentId } from '#kernel/id.ts'
import { withRestored } from '#languages/rule-formats/write/clearing.ts'
import { restoringBody } from '#languages/rule-formats/write/restore.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { beginDeployment, type DeploymentWish } from './begin.ts'
import { selectBeingWritten } from './drift-store.ts'
import type { Drift } from './drift.ts'
import { isOfItsMark } from './item.ts'
import { getDeploymentRow, selectWritten } from './store.ts'

const LOOKED_AT = 20

/** Undefined where somebody has to sign. */
export async function wayToPutBack(
  house: House,
  caller: Caller,
  { before, kind, observedHash, fields }: Drift,
  place: NamedPlacement,
): Promise<Omit<DeploymentWish, 'id'> | undefined> {
  const { ruleId, targetId, deploymentId, isSigned, ownership } = place
  if (!isSigned || ownership !== 'managed' || before !== 'live' || deploymentId === null) {
    return undefined
  }
  const { scope } = caller
  const reader = house.db.read(scope)
  const written = await selectWritten(reader, scope, { ruleId, targetId }, LOOKED_AT)
  const last = written.find((item) => item.deploymentId === deploymentId)
  if (last === undefined || last.soakDays > 0 || last.version !== place.version) return undefined
  // Going back to a version names more than what was signed of it: that is laid over the signed bytes.
  const signed = written.find((item) => item.version === place.version && isOfItsMark(item))
  if (signed === undefined) return undefined
  const from = await getDeploymentRow(reader, scope, signed.deploymentId)
  const { changeId, changeTitle, changeHash } = from
  await requireKept(house, caller, { changeId, hash: changeHash }, [signed])
  const { ruleTitle, targetName, version, marker } = signed
  const isGone = kind === 'missing'
  const stood = restoringBody(place.kind, { raw: place.raw, normalised: place.body }, null)
  const names = isGone ? [] : fields.map(({ name }) => name)
  const body = signed.body && withRestored(place.kind, signed.body, stood, names)
  const item = {
    ruleId,
    ruleTitle,
    targetId,
    targetName,
    kind: place.kind,
    action: isGone ? ('add' as const) : ('change' as const),
    version,
    body,
    marker,
    ref: isGone && picksId(place.kind) ? '' : place.ref,
    replaces: observedHash,
    isSigned,
    soakDays: 0,
  }
  const change = { id: changeId, title: changeTitle, hash: changeHash }
  return { change, items: [item], kind: 'rollback' }
}

/** Throws `conflict` while a deployment is writing there already. */
export async function putBack(
  tx: Tx,
  house: House,
  caller: Caller,
  wish: Omit<DeploymentWish, 'id'>,
): Promise<DeploymentId> {
  permit(caller, 'deployment.run')
  for (const { ruleId, targetId } of wish.items) {
    const busy = await selectBeingWritten(tx, targetId, [ruleId])
    if (busy.size > 0) throw new AppError('conflict', 'A deployment is writing there already.')
  }
  const id = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  await beginDeployment(tx, house, caller, { ...wish, id })
  return id
}
