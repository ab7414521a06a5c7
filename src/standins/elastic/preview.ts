// A rehearsal of a rule: it runs over what is there, and what it finds lands in an index of its own. The
// answer tells no count.

import type { Json } from '#kernel/json.ts'
import { QueryError, type Members } from '#standins/opensearch/query.ts'
import { ElasticError, EngineError } from './errors.ts'
import { runRule, windowStart } from './engine.ts'
import { textOf } from './members.ts'
import { stored } from './rules.ts'
import type { Stack } from './stack.ts'

const RUNS_MAX = 10

/** Throws 400 for a rule that cannot be kept, or without a time. */
export function previewRule(stack: Stack, space: string, given: Members): Json {
  const { invocationCount, timeframeEnd, ...named } = given
  const end = Date.parse(textOf(timeframeEnd))
  const runs = Number(invocationCount)
  if (Number.isNaN(end) || !(runs > 0 && runs <= RUNS_MAX)) {
    throw new EngineError(400, 'invocationCount, timeframeEnd: Required')
  }
  const rule = stored(named)
  const previewId = `preview-${++stack.serial}`
  const at = new Date(stack.clock.now()).toISOString()
  const { errors, found } = runOnce(stack, rule, end)
  const index = `.preview.alerts-security.alerts-${space}`
  const alerts = found.map(({ from, source }, place) => ({
    id: `${previewId}-${place}`,
    index,
    source: {
      ...source,
      '@timestamp': at,
      kibana: {
        alert: {
          rule: { uuid: previewId, name: rule['name'] ?? '', rule_type_id: 'preview' },
          ancestors: from.map(({ id, index: own }) => ({
            id,
            index: own,
            type: 'event',
            depth: 0,
          })),
          status: 'active',
        },
      },
    },
  }))
  stack.documents = [...stack.documents, ...alerts]
  return {
    previewId,
    isAborted: false,
    logs: [{ errors, warnings: [], startedAt: at, duration: 12 }],
  }
}

function runOnce(stack: Stack, rule: Members, end: number) {
  try {
    const from = windowStart(textOf(rule['from']), end)
    return { errors: [], found: runRule(stack, rule, from, end) }
  } catch (error) {
    // A rule that cannot run is a line of the log, and no error.
    const isSaid = error instanceof ElasticError || error instanceof QueryError
    if (!isSaid) throw error
    return { errors: [error.message], found: [] }
  }
}
