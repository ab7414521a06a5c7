// A rule that stands on the sandbox of acme as a deployment would leave it, and hands that change it there
// behind the product's back.

import { systemCaller } from '#domain/access/system.ts'
import { place } from '#domain/placements/actions.ts'
import type { Placement } from '#domain/placements/placement.ts'
import { createRule } from '#domain/rules/actions.ts'
import { getTarget, listTargets } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { RuleBody, SiemRules } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { contentHash } from '#kernel/hash.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TestApp } from './start-app.ts'

export const signal = AbortSignal.timeout(600_000)

export interface PlacedWorld {
  readonly app: TestApp
  readonly admin: () => Caller
  readonly local: Target
  readonly rules: SiemRules
  /** Writes a rule here and there, and says that it stands there. */
  readonly put: (title: string, more?: Partial<Placement>) => Promise<RuleId>
  /** As somebody would over there. */
  readonly meddle: (ref: string, change: RuleBody) => Promise<void>
}

export async function placedWorld(app: TestApp): Promise<PlacedWorld> {
  const admin = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const { items } = await listTargets(app.house, admin(), { limit: 10 })
  const local = await getTarget(app.house, admin(), items[0]!.target.id)
  const { rules } = await connectTarget(app.house, admin(), local, { purpose: 'write' })
  return {
    app,
    admin,
    local,
    rules: rules!,
    async put(title, more = {}) {
      const text = textOf(title)
      const made = await createRule(app.house, admin(), { text, reason: '', origin: 'written' })
      const body = { title, rule: text, enabled: true, schedule: { every: '5m' } }
      const ref = title.toLowerCase().replaceAll(' ', '-')
      const stands = await rules!.put({ ref, body, replaces: null }, signal)
      await app.house.db.write(admin(), (tx) =>
        place(tx, app.house, admin(), {
          ruleId: made.rule.id,
          targetId: local.id,
          ref,
          ownership: 'managed',
          state: 'live',
          version: 1,
          hash: contentHash(stands.normalised),
          body: stands.normalised,
          raw: stands.raw,
          etag: stands.etag,
          origin: 'deployment',
          deploymentId: null,
          isSigned: true,
          soakUntil: null,
          since: app.clock.now(),
          checkedAt: app.clock.now(),
          ...more,
        }),
      )
      await nextTurn()
      return made.rule.id
    },
    async meddle(ref, change) {
      const before = await rules!.read(ref, signal)
      const body = { ...before!.normalised, ...change }
      await rules!.put({ ref, body, replaces: before }, signal)
    },
  }
}

const textOf = (title: string) => `title: ${title}
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
level: high
`
