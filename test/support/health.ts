// An app whose sandbox has rules standing on it, sent events and looked at as jobs would.

import type { TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { EVENT_STORE } from '#domain/events/port.ts'
import { importEvents, newImportId } from '#domain/events/import.ts'
import { takeSamples } from '#domain/health/sampling.ts'
import { place } from '#domain/placements/actions.ts'
import type { PlacementState } from '#domain/placements/placement.ts'
import { createRule } from '#domain/rules/actions.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { OpenSiem } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import { formatInstant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp, type TestApp } from './start-app.ts'

export const WHOAMI = `title: Whoami as system
level: high
tags: [attack.discovery, attack.t1033]
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
`

export interface HealthWorld {
  readonly app: TestApp
  readonly admin: () => Caller
  readonly local: Target
  /** Makes the rule and writes it on the sandbox. */
  readonly deploy: (text: string, odd?: Odd) => Promise<RuleSummary>
  readonly send: (events: readonly Json[]) => Promise<void>
  /** Deployed rules run over what came in. */
  readonly run: () => Promise<void>
  readonly look: () => ReturnType<typeof takeSamples>
  /** An event of now that the rule above finds. */
  readonly whoami: (n: number) => Json
}

/** How it stands there other than the rule says. */
interface Odd {
  readonly state?: PlacementState
  readonly level?: string
}

const { signal } = new AbortController()

/** `openSiem` stands in the place of the adapters. */
export async function healthWorld(t: TestContext, openSiem?: OpenSiem): Promise<HealthWorld> {
  const app = await startApp(t, openSiem ? { openSiem } : {})
  const { house, clock } = app
  const admin = () => systemCaller(house, 'test', undefined, app.acme.id)
  const { items } = await listTargets(house, admin(), { limit: 10 })
  const local = items.find(({ target }) => target.kind === 'local')!.target
  const events = house.ports.get(EVENT_STORE)
  const { workspaceId } = admin().scope
  return {
    app,
    admin,
    local,
    deploy: (text, odd = {}) => deployTo(app, admin(), local, text, odd),
    async send(list) {
      async function* chunks() {
        yield Buffer.from(list.map((event) => JSON.stringify(event)).join('\n'))
      }
      const id = newImportId(house, admin())
      await events.receive(workspaceId, id, chunks())
      const file = { id, name: 'sent', path: events.receivedPath(workspaceId, id), logSource: '' }
      const watch = { signal, progress: () => {}, isOver: async () => true }
      await importEvents(house, admin(), file, watch)
    },
    async run() {
      await events.runRules(workspaceId, signal)
    },
    async look() {
      const sampled = await takeSamples(house, admin(), local.id, signal)
      await nextTurn()
      return sampled
    },
    whoami: (n) => ({
      '@timestamp': formatInstant(clock.now()),
      logsource: { category: 'process_creation', product: 'windows' },
      Image: 'C:\\Windows\\System32\\whoami.exe',
      ProcessId: n,
    }),
  }
}

async function deployTo(
  { house }: TestApp,
  caller: Caller,
  target: Target,
  text: string,
  { state = 'live', level }: Odd,
): Promise<RuleSummary> {
  const { rule } = await createRule(house, caller, { text, origin: 'written', reason: '' })
  const port = await connectTarget(house, caller, target, { purpose: 'write' })
  const ref = `rw-${rule.id}`
  const body = { title: rule.title, rule: text, enabled: true, ...(level && { level }) }
  const written = await port.rules!.put({ ref, body, replaces: null }, signal)
  await house.db.write(caller, (tx) =>
    place(tx, house, caller, {
      ruleId: rule.id,
      targetId: target.id,
      ref,
      ownership: 'managed',
      state,
      version: rule.version,
      hash: contentHash(written.normalised),
      body: written.normalised,
      raw: written.raw,
      etag: written.etag,
      origin: 'deployment',
      deploymentId: null,
      isSigned: true,
      soakUntil: null,
      since: caller.now,
      checkedAt: caller.now,
    }),
  )
  await nextTurn()
  return rule
}
