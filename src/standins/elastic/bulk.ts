// One action over many rules. What fails in part is a 500 that says what failed; what changes nothing is
// skipped.

import type { Json } from '#kernel/json.ts'
import type { Members } from '#standins/opensearch/query.ts'
import { EngineError } from './errors.ts'
import { change, createRule, shown } from './rules.ts'
import { textOf } from './members.ts'
import type { KibanaRule, Stack } from './stack.ts'

export interface BulkRequest {
  readonly stack: Stack
  readonly space: string
  readonly who: string
  readonly isRehearsal: boolean
}

type Outcome = 'updated' | 'created' | 'deleted' | 'skipped'

const ACTIONS = new Set(['enable', 'disable', 'delete', 'duplicate', 'edit'])

export function bulkAction(request: BulkRequest, given: Members): Response {
  const { stack, space } = request
  const action = textOf(given['action'])
  if (!ACTIONS.has(action)) throw new EngineError(400, 'action: Invalid enum value')
  const ids = given['ids'] as readonly string[] | undefined
  const chosen = stack.rules.filter(
    (rule) =>
      rule.space === space &&
      (ids === undefined ? fitsQuery(rule, textOf(given['query'])) : ids.includes(rule.id)),
  )
  const missing = (ids ?? []).filter((id) => !chosen.some((rule) => rule.id === id))
  const results: Record<Outcome, Json[]> = { updated: [], created: [], deleted: [], skipped: [] }
  for (const rule of chosen) {
    const [outcome, told] = request.isRehearsal
      ? (['updated', shown(rule)] as const)
      : apply(request, rule, action, given)
    results[outcome].push(told)
  }
  return answer(results, missing, chosen.length + missing.length)
}

/** `alert.attributes.params.ruleId: "x"`; nothing asked is every rule. */
function fitsQuery({ body }: KibanaRule, query: string): boolean {
  const [, ruleId] = /ruleId:\s*"([^"]*)"/.exec(query) ?? []
  return ruleId === undefined || body['rule_id'] === ruleId
}

function apply(
  { stack, space, who }: BulkRequest,
  rule: KibanaRule,
  action: string,
  given: Members,
): readonly [Outcome, Json] {
  const { body, id } = rule
  const skipped = { id, name: body['name']!, skip_reason: 'RULE_NOT_MODIFIED' }
  switch (action) {
    case 'enable':
    case 'disable': {
      const enabled = action === 'enable'
      if (body['enabled'] === enabled) return ['skipped', skipped]
      rule.body = { ...body, enabled }
      if (enabled) rule.keyOf = who
      return ['updated', shown(rule)]
    }
    case 'delete':
      stack.rules = stack.rules.filter((other) => other !== rule)
      return ['deleted', shown(rule)]
    case 'duplicate': {
      const { rule_id: _, ...copied } = body
      const name = `${textOf(body['name'])} [Duplicate]`
      return ['created', createRule(stack, { space, who }, { ...copied, name, enabled: false })]
    }
    default: {
      const next = (given['edit'] as readonly Members[]).reduce(edited, body)
      if (JSON.stringify(next) === JSON.stringify(body)) return ['skipped', skipped]
      change(stack, rule, who, { ...next, version: Number(body['version']) + 1 })
      return ['updated', shown(rule)]
    }
  }
}

function edited(body: Members, { type, value }: Members): Members {
  const tags = body['tags'] as readonly string[]
  const named = value as readonly string[]
  switch (type) {
    case 'add_tags':
      return { ...body, tags: [...new Set([...tags, ...named])] }
    case 'delete_tags':
      return { ...body, tags: tags.filter((tag) => !named.includes(tag)) }
    case 'set_tags':
      return { ...body, tags: named }
    default:
      throw new EngineError(400, `edit: ${textOf(type)} is not known here`)
  }
}

function answer(
  results: Readonly<Record<Outcome, readonly Json[]>>,
  missing: readonly string[],
  total: number,
): Response {
  const skipped = results.skipped.length
  const summary = {
    failed: missing.length,
    skipped,
    succeeded: total - missing.length - skipped,
    total,
  }
  if (missing.length === 0) {
    return Response.json({ success: true, rules_count: total, attributes: { results, summary } })
  }
  const errors = [
    { message: 'Rule not found', status_code: 500, rules: missing.map((id) => ({ id })) },
  ]
  const message = total === missing.length ? 'Bulk edit failed' : 'Bulk edit partially failed'
  return Response.json(
    { message, status_code: 500, attributes: { errors, results, summary } },
    { status: 500 },
  )
}
