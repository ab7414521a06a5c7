// Elastic of the factories: data streams of the integrations, and Kibana's detection rules of every type.

import { addMs, DAY, HOUR, instant, type Clock } from '#kernel/time.ts'
import { elasticRows } from '#languages/sigma/pipelines/rw-elastic.ts'
import type { SearchDocument } from '#standins/opensearch/cluster.ts'
import { createRule } from '#standins/elastic/rules.ts'
import { makeStack, type Stack, type StackUser } from '#standins/elastic/stack.ts'
import { rollOf } from './detections.ts'
import { elsewhere, placeEvents, type SampleEvent } from './events.ts'
import { CONNECTORS, EXCEPTION_LISTS, kibanaRules } from './kibana-rules.ts'

export function makeFactory(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Stack {
  const there = elsewhere(events, { site: 'fab', laterMs: 2 * HOUR })
  const stack = makeStack({
    clock,
    documents: documentsOf(there),
    exceptionLists: EXCEPTION_LISTS,
    connectors: CONNECTORS,
    users: { reader: READER },
  })
  // Rules were written long ago, and whoever wrote them is told with them.
  const then = { ...stack, clock: { now: () => addMs(instant(clock.now()), -40 * DAY) } }
  for (const { who, ...body } of kibanaRules()) createRule(then, { space: 'default', who }, body)
  stack.serial = then.serial
  const lastRun = new Date(clock.now() - 4 * 60_000).toISOString()
  for (const rule of stack.rules) rule.execution = executionOf(rule.id, lastRun)
  return stack
}

function documentsOf(events: readonly SampleEvent[]): readonly SearchDocument[] {
  return placeEvents(elasticRows('stream'), events).map(({ row, atMs, fields }, at) => {
    const [pattern = ''] = row.state!['index'] as readonly string[]
    const index = pattern.replace(/-?\*$/, '-default')
    return {
      id: `${index}-${at}`,
      index,
      source: { '@timestamp': new Date(atMs).toISOString(), ...fields },
    }
  })
}

const LOGS = ['logs-*', 'winlogbeat-*', 'auditbeat-*', 'filebeat-*', 'packetbeat-*']
const ALERTS = ['.alerts-security.alerts-*', '.preview.alerts-security.alerts-*']

const READER: StackUser = {
  password: 'reader',
  roles: ['rulewright_read'],
  cluster: ['monitor'],
  indices: [{ names: [...LOGS, ...ALERTS], privileges: ['read', 'view_index_metadata'] }],
  kibana: 'read',
}

const OUTCOMES = {
  failed: [30, 'verification_exception: Unknown column [process.entity.id]'],
  'partial failure': [20, 'This rule is missing the indices that it names.'],
  succeeded: [0, 'Rule execution completed successfully'],
} as const

/** How the last run went: most well, some not. */
function executionOf(id: string, date: string) {
  const roll = rollOf(`run ${id}`, 100)
  const status = roll < 3 ? 'failed' : roll < 8 ? 'partial failure' : 'succeeded'
  const [status_order, message] = OUTCOMES[status]
  return {
    last_execution: {
      date,
      status,
      status_order,
      message,
      metrics: {
        total_search_duration_ms: 20 + rollOf(`ms ${id}`, 400),
        total_indexing_duration_ms: rollOf(`index ${id}`, 20),
        ...(roll > 94 && { execution_gap_duration_s: 120 + roll }),
      },
    },
  }
}
