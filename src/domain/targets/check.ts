// The check of a target: signs in with each of its credentials, asks who it is and what it may do, and
// keeps what came out. It writes nothing on the target.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId, WorkspaceId } from '#kernel/id.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { connectTarget, type Access } from './connect.ts'
import {
  deleteEndedCredentials,
  selectCredentials,
  updateCredential,
  type ListedCredential,
} from './credential-store.ts'
import {
  judgeFailure,
  noticesOf,
  NOTHING_KNOWN,
  warningDays,
  type HealthFacts,
  type Probe,
} from './health.ts'
import { findDependants } from './dependants.ts'
import type { SchemaAnswer, SiemPort } from './port.ts'
import {
  findSchema,
  getHealth,
  getTargetRow,
  insertHealthChange,
  saveSchema,
  updateHealth,
} from './store.ts'
import { endOf, type KnownDependants, type Target, type TargetHealth } from './target.ts'

/** What a target holds changes slowly and costs it something to say. */
const SCHEMA_FRESH_MS = HOUR

type Outcome = Probe | AppError

interface Checked {
  readonly health: Omit<TargetHealth, 'since' | 'checkedAt'>
  readonly schema: SchemaAnswer | undefined
  readonly outcomes: ReadonlyMap<ListedCredential, Outcome>
  /** Of the next credential for writing. */
  readonly dependants: KnownDependants | null
}

/** Throws `forbidden` for a target that is not here, `cancelled`. */
export async function checkTarget(
  house: House,
  caller: Caller,
  id: TargetId,
  signal: AbortSignal,
): Promise<TargetHealth> {
  permit(caller, 'target.read')
  const { scope } = caller
  const target = await getTargetRow(house.db.read(scope), scope, id)
  const credentials = await selectCredentials(house.db.read(scope), scope, id)
  const checked = await ask(house, caller, target, credentials, signal)
  signal.throwIfAborted()
  return house.db.write(caller, async (tx) => {
    const current = await getTargetRow(tx, scope, id)
    // Somebody changed it meanwhile: what was found is of another address, maybe.
    if (current.version !== target.version) return getHealth(tx, scope, id)
    return keep(tx, house, caller, target, checked)
  })
}

async function ask(
  house: House,
  caller: Caller,
  target: Target,
  credentials: readonly ListedCredential[],
  signal: AbortSignal,
): Promise<Checked> {
  const outcomes = new Map<ListedCredential, Outcome>()
  for (const credential of credentials) {
    const { purpose, slot } = credential
    if (slot === 'previous' || (purpose === 'read' && slot === 'current')) continue
    outcomes.set(
      credential,
      await settle(signal, () => probe(house, caller, target, credential, signal)),
    )
  }
  const dependants = await dependantsOfNext(house, caller, target, outcomes, signal)
  const reader = credentials.find(({ purpose, slot }) => purpose === 'read' && slot === 'current')
  const port = await settle(signal, () => connectTarget(house, caller, target, { purpose: 'read' }))
  const read =
    port instanceof AppError ? port : await settle(signal, () => probePort(port, 'read', signal))
  if (reader) outcomes.set(reader, read)
  if (port instanceof AppError || read instanceof AppError) {
    const judged = judgeFailure(read as AppError)
    const health = { ...judged, facts: NOTHING_KNOWN }
    return { health, schema: undefined, outcomes, dependants }
  }
  const writer = credentials.find(({ purpose, slot }) => purpose === 'write' && slot === 'current')
  const write = writer && outcomes.get(writer)
  const findings = {
    mode: target.mode,
    now: caller.now,
    read,
    write,
    credentials: credentials.map((one) => ({ ...one, ...knownEnd(outcomes.get(one)) })),
    writesOfReader: await writesOf(port, read, target, signal),
  }
  const notices = noticesOf(findings)
  const { product, version, identity, clockSkewMs } = read.answer
  const facts: HealthFacts = {
    product,
    version,
    identity,
    clockSkewMs,
    notices: [...notices],
    privileges: {
      read: storedPrivileges(read),
      write: write === undefined || write instanceof AppError ? null : storedPrivileges(write),
    },
  }
  const state = notices.length === 0 ? ('healthy' as const) : ('degraded' as const)
  const schema = await freshSchema(house, caller, target, port, signal)
  return { health: { state, reason: notices[0] ?? '', facts }, schema, outcomes, dependants }
}

/** Asked while there is a next credential for writing that was let in: it may be promoted any time. */
async function dependantsOfNext(
  house: House,
  caller: Caller,
  target: Target,
  outcomes: Checked['outcomes'],
  signal: AbortSignal,
): Promise<KnownDependants | null> {
  const writers = [...outcomes].filter(([{ purpose }]) => purpose === 'write')
  const next = writers.find(([{ slot }]) => slot === 'next')?.[1]
  const hasCurrent = writers.some(([{ slot }]) => slot === 'current')
  if (next === undefined || next instanceof AppError || !hasCurrent) return null
  const { identity } = next.answer
  const found = await settle(signal, () =>
    findDependants(house, caller, target, { identity }, signal),
  )
  if (!(found instanceof AppError)) return found
  const completeness = { kind: 'partial', reason: found.message } as const
  return { at: caller.now, count: 0, items: [], completeness }
}

