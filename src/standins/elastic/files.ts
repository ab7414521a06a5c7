// Rules as lines of JSON, in and out. What cannot be taken in is told in a 200; what could is not listed.

import type { Json } from '#kernel/json.ts'
import type { Members } from '#standins/opensearch/query.ts'
import { EngineError } from './errors.ts'
import { createRule, seekRule, shown, updateRule } from './rules.ts'
import { textOf } from './members.ts'
import type { Stack } from './stack.ts'

export interface Import {
  readonly stack: Stack
  readonly space: string
  readonly who: string
  readonly isOverwriting: boolean
}

/** `form` is the multipart body. Throws 400 without a file. */
export function importRules(into: Import, form: string): Json {
  const file = /filename="[^"]+\.ndjson"[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(form)?.[1]
  if (file === undefined) throw new EngineError(400, 'Invalid file extension')
  const lines = file.split('\n').filter((line) => line.trim() !== '')
  const rules = lines.map((line) => JSON.parse(line) as Members).filter((one) => 'name' in one)
  const errors = rules.flatMap((rule) => take(into, rule))
  return {
    exceptions_success: true,
    exceptions_success_count: 0,
    exceptions_errors: [],
    rules_count: rules.length,
    success: errors.length === 0,
    success_count: rules.length - errors.length,
    errors,
    action_connectors_errors: [],
    action_connectors_warnings: [],
    action_connectors_success: true,
    action_connectors_success_count: 0,
  }
}

function take({ stack, space, who, isOverwriting }: Import, rule: Members): readonly Json[] {
  const ruleId = textOf(rule['rule_id'])
  const { id: _, ...named } = rule
  try {
    const isKnown = seekRule(stack, space, { rule_id: ruleId }) !== undefined
    if (isKnown && isOverwriting) updateRule(stack, { space, who }, named, true)
    else createRule(stack, { space, who }, named)
    return []
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return [{ rule_id: ruleId, error: { status_code: error.status, message: error.message } }]
  }
}

export function exportRules(stack: Stack, space: string, asked: Members): string {
  const named = asked['objects'] as readonly { rule_id: string }[] | undefined
  const all = stack.rules.filter((rule) => rule.space === space)
  const chosen =
    named === undefined
      ? all
      : all.filter(({ body }) => named.some(({ rule_id: id }) => id === body['rule_id']))
  const missing = (named ?? []).filter(
    ({ rule_id: id }) => !chosen.some(({ body }) => body['rule_id'] === id),
  )
  const details = {
    exported_count: chosen.length,
    exported_rules_count: chosen.length,
    missing_rules: missing,
    missing_rules_count: missing.length,
  }
  return [...chosen.map(shown), details].map((line) => `${JSON.stringify(line)}\n`).join('')
}
