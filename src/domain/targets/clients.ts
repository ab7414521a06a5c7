// The clients of targets, kept while the process lives, so that searches of many people share one
// breaker and one set of connections per endpoint. Another address or another certificate is another
// client; one that is no longer used ends by itself, as its connections do.

import { sha256Hex } from '#kernel/hash.ts'
import type { CertifiedKey } from '#platform/certificates.ts'
import type { House } from '#platform/house.ts'
import { Gate } from '#platform/outbound-gate.ts'
import { createOutboundClient, PER_PROCESS, type OwnedOutboundClient } from '#platform/outbound.ts'
import { portKey } from '#platform/ports.ts'
import { SignInMemory } from './sign-ins.ts'

/** More endpoints than an instance has targets; beyond it the oldest are made anew. */
const KEPT_MAX = 500

export interface ClientWish {
  /** Unique: workspace, target and role. */
  readonly key: string
  readonly base: string
  readonly ca: string | null
  readonly pins: readonly string[]
  /** What we show; a client that shows another one is another client. */
  readonly clientCertificate: CertifiedKey | undefined
}

type Parts = Pick<House, 'clock' | 'random' | 'log'> & {
  readonly allow: readonly string[]
}

export class TargetClients {
  readonly #parts: Parts
  readonly #gate = new Gate(PER_PROCESS)
  readonly signIns: SignInMemory
  readonly #kept = new Map<
    string,
    { readonly wish: string; readonly client: OwnedOutboundClient }
  >()

  constructor(parts: Parts) {
    this.#parts = parts
    this.signIns = new SignInMemory(() => parts.clock.now())
  }

  get({ key: place, ...wish }: ClientWish): OwnedOutboundClient {
    const shown = wish.clientCertificate?.certificate ?? ''
    // Two credentials with certificates of their own take turns: neither may end the other's client.
    const key = shown === '' ? place : `${place} ${sha256Hex(shown)}`
    const text = sha256Hex(JSON.stringify(wish))
    const known = this.#kept.get(key)
    this.#kept.delete(key)
    const entry = known?.wish === text ? known : { wish: text, client: this.#make(wish) }
    this.#kept.set(key, entry)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
    return entry.client
  }

  close(): void {
    for (const { client } of this.#kept.values()) client.close()
    this.#kept.clear()
  }

  #make({ base, ca, pins, clientCertificate }: Omit<ClientWish, 'key'>): OwnedOutboundClient {
    return createOutboundClient({
      ...this.#parts,
      gate: this.#gate,
      base: new URL(base),
      pins,
      ...(ca !== null && { ca }),
      ...(clientCertificate && { clientCertificate }),
    })
  }
}

export const CLIENTS = portKey<TargetClients>('clients of targets')
