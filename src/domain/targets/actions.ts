// What can be done with targets: add one, look, change what it is, remove it. Reading is everybody's in
// the workspace, the rest an admin's.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type JobId, type TargetId, type WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { deleteCredentials, selectCredentials } from './credential-store.ts'
import { NOTHING_KNOWN } from './health.ts'
import type { NewTarget, TargetEdit } from './input.ts'
import { LEAVE } from './leaving.ts'
import { enqueueCheck, forgetChecks, planChecks } from './jobs.ts'
import { PLACE_CHANGED } from './places.ts'
import { originsOf, TARGET_KIND_ROWS } from './settings.ts'
import {
  deleteTarget,
  findSchema,
  getHealth,
  getTargetRow,
  hasLocal,
  insertHealth,
  insertTarget,
  saveSchema,
  selectHealthChanges,
  selectTargets,
  updateHealth,
  updateTarget,
  type ListedTarget,
} from './store.ts'
import {
  LOCAL_NAME,
  type CredentialSummary,
  type HealthChange,
  type Settings,
  type Target,
  type TargetHealth,
  type TargetSchema,
} from './target.ts'

/** By name. */
export async function listTargets(
  house: House,
  caller: Caller,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<ListedTarget>> {
  permit(caller, 'target.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'targets' },
    limit,
    cursor,
    placeOf: ({ target }: ListedTarget) => target.name,
    select: (page) => selectTargets(reader, scope, page),
  })
}

/** Throws `forbidden` for one that is not here. */
export async function getTarget(house: House, caller: Caller, id: TargetId): Promise<Target> {
  permit(caller, 'target.read')
  return getTargetRow(house.db.read(caller.scope), caller.scope, id)
}

export interface SeenTarget {
  readonly target: Target
  readonly health: TargetHealth
  readonly credentials: readonly CredentialSummary[]
  /** How it was before, newest first: each time its state or the reason became another. */
  readonly changes: readonly HealthChange[]
}

/** Of the changes of its health, as many are shown. */
const CHANGES_SHOWN = 50

/** With how it is, and what is known of its credentials. Throws as getTarget. */
export async function seeTarget(house: House, caller: Caller, id: TargetId): Promise<SeenTarget> {
  permit(caller, 'target.read')
  return see(house.db.read(caller.scope), caller, id)
}

async function see(
  db: Parameters<typeof getTargetRow>[0],
  { scope }: Caller,
  id: TargetId,
): Promise<SeenTarget> {
  const target = await getTargetRow(db, scope, id)
  const health = await getHealth(db, scope, id)
  const credentials = await selectCredentials(db, scope, id)
  return {
    target,
    health,
    credentials,
    changes: await selectHealthChanges(db, scope, id, CHANGES_SHOWN),
  }
}

/** What the target said it holds; undefined while it was not asked. Throws as getTarget. */
export async function readSchema(
  house: House,
  caller: Caller,
  id: TargetId,
): Promise<TargetSchema | undefined> {
  await getTarget(house, caller, id)
  return findSchema(house.db.read(caller.scope), caller.scope, id)
}

/** Throws `conflict` when the name is taken. Audited; it is checked from then on. */
export async function addTarget(
  house: House,
  caller: Caller,
  { settings, kind, ...input }: NewTarget,
): Promise<SeenTarget> {
  permit(caller, 'target.write')
  const { now, actor } = caller
  const target: Target = {
    ...input,
    kind,
    settings: TARGET_KIND_ROWS[kind].schema.parse(settings),
    id: makeId(ID_PREFIXES.target, now, house.random(10)),
    version: 1,
    createdAt: now,
    createdBy: actor,
    changedAt: now,
    changedBy: actor,
  }
  return house.db.write(caller, async (tx) => {
    await insert(tx, house, caller, target)
    await planChecks(tx, house, caller, target)
    return see(tx, caller, target.id)
  })
}

async function insert(tx: Tx, house: House, caller: Caller, target: Target): Promise<void> {
  await insertTarget(tx, target)
  await insertHealth(tx, target.id, unchecked(caller))
  await house.audit.record(tx, caller, {
    action: 'target.add',
    target: target.id,
    data: toldOf(target),
  })
  publish(tx, house, target.id, 'added')
}

function unchecked({ now }: Caller): TargetHealth {
  return {
    state: 'unknown',
    reason: 'It was not checked yet.',
    since: now,
    checkedAt: null,
    facts: NOTHING_KNOWN,
  }
}

export interface TargetChange {
  readonly edit: TargetEdit
  readonly expected: ExpectedVersion
}

export interface ChangedTarget extends SeenTarget {
  /** Credentials that are gone because the address is another one: they must be typed again. */
  readonly voided: number
}

/**
 * What `edit` does not name stays. Another address voids the credentials: they were typed for the one
 * before. Throws `stale`, `conflict` for a name that is taken, `invalid` for settings that do not fit.
 */
