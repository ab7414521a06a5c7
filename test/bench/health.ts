// How 1,000 rules fare over 90 days: how long the list and its page take, and a look at their target; what
// samples add to the database in a year.

import { statSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { getRuleHealth, listHealth } from '#domain/health/actions.ts'
import { selectKnown } from '#domain/health/rule-store.ts'
import { dayOf, HOURLY_DAYS, hourOf } from '#domain/health/sample.ts'
import { saveSamples, type SeriesSample } from '#domain/health/sample-store.ts'
import { takeSamples } from '#domain/health/sampling.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { place } from '#domain/placements/actions.ts'
import { saveRules } from '#domain/rules/save-many.ts'
import { contentHash } from '#kernel/hash.ts'
import type { RuleId } from '#kernel/id.ts'
import { DAY, HOUR, instant } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { healthWorld, WHOAMI, type HealthWorld } from '#test/support/health.ts'
import type { Bench, Print } from './bench.ts'

const RULES = 1_000
const DAYS = 90

export const bench: Bench = { name: 'health of 1,000 rules over 90 days', run }

async function run(say: Print): Promise<void> {
  const ends: (() => unknown)[] = []
  const t = { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
  const world = await healthWorld(t)
  try {
    await measure(world, say)
  } finally {
    for (const end of ends) await end()
  }
}

async function measure(world: HealthWorld, say: Print): Promise<void> {
  const { app, admin, local } = world
  const { house } = app
  const items = Array.from({ length: RULES }, (_, n) => ({
    text: WHOAMI.replace('Whoami as system', `Whoami ${n}`),
    origin: 'written' as const,
    reason: '',
  }))
  const kept = await saveRules(house, admin(), items)
  await deploy(
    world,
    kept.flatMap((one) => (one.kind === 'created' ? [one.rule.id] : [])),
  )
  const look = () => takeSamples(house, admin(), local.id, new AbortController().signal)
  await look()
  const size = () => house.db.write(admin(), async () => statSync(house.directory.database).size)
  const before = await size()
  const rows = await plant(world)
  const grown = (await size()) - before
  const perYear = (grown / rows) * (HOURLY_DAYS * 24 + 365 - HOURLY_DAYS)
  say('samples planted', String(rows))
  say('growth of the database, a rule and year', `${(perYear / 1e3).toFixed(0)} kB`)
  say('another look at their target', await timed(look), '≤ 5 000 ms')
  await nextTurn()
  const list = () => listHealth(house, admin(), { filter: {}, limit: 50, days: DAYS })
  await list()
  say('a list of 50 with 90 days each', await timed(list), '≤ 200 ms')
  const cookie = `session=${await app.signIn(app.cast.ada)}`
  const page = () => app.fetch('/w/acme/health', { headers: { Cookie: cookie } })
  await page()
  say('the page of it, over HTTP', await timed(async () => (await page()).text()), '≤ 200 ms')
  const [first] = (await list()).items
  say('one rule', await timed(() => getRuleHealth(house, admin(), first!.ruleId)), '≤ 200 ms')
  say('what is silenced', await timed(() => listSilenced(house, admin())), '≤ 200 ms')
}

async function timed(run: () => Promise<unknown>): Promise<string> {
  const began = performance.now()
  await run()
  return `${(performance.now() - began).toFixed(0)} ms`
}

async function deploy({ app: { house }, admin, local }: HealthWorld, ids: readonly RuleId[]) {
  const body = { title: 'Whoami', rule: WHOAMI, enabled: true }
  for (let at = 0; at < ids.length; at += 100) {
    await house.db.write(admin(), async (tx) => {
      for (const ruleId of ids.slice(at, at + 100)) {
        await place(tx, house, admin(), {
          ruleId,
          targetId: local.id,
          ref: `rw-${ruleId}`,
          ownership: 'managed',
          state: 'live',
          version: 1,
          hash: contentHash(body),
          body,
          raw: body,
          etag: '1',
          origin: 'deployment',
          deploymentId: null,
          isSigned: true,
          soakUntil: null,
          since: admin().now,
          checkedAt: admin().now,
        })
      }
    })
  }
  await nextTurn()
}

/** Hours of two weeks, days before them: what 90 days of looking leave. */
async function plant({ app: { house }, admin, local }: HealthWorld): Promise<number> {
  const { now, scope } = admin()
  const known = await selectKnown(house.db.read(scope), scope, local.id)
  const counts = { ran: 12, failed: 0, skipped: 0, alerts: 1, latencyMs: 840, lagMs: 1_200 }
  const hours = Array.from({ length: HOURLY_DAYS * 24 }, (_, n) => ({
    hours: 1 as const,
    at: instant(hourOf(now) - n * HOUR),
    ...counts,
  }))
  const days = Array.from({ length: DAYS - HOURLY_DAYS }, (_, n) => ({
    hours: 24 as const,
    at: instant(dayOf(now) - (HOURLY_DAYS + n) * DAY),
    ...counts,
  }))
  let rows = 0
  for (const { series } of known) {
    const samples: SeriesSample[] = [...hours, ...days].map((one) => ({ ...one, series }))
    await house.db.write(admin(), (tx) => saveSamples(tx, samples))
    rows += samples.length
  }
  await nextTurn()
  return rows
}
