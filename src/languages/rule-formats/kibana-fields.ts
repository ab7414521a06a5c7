// Fields of a detection rule that Kibana keeps itself: no write names them and no rule file holds them.

/** Kibana's own, and how the rule is known there. */
export const SERVER_OWNED: ReadonlySet<string> = new Set([
  'id',
  'rule_id',
  'revision',
  'immutable',
  'rule_source',
  'created_at',
  'created_by',
  'updated_at',
  'updated_by',
  'execution_summary',
  'output_index',
  'outcome',
  'alias_target_id',
  'alias_purpose',
])
