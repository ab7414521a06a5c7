// The way from a target's row to its port. Here alone a credential is opened, for the time of one use;
// and every port that leaves here refuses writes unless the target's mode and this instance allow them.

import { z } from 'zod'
import { readQuery } from '#domain/queries/actions.ts'
import { AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { CertifiedKey } from '#platform/certificates.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { CLIENTS } from './clients.ts'
import { findCredential, type SealedCredential } from './credential-store.ts'
import { CredentialInput } from './input.ts'
import { SIEMS, type Connection, type Credential, type SiemPort } from './port.ts'
import { originsOf, TARGET_KIND_ROWS } from './settings.ts'
import { verbOf } from './health.ts'
import { requireWritable, type Purpose, type Slot, type Target } from './target.ts'

// The addresses it was typed for are sealed with it: moved to another address, also by whoever edits the
// database file, it does not open.
const Sealed = z.strictObject({
  credential: CredentialInput,
  clientCertificate: z.strictObject({ certificate: z.string(), privateKey: z.string() }).optional(),
  origins: z.array(z.string()),
})

interface Opened {
  readonly credential: Credential
  readonly clientCertificate?: CertifiedKey | undefined
  /** Of the credential, for what signing in brings; undefined where nobody signs in. */
  readonly id?: SealedCredential['id']
}

/** Call it before the write that stores the result. */
export async function sealCredential(
  house: House,
  { scope }: Caller,
  target: Pick<Target, 'kind' | 'settings'>,
  { id, ...secrets }: Required<Pick<Opened, 'id' | 'credential'>> & Opened,
): Promise<Buffer> {
  const origins = originsOf(target.kind, target.settings)
  const plaintext = Buffer.from(JSON.stringify({ ...secrets, origins }))
  const sealed = await house.keys.seal(scope, sealedPlace('targetCredential', id), plaintext)
  plaintext.fill(0)
  return sealed
}

async function openCredential(
  house: House,
  { scope }: Caller,
  target: Target,
  { id, sealed }: SealedCredential,
): Promise<Opened> {
  const plaintext = await house.keys.unseal(scope, sealedPlace('targetCredential', id), sealed)
  try {
    const { origins, ...opened } = Sealed.parse(JSON.parse(plaintext.toString()))
    if (origins.join() === originsOf(target.kind, target.settings).join()) return { ...opened, id }
  } finally {
    plaintext.fill(0)
  }
  throw new AppError(
    'conflict',
    `The credential of ${target.name} was typed for another address. Enter it again.`,
  )
}

export interface Access {
  readonly purpose: Purpose
  readonly slot?: Slot
}

/**
 * The port of a target, signed in for reading or for writing. Throws `conflict` without a credential
 * for that, `unsupported` for a kind that cannot be asked; writing also `forbidden` for a target that
 * is read-only.
 */
export async function connectTarget(
  house: House,
  caller: Caller,
  target: Target,
  { purpose, slot = 'current' }: Access,
): Promise<SiemPort> {
  const { scope } = caller
  const isOpen = TARGET_KIND_ROWS[target.kind].credentials.length === 0
  const sealed = isOpen
    ? undefined
    : await findCredential(house.db.read(scope), scope, target.id, { purpose, slot })
  if (!isOpen && sealed === undefined) {
    throw new AppError('conflict', `${target.name} has no credential for ${verbOf(purpose)} yet.`)
  }
  const opened: Opened = sealed
    ? await openCredential(house, caller, target, sealed)
    : { credential: { kind: 'none' } }
  const port = await house.ports.get(SIEMS)(connectionOf(house, caller, target, opened))
  return guardWrites(house, target, port)
}

function connectionOf(
  house: House,
  { scope }: Caller,
  target: Target,
  { credential, clientCertificate, id: credentialId }: Opened,
): Connection {
  const { id, kind, settings, ca, pins } = target
  const endpoints = TARGET_KIND_ROWS[kind].endpoints(settings)
  const clients = house.ports.get(CLIENTS)
  return {
    targetId: id,
    workspaceId: scope.workspaceId,
    kind,
    settings,
    credential,
    client(role) {
      const base = endpoints[role]
      if (base === undefined) throw new AppError('unsupported', `${kind} has no endpoint ${role}.`)
      const key = [scope.workspaceId, id, role].join(' ')
      return clients.get({ key, base, ca, pins, clientCertificate })
    },
    signIns: clients.signIns.of([scope.workspaceId, id, credentialId ?? ''].join(' ')),
    now: () => house.clock.now(),
    random: house.random,
    readKusto: (text) => readQuery(house.workers, { language: 'kusto', text }),
  }
}

function guardWrites(house: House, target: Target, port: SiemPort): SiemPort {
  const { rules } = port
  if (rules === undefined) return port
  const guarded =
    <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      requireWritable(target)
      if (house.keys.hold) {
        throw new AppError('conflict', 'This instance is held: nothing is written on targets.')
      }
      return write(...args)
    }
  return {
    kind: port.kind,
    search: port.search,
    health: port.health,
    ...(port.alerts && { alerts: port.alerts }),
    check: (signal) => port.check(signal),
    privileges: (need, signal) => port.privileges(need, signal),
    schema: (signal) => port.schema(signal),
    validate: (query, signal) => port.validate(query, signal),
    ...(port.dependants && { dependants: (...args) => port.dependants!(...args) }),
    ...(port.test && { test: (...args) => port.test!(...args) }),
    ...(port.dependencies && { dependencies: (signal) => port.dependencies!(signal) }),
    rules: {
      list: (signal) => rules.list(signal),
      read: (ref, signal) => rules.read(ref, signal),
      normalise: (body) => rules.normalise(body),
      ...(rules.refOf && { refOf: (name) => rules.refOf!(name) }),
      put: guarded((...args) => rules.put(...args)),
      remove: guarded((...args) => rules.remove(...args)),
      setEnabled: guarded((...args) => rules.setEnabled(...args)),
    },
  }
}
