// How rules fared, from the scheduler's own log. Where `_internal` is closed to the credential a search
// finds nothing there and says nothing: then only alerts that fired are known, and the rest is unknown.

import type { RuleRun, SiemHealth } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { instant, SECOND, type Instant } from '#kernel/time.ts'
import { readAccelerations } from './accelerations.ts'
import type { SplunkClient } from './client.ts'
import { runOneshot } from './oneshot.ts'
import { feed, figure, readAs } from './replies.ts'
import type { SplunkSettings } from './settings.ts'

const RULES_MAX = 10_000

const SCHEDULER = [
  'search index=_internal sourcetype=scheduler savedsearch_name=*',
  'stats count(eval(status="success" OR status="completed")) as ok count(eval(status="skipped")) as skipped count(eval(status!="success" AND status!="completed" AND status!="skipped" AND status!="continued" AND status!="deferred")) as failed avg(run_time) as runtime max(eval(dispatch_time-scheduled_time)) as lag count(eval(alert_actions!="")) as fired max(_time) as last latest(reason) as reason by app user savedsearch_name',
].join(' | ')

export function openHealth(client: SplunkClient, settings: SplunkSettings): SiemHealth {
  return {
    accelerations: (signal) => readAccelerations(client, signal),
    async runs({ from, to }, signal) {
      const { rows, warnings } = await runOneshot(
        client,
        settings,
        {
          search: SCHEDULER,
          from: (from / SECOND).toFixed(3),
          to: (to / SECOND).toFixed(3),
          rowsMax: RULES_MAX,
          secondsMax: 120,
          what: "the scheduler's log",
        },
        signal,
      )
      if (rows.length === 0) return firedAlone(client, signal)
      const own = await privateRefs(client, signal)
      const [missing] = warnings
      return {
        runs: rows.map((row) => runOf(row, own)),
        completeness:
          missing !== undefined
            ? { kind: 'partial', reason: missing }
            : rows.length < RULES_MAX
              ? { kind: 'complete' }
              : { kind: 'truncated', limit: `${RULES_MAX.toLocaleString('en')} rules` },
      }
    },
  }
}

function runOf(row: Readonly<Record<string, Json>>, own: ReadonlySet<string>): RuleRun {
  const [ok, failed, skipped] = ['ok', 'failed', 'skipped'].map((name) => numberIn(row[name]))
  const seconds = (name: string) => {
    const value = numberIn(row[name])
    return value === null ? null : Math.round(value * SECOND)
  }
  const reason = row['reason']
  const place = `${textIn(row['app'], 'search')}/${textIn(row['savedsearch_name'], '')}`
  const mine = `${textIn(row['user'], 'nobody')}/${place}`
  return {
    ref: own.has(mine) ? mine : `nobody/${place}`,
    ran: ok === null || failed === null ? null : ok! + failed!,
    failed: failed ?? null,
    skipped: skipped ?? null,
    alerts: numberIn(row['fired']),
    latencyMs: seconds('runtime'),
    lagMs: seconds('lag'),
    lastRunAt: instantOf(row['last']),
    lastError: typeof reason === 'string' && reason !== '' ? reason : null,
  }
}

/**
 * The log names who a search runs as, which is its owner even where it is shared; a rule is known under
 * its owner only while it is private.
 */
async function privateRefs(
  client: SplunkClient,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const what = 'who owns the saved searches'
  const reply = await client.send({
    path: '/servicesNS/-/-/saved/searches',
    query: { count: '0', f: 'disabled' },
    what,
    signal,
  })
  const refs = readAs(feed, reply.body, what).entry.flatMap(({ name, acl }) =>
    acl?.sharing === 'user' ? [`${acl.owner}/${acl.app}/${name}`] : [],
  )
  return new Set(refs)
}

/** Only what Splunk still keeps of fired alerts, whatever the range. */
async function firedAlone(client: SplunkClient, signal: AbortSignal) {
  const what = 'the alerts that fired'
  const reply = await client.send({
    path: '/servicesNS/-/-/alerts/fired_alerts',
    query: { count: '0' },
    what,
    accepts: [403],
    signal,
  })
  const entries = reply.status === 403 ? [] : readAs(feed, reply.body, what).entry
  const runs = entries
    // The first stands for all together.
    .filter(({ name }) => name !== '-')
    .map(({ name, acl, content }): RuleRun => {
      const count = figure.safeParse(content['triggered_alert_count'])
      return {
        ref: `nobody/${acl?.app || 'search'}/${name}`,
        ran: null,
        failed: null,
        skipped: null,
        alerts: count.success ? count.data : null,
        latencyMs: null,
        lagMs: null,
        lastRunAt: null,
        lastError: null,
      }
    })
  const reason =
    "The scheduler's log shows nothing: the index _internal is closed to this credential, or no rule has run."
  return { runs, completeness: { kind: 'partial', reason } as const }
}

function numberIn(value: Json | undefined): number | null {
  if (value === null || value === undefined || value === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

function textIn(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise
}

function instantOf(value: Json | undefined): Instant | null {
  const seconds = numberIn(value)
  return seconds === null || seconds <= 0 ? null : instant(Math.round(seconds * SECOND))
}
