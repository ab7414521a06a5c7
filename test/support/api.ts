// Programs in a test: tokens of the cast, and requests with them.

import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { Scope } from '#domain/access/token-scope.ts'
import type { ApiToken } from '#domain/access/token.ts'
import { readAudit } from '#domain/audit/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { GroupId, TargetId } from '#kernel/id.ts'
import type { AuditItem } from '#platform/audit/list.ts'
import type { CastMember, TestApp } from './start-app.ts'

export interface Program {
  readonly token: ApiToken
  readonly text: string
  /** A request below `/api/v1` with the token; a body is sent as JSON. */
  readonly call: (path: string, init?: ProgramRequest) => Promise<Response>
}

export interface ProgramRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: string
}

interface ProgramOptions {
  readonly scopes: readonly Scope[]
  readonly workspace?: Workspace
  readonly days?: number
  readonly networks?: readonly string[]
  readonly kind?: 'pat' | 'mcp'
  readonly name?: string
  readonly targets?: readonly TargetId[]
  readonly groups?: readonly GroupId[]
}

/** A program with a token of this person. */
export async function startProgram(
  app: TestApp,
  person: CastMember,
  {
    scopes,
    workspace = app.acme,
    days = 90,
    networks = [],
    targets = [],
    groups = [],
    kind = 'pat',
    name = 'A pipeline',
  }: ProgramOptions,
): Promise<Program> {
  const caller = systemCaller(app.house, 'test', undefined, workspace.id)
  const maker = await getMaker(app.house, caller, person.userId)
  const input = {
    name,
    kind,
    scopes: [...scopes],
    days,
    networks: [...networks],
    targets: [...targets],
    groups: [...groups],
  }
  const { token, text } = await addToken(app.house, caller, maker, input)
  return { token, text, call: (path, request) => callWith(app, text, path, request) }
}

export function callWith(
  app: TestApp,
  text: string,
  path: string,
  { method, headers, json, body }: ProgramRequest = {},
): Promise<Response> {
  const sent = json === undefined ? body : JSON.stringify(json)
  return app.fetch(`/api/v1${path}`, {
    method: method ?? (sent === undefined ? 'GET' : 'POST'),
    headers: {
      Authorization: `Bearer ${text}`,
      ...(sent !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent }),
  })
}

/** What the log of a workspace holds, newest first. */
export async function entriesOf(app: TestApp, workspace: Workspace): Promise<readonly AuditItem[]> {
  await app.house.audit.checkpoint()
  const caller = systemCaller(app.house, 'test', undefined, workspace.id)
  return (await readAudit(app.house, caller, {}, { limit: 500 })).items
}
