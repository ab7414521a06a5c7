// What stands outside of the product and is reached through a port that a domain declares. The domain
// makes a key beside its port, app.ts puts there what fills it, and an action takes it from the house.

import { assert } from '#kernel/error.ts'

declare const filledBy: unique symbol

/** Names a port and knows the type of what fills it. */
export interface PortKey<Port> {
  readonly name: string
  readonly [filledBy]?: Port
}

export function portKey<Port>(name: string): PortKey<Port> {
  return Object.freeze({ name })
}

export class Ports {
  readonly #filled = new Map<PortKey<unknown>, unknown>()

  /** Returns itself, so that app.ts can list what it provides. */
  provide<Port>(key: PortKey<Port>, port: Port): this {
    assert(!this.#filled.has(key), `the port ${key.name} is filled once`)
    this.#filled.set(key, port)
    return this
  }

  get<Port>(key: PortKey<Port>): Port {
    assert(this.#filled.has(key), `nothing fills the port ${key.name}`)
    return this.#filled.get(key) as Port
  }
}
