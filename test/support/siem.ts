// A stand-in and the adapter over it, joined by the real way to the outside.

import { randomBytes } from 'node:crypto'
import assert from 'node:assert/strict'
import pino from 'pino'
import type { Connection, Credential, SiemKind } from '#domain/targets/port.ts'
import { SignInMemory } from '#domain/targets/sign-ins.ts'
import type { CertifiedKey } from '#platform/certificates.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { createOutboundClient, type OwnedOutboundClient } from '#platform/outbound.ts'
import { fakeClock, type FakeClock } from './clock.ts'

export interface TestConnection extends Connection {
  /** How long the way to the outside waited between two sendings; it does not really. */
  readonly waits: readonly number[]
  close(): void
}

/** `urls` by role. */
export function connectionTo(
  urls: Readonly<Record<string, string>>,
  options: {
    readonly kind: SiemKind
    readonly credential: Credential
    readonly settings?: Json
    readonly clock?: FakeClock
    readonly ca?: string
    readonly clientCertificate?: CertifiedKey
    /** Of another connection of the same credential. */
    readonly signIns?: SignInMemory
    readonly limits?: { readonly idleMs?: number; readonly firstByteMs?: number }
  },
): TestConnection {
  const { kind, credential, settings = {}, clock = fakeClock(), ca, limits } = options
  const { clientCertificate, signIns = new SignInMemory(() => clock.now()) } = options
  const waits: number[] = []
  const clients = new Map<string, OwnedOutboundClient>()
  const client = (role: string) => {
    const url = urls[role]
    assert.ok(url !== undefined, `no address for ${role}`)
    const known = clients.get(role)
    const made =
      known ??
      createOutboundClient({
        base: new URL(url),
        allow: ['127.0.0.1'],
        ca,
        clock,
        random: randomBytes,
        log: pino({ level: 'silent' }),
        wait: async (ms) => void waits.push(ms),
        ...(limits && { limits }),
        ...(clientCertificate && { clientCertificate }),
      })
    clients.set(role, made)
    return made
  }
  return {
    targetId: 'tgt_test',
    workspaceId: 'wsp_test',
    kind,
    settings,
    credential,
    client,
    signIns: signIns.of('tgt_test'),
    now: () => clock.now(),
    random: randomBytes,
    readKusto: async (text) => (await import('#languages/kusto/dialect.ts')).KUSTO.read(text),
    waits,
    close: () => {
      for (const made of clients.values()) made.close()
    },
  }
}

/** The refusal of what must be refused. */
export async function refusal(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof AppError, String(error))
    return error
  }
  return assert.fail('it was not refused')
}