export async function changeTarget(
  house: House,
  caller: Caller,
  id: TargetId,
  { edit, expected }: TargetChange,
): Promise<ChangedTarget> {
  permit(caller, 'target.write')
  return house.db.write(caller, async (tx) => {
    const before = await getTargetRow(tx, tx.scope, id)
    requireVersion(expected, String(before.version))
    if (before.kind === LOCAL_NAME && edit.name !== undefined && edit.name !== before.name) {
      throw new AppError('conflict', 'The sandbox of a workspace keeps its name.')
    }
    const after = edited(before, caller, edit)
    await updateTarget(tx, after)
    const isElsewhere = addressesOf(before) !== addressesOf(after)
    const voided = isElsewhere ? await deleteCredentials(tx, id) : 0
    if (isElsewhere) {
      await updateHealth(tx, id, unchecked(caller))
      await saveSchema(tx, id, null)
    }
    if (before.checkMinutes !== after.checkMinutes || before.name !== after.name) {
      await planChecks(tx, house, caller, after)
    }
    if (givenTo(before) !== givenTo(after)) {
      await house.ports.get(PLACE_CHANGED)(tx, house, caller, { before, after })
    }
    const data = { before: toldOf(before), after: toldOf(after), voidedCredentials: voided }
    await house.audit.record(tx, caller, { action: 'target.change', target: id, data })
    publish(tx, house, id, 'changed')
    return { ...(await see(tx, caller, id)), voided }
  })
}

function edited(before: Target, { now, actor }: Caller, { settings, ...edit }: TargetEdit): Target {
  const named = Object.entries(edit).filter(([, value]) => value !== undefined)
  return {
    ...before,
    ...(Object.fromEntries(named) as Partial<Target>),
    settings: settings === undefined ? before.settings : fitting(before.kind, settings),
    version: before.version + 1,
    changedAt: now,
    changedBy: actor,
  }
}

function fitting(kind: Target['kind'], settings: Readonly<Record<string, unknown>>): Settings {
  const parsed = TARGET_KIND_ROWS[kind].schema.safeParse(settings)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => ({
    code: 'target/setting',
    severity: 'error' as const,
    message: `settings.${path.join('.')}: ${message}.`,
  }))
  throw new AppError('invalid', problems[0]!.message, { details: { problems } })
}

/** What rules are given there. */
const givenTo = ({ name, parameters }: Target) => contentHash({ name, parameters })

const addressesOf = ({ kind, settings }: Target) => originsOf(kind, settings).join(' ')

/**
 * With its credentials. Rules that name it keep their words about it. Throws `conflict` for the
 * sandbox, which belongs to the workspace. Audited.
 */
export async function removeTarget(
  house: House,
  caller: Caller,
  id: TargetId,
  expected: ExpectedVersion = 'any',
): Promise<Target> {
  permit(caller, 'target.write')
  const leave = await house.ports.get(LEAVE)()
  return house.db.write(caller, async (tx) => {
    const target = await getTargetRow(tx, tx.scope, id)
    requireVersion(expected, String(target.version))
    if (target.kind === LOCAL_NAME) {
      throw new AppError('conflict', 'The sandbox belongs to the workspace and stays.')
    }
    await leave(tx, house, caller, id)
    await deleteTarget(tx, id)
    await house.ports.get(PLACE_CHANGED)(tx, house, caller, { before: target, after: null })
    await forgetChecks(tx, house, id)
    await house.audit.record(tx, caller, {
      action: 'target.remove',
      target: id,
      data: toldOf(target),
    })
    publish(tx, house, id, 'removed')
    return target
  })
}

/** Looks now, beside the schedule. */
export async function requestCheck(house: House, caller: Caller, id: TargetId): Promise<JobId> {
  permit(caller, 'target.write')
  return house.db.write(caller, async (tx) => {
    const target = await getTargetRow(tx, tx.scope, id)
    await house.audit.record(tx, caller, { action: 'target.check', target: id, data: {} })
    return enqueueCheck(tx, house, caller, target)
  })
}

/** Gives a workspace its sandbox; does nothing where there is one. */
export async function addLocalTarget(
  house: House,
  { scope: _, ...caller }: Caller,
  workspaceId: WorkspaceId,
): Promise<void> {
  await nextTurn() // the workspace was written in this turn, maybe
  const own: Caller = { ...caller, scope: makeScope(workspaceId) }
  if (await hasLocal(house.db.read(own.scope), own.scope)) return
  await house.db.write(own, async (tx) => {
    if (await hasLocal(tx, tx.scope)) return
    const { now, actor } = own
    await insert(tx, house, own, {
      id: makeId(ID_PREFIXES.target, now, house.random(10)),
      name: LOCAL_NAME,
      kind: 'local',
      stage: 'test',
      mode: 'read_write',
      deploy: 'api',
      settings: {},
      ca: null,
      pins: [],
      parameters: {},
      concurrency: 4,
      checkMinutes: 60,
      version: 1,
      createdAt: now,
      createdBy: actor,
      changedAt: now,
      changedBy: actor,
    })
  })
}

/** For the audit log: no secret is among it. */
function toldOf({ name, kind, stage, mode, deploy, settings, ...rest }: Target) {
  const { ca, pins, parameters, concurrency, checkMinutes } = rest
  return {
    name,
    kind,
    stage,
    mode,
    deploy,
    settings: settings as Json,
    hasCa: ca !== null,
    pins,
    parameters,
    concurrency,
    checkMinutes,
  }
}

function publish(tx: Tx, house: House, id: TargetId, verb: 'added' | 'changed' | 'removed'): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'target', id, verb })
}