async function probe(
  house: House,
  caller: Caller,
  target: Target,
  { purpose, slot }: Required<Access>,
  signal: AbortSignal,
): Promise<Probe> {
  const port = await connectTarget(house, caller, target, { purpose, slot })
  return probePort(port, purpose, signal)
}

async function probePort(
  port: SiemPort,
  purpose: Access['purpose'],
  signal: AbortSignal,
): Promise<Probe> {
  const answer = await port.check(signal)
  return { answer, privileges: await port.privileges(purpose, signal) }
}

/** What the reader's credential holds that only a writer needs, on a target where nobody writes. */
async function writesOf(
  port: SiemPort,
  { privileges }: Probe,
  { mode, kind }: Target,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (mode !== 'read_only' || kind === 'local') return []
  const asWriter = await settle(signal, () => port.privileges('write', signal))
  if (asWriter instanceof AppError) return []
  const forReading = new Set(privileges.needed.map(({ name }) => name))
  return asWriter.needed
    .filter(({ name, isHeld }) => isHeld === true && !forReading.has(name))
    .map(({ name }) => name)
}

/** Undefined while what is known is fresh enough, and where the target does not say. */
async function freshSchema(
  house: House,
  { scope, now }: Caller,
  { id }: Target,
  port: SiemPort,
  signal: AbortSignal,
): Promise<SchemaAnswer | undefined> {
  const known = await findSchema(house.db.read(scope), scope, id)
  if (known !== undefined && now - known.at < SCHEMA_FRESH_MS) return undefined
  const schema = await settle(signal, () => port.schema(signal))
  return schema instanceof AppError ? undefined : schema
}

/** What it answers, or why not. Throws when the check itself was given up, and bugs. */
async function settle<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T | AppError> {
  try {
    return await run()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) return error
    throw error
  }
}

async function keep(
  tx: Tx,
  house: House,
  caller: Caller,
  { id }: Target,
  { health, schema, outcomes, dependants }: Checked,
): Promise<TargetHealth> {
  const { now, scope } = caller
  const before = await getHealth(tx, scope, id)
  const isSame = before.state === health.state
  const after = { ...health, since: isSame ? before.since : now, checkedAt: now }
  await updateHealth(tx, id, after)
  if (schema) await saveSchema(tx, id, { answer: schema, at: now })
  if (!isSame || before.reason !== after.reason) await insertHealthChange(tx, id, after, now)
  for (const [credential, outcome] of outcomes) {
    const isNext = credential.purpose === 'write' && credential.slot === 'next'
    await keepOutcome(tx, house, caller, id, credential, outcome)
    if (isNext) await updateCredential(tx, credential.id, { dependants: asColumn(dependants) })
  }
  await deleteEndedCredentials(tx, id, now)
  if (!isSame) {
    const data = { from: before.state, to: health.state, reason: health.reason }
    await house.audit.record(tx, caller, { action: 'target.health', target: id, data })
  }
  const workspaceId = scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'target', id, verb: 'changed' })
  return after
}

async function keepOutcome(
  tx: Tx,
  house: House,
  caller: Caller,
  targetId: TargetId,
  credential: ListedCredential,
  outcome: Outcome,
): Promise<void> {
  const { now } = caller
  const { id, purpose, slot, warnedDays } = credential
  const isLetIn = !(outcome instanceof AppError)
  const found = { ...credential, ...knownEnd(outcome) }
  const { expiresAt } = found
  const end = endOf(found)
  const days = end === null ? undefined : warningDays(end, now)
  const isNews = days !== undefined && (warnedDays === null || days < warnedDays)
  await updateCredential(tx, id, {
    checkedAt: now,
    problem: isLetIn ? null : outcome.message,
    ...(isLetIn && { identity: outcome.answer.identity }),
    expiresAt,
    warnedDays: days ?? null,
  })
  if (!isNews) return
  await house.audit.record(tx, caller, {
    action: 'target.credential_expires',
    target: targetId,
    data: { purpose, slot, withinDays: days, expiresAt: end },
  })
}

function asColumn(dependants: KnownDependants | null): string | null {
  return dependants && JSON.stringify(dependants)
}

/** Where the target tells when a credential ends, that counts and not what somebody typed. */
function knownEnd(outcome: Outcome | undefined): Partial<Pick<ListedCredential, 'expiresAt'>> {
  if (outcome === undefined || outcome instanceof AppError) return {}
  const { expiresAt } = outcome.answer
  return expiresAt === null ? {} : { expiresAt }
}

function storedPrivileges({ privileges }: Probe): NonNullable<HealthFacts['privileges']['read']> {
  const { needed, excess, completeness } = privileges
  return { needed: [...needed], excess: [...excess], completeness }
}
