// Microsoft Defender XDR as the product's port: advanced hunting and custom detections, through Microsoft
// Graph.

import { dryAnswer, withEvents } from '#adapters/siem/microsoft/dry-run.ts'
import { skewOf } from '#adapters/siem/microsoft/client.ts'
import { expiryOf, identityOf } from '#adapters/siem/microsoft/sign-in.ts'
import { validateKusto } from '#adapters/siem/microsoft/validate.ts'
import type {
  CheckAnswer,
  Connection,
  SchemaAnswer,
  SiemPort,
  TargetQuery,
  TestAnswer,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import { addMs, DAY, SECOND } from '#kernel/time.ts'
import { columnsOfTable, huntingTables, TABLES_AS_OF } from '#languages/kusto/tables.ts'
import { openGraph, type GraphClient } from './client.ts'
import { openHealth } from './health.ts'
import { hunt } from './hunting.ts'
import { permittedBy, readPrivileges } from './privileges.ts'
import { openRules } from './rules.ts'
import { openSearch } from './search.ts'
import { defenderSettings } from './settings.ts'

/** Throws `invalid` for settings that are none of Defender's, `unsupported` for a credential of no app. */
export function openDefender(connection: Connection): SiemPort {
  const read = defenderSettings.safeParse(connection.settings)
  if (!read.success) {
    throw new AppError('invalid', 'The settings of this target do not fit Defender.', {
      cause: read.error,
    })
  }
  const client = openGraph(connection, read.data)
  return {
    kind: 'defender',
    check: (signal) => check(client, connection, signal),
    privileges: (need, signal) => readPrivileges(client, need, signal),
    schema: async () => schema(),
    validate: (query, signal) => validate(client, connection, query, signal),
    search: openSearch(client, connection),
    rules: openRules(client),
    health: openHealth(client),
    test: (query, events, signal) => test(client, connection, { query, events }, signal),
  }
}

async function check(
  client: GraphClient,
  { now, credential }: Connection,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const token = await client.token(signal, { isFresh: true })
  const may = permittedBy(token)
  const asked = now()
  const reply = await client.send({
    path: '/beta/security/rules/detectionRules?$top=1',
    what: 'whether it is there',
    // Some clouds have no custom detections; and an app that only hunts is no stranger to Graph.
    accepts: may.hunt && !may.rules ? [403, 404] : [404],
    signal,
  })
  return {
    product: 'Microsoft Defender XDR',
    version: null,
    identity: identityOf(token),
    clockSkewMs: skewOf(reply.headers, asked),
    expiresAt: expiryOf(credential),
  }
}

/** As Microsoft publishes it: asking every table for its columns would use up a tenant's calls. */
function schema(): SchemaAnswer {
  const tables = huntingTables().map((name) => ({
    name,
    columns: [...(columnsOfTable(name) ?? [])].map(([column, type]) => ({ name: column, type })),
    lastSeenAt: null,
  }))
  const reason = `Tables and columns are those that Microsoft had published by ${TABLES_AS_OF}; which of them this tenant fills is not known.`
  return { tables, completeness: { kind: 'partial', reason } }
}

function validate(
  client: GraphClient,
  { readKusto, now }: Connection,
  { text }: TargetQuery,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const run = (query: string) => {
    const call = { text: query, from: addMs(now(), -SECOND), to: now(), what: 'the query' }
    return hunt(client, call, signal)
  }
  return validateKusto({ text, readKusto, area: 'defender', service: 'Defender', run })
}

/** On Defender's own engine, which keeps none of the events. */
async function test(
  client: GraphClient,
  { readKusto, now }: Connection,
  { query, events }: { readonly query: TargetQuery; readonly events: readonly Json[] },
  signal: AbortSignal,
): Promise<TestAnswer> {
  const at = now()
  const text = await withEvents(readKusto, { text: query.text, events, now: at })
  const call = { text, from: addMs(at, -30 * DAY), to: at, what: 'the test' }
  return dryAnswer(await hunt(client, call, signal))
}
