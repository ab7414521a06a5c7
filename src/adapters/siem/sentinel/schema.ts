// The tables of a workspace with their columns, as Log Analytics lists them.

import { z } from 'zod'
import { readAs } from '#adapters/siem/microsoft/client.ts'
import type { SchemaAnswer } from '#domain/targets/port.ts'
import type { SentinelAccess } from './access.ts'
import { explain } from './logs.ts'

const TABLES_MAX = 2_000
const COLUMNS_MAX = 2_000

const metadata = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string().default('') })).default([]),
    }),
  ),
})

export async function readSchema(
  { logsClient, settings }: SentinelAccess,
  signal: AbortSignal,
): Promise<SchemaAnswer> {
  const what = 'the tables of the workspace'
  const reply = await logsClient.send({
    path: `/v1/workspaces/${settings.workspaceId}/metadata`,
    query: { select: 'tables' },
    what,
    explain,
    signal,
  })
  const all = readAs(metadata, reply.body, { service: logsClient.service, what }).tables
  const tables = all.slice(0, TABLES_MAX).map(({ name, columns }) => ({
    name,
    columns: columns.slice(0, COLUMNS_MAX),
    lastSeenAt: null,
  }))
  const isCut = all.length > TABLES_MAX || all.some(({ columns }) => columns.length > COLUMNS_MAX)
  if (!isCut) return { tables, completeness: { kind: 'complete' } }
  const limit = `${TABLES_MAX.toLocaleString('en')} tables of ${COLUMNS_MAX.toLocaleString('en')} columns`
  return { tables, completeness: { kind: 'truncated', limit } }
}
