// What a Kusto query may not do. The endpoint that runs queries cannot change data, but a query can
// fetch from and send to the outside, run scripts and read other workspaces. Operators, plug-ins and
// functions come from lists of what only reads: what is not in them is an unknown effect.

import type { Effect, Range } from '#languages/query.ts'
import { knownFunctions } from './functions.ts'
import { builtIns } from './microsoft.ts'
import type { KustoOperator, KustoQuery } from './tree.ts'
import { walkQuery } from './walk.ts'

type Kind = Effect['kind']

interface Reach {
  readonly kind: Kind
  readonly why: string
  readonly names: string
}

const REACHES: readonly Reach[] = [
  {
    kind: 'crosses',
    why: 'Reads beyond this workspace.',
    names: 'cluster database workspace app resource adx arg entity_group',
  },
  {
    kind: 'fetches',
    why: 'Reads data kept outside the workspace.',
    names: 'external_table stored_query_result',
  },
  { kind: 'executes', why: 'Runs a script over the rows.', names: 'python r csharp' },
  {
    kind: 'sends',
    why: 'Sends the text of rows to a model.',
    names: 'ai_embed_text ai_embeddings ai_chat_completion ai_chat_completion_prompt',
  },
  { kind: 'sends', why: 'Posts to an address outside.', names: 'http_request_post' },
  {
    kind: 'fetches',
    why: 'Fetches data from an address outside.',
    names: `http_request sql_request mysql_request postgresql_request cosmosdb_sql_request
      azure_digital_twins_query_request infer_storage_schema infer_storage_schema_with_suggestions`,
  },
]

const REACHING: ReadonlyMap<string, Reach> = new Map(
  REACHES.flatMap((reach) => reach.names.split(/\s+/).map((name) => [name, reach] as const)),
)

/** Plug-ins that only compute. */
const PLUGINS = new Set(
  `active_users_count activity_counts_metrics activity_engagement activity_metrics autocluster
   bag_unpack basket dcount_intersect diffpatterns diffpatterns_text funnel_sequence
   funnel_sequence_completion geo_line_lookup geo_polygon_lookup identity identity_v3 ipv4_lookup
   ipv6_lookup narrow new_activity_metrics pivot preview rolling_percentile rows_near schema_merge
   sequence_detect session_count sliding_window_counts`.split(/\s+/),
)
/** Operators without a node of their own that only compute. */
const OPERATORS = new Set(
  `as assert-schema consume facet fork getschema graph-mark-components graph-match
   graph-shortest-paths graph-to-table graph-where-edges graph-where-nodes make-graph parse-kv
   partition project-by-names reduce sample-distinct scan top-hitters top-nested`.split(/\s+/),
)

export function effectsOf(query: KustoQuery, own: readonly string[]): readonly Effect[] {
  const found: Effect[] = []
  const add = (kind: Kind, name: string, why: string, { start, end }: Range) =>
    found.push({ kind, name, why, start, end })
  const declared = new Set([...namesDeclared(query), ...own])
  for (const node of walkQuery(query)) {
    if (node.kind === 'externaldata') {
      add('fetches', 'externaldata', 'Fetches a file from an address outside.', node)
    } else if (node.kind === 'directive' && node.name === 'alias') {
      add('crosses', 'alias', 'Gives another database a name.', node)
    } else if (node.kind === 'evaluate' && node.name === 'evaluate') {
      const { call } = node
      const name = call.kind === 'call' ? call.name : ''
      if (PLUGINS.has(name.toLowerCase()) || REACHING.has(name.toLowerCase())) continue
      add('unknown', name, 'This plug-in is not known to read only.', node.call)
    } else if (node.kind === 'other' && 'options' in node && !isKnownOperator(node)) {
      add('unknown', node.name, 'This operator is not known to read only.', node.nameRange)
    } else if (node.kind === 'call') {
      const reaching = REACHING.get(node.name.toLowerCase())
      if (reaching) add(reaching.kind, node.name, reaching.why, node.nameRange)
      else if (!isKnownFunction(node.name) && !declared.has(node.name)) {
        add('unknown', node.name, 'A function of the workspace may hold anything.', node.nameRange)
      }
    } else if (
      node.kind === 'name' &&
      node.referent === 'function' &&
      !isKnownFunction(node.name)
    ) {
      if (!declared.has(node.name))
        add('unknown', node.name, 'A function of the workspace may hold anything.', node)
    }
  }
  return found
}

function isKnownOperator({ name }: KustoOperator): boolean {
  return OPERATORS.has(name)
}

let builtInNames: ReadonlySet<string> | undefined

function isKnownFunction(name: string): boolean {
  builtInNames ??= new Set([
    ...[...builtIns('Functions'), ...builtIns('Aggregates')].map((one) => one.Name.toLowerCase()),
    ...PLUGINS,
    'table',
    'materialized_view',
    'toscalar',
  ])
  return builtInNames.has(name.toLowerCase()) || knownFunctions().has(name.toLowerCase())
}

function namesDeclared(query: KustoQuery): readonly string[] {
  const names: string[] = []
  for (const node of walkQuery(query)) {
    if (node.kind === 'let') names.push(node.name.name)
    if (node.kind === 'function') names.push(...node.parameters.map((one) => one.name.name))
  }
  return names
}
