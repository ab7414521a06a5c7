// Bytes that mean harm, at each door that programs come in by: REST, MCP and SCIM. A door answers each in its
// own words, is never met with a fault of ours, and lets the next one in.

import assert from 'node:assert/strict'
import { startProgram } from './api.ts'
import { exchange } from './raw-http.ts'
import { startDirectory } from './scim.ts'
import type { TestApp } from './start-app.ts'

export interface HostileBody {
  readonly name: string
  readonly bytes: Uint8Array
  /** Whether it is JSON, as far as its source says. */
  readonly isJson?: boolean | undefined
}

export interface ProgramDoor {
  readonly name: string
  readonly method: 'POST' | 'PATCH' | 'PUT'
  readonly path: string
  readonly token: string
  /** Of a refusal at this door. */
  readonly type: RegExp
  /** Something it takes: sent after all else. */
  readonly fine: string
}

const PROBLEM = /^application\/problem\+json/

/** With what a test asks too fast for lifted: `UNHURRIED` of the app's environment. */
export const UNHURRIED = {
  RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '100000',
  RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '100000',
  RULEWRIGHT_SERVER_WORKSPACE_REQUESTS_PER_SECOND_MAX: '100000',
}

export async function openProgramDoors(app: TestApp): Promise<readonly ProgramDoor[]> {
  const { text: token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const agent = await startProgram(app, app.cast.ada, { scopes: ['admin'], kind: 'mcp' })
  const directory = await startDirectory(app)
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const rest = { token, type: PROBLEM, method: 'POST' } as const
  const scim = { token: directory.token, type: /^application\/scim\+json/ } as const
  const lint = JSON.stringify({ rules: [{ text: 'title: A' }] })
  const user = JSON.stringify({ userName: 'fine@acme.example' })
  return [
    { ...rest, name: 'REST, a question', path: '/api/v1/rules/lint', fine: lint },
    {
      ...rest,
      name: 'REST, a write',
      path: '/api/v1/groups',
      fine: JSON.stringify({ slug: 'fine', name: 'Fine' }),
    },
    {
      name: 'MCP',
      method: 'POST',
      path: '/mcp',
      token: agent.text,
      type: /^application\/(?:problem\+)?json/,
      fine: JSON.stringify(list),
    },
    { ...scim, name: 'SCIM', method: 'POST', path: '/scim/v2/Users', fine: user },
  ]
}

/** Every body is refused, in the door's own form, or taken; no prototype is changed, and the door stays open. */
export async function sendHostile(
  app: TestApp,
  door: ProgramDoor,
  bodies: readonly HostileBody[],
): Promise<void> {
  for (const { name, bytes, isJson } of bodies) {
    app.clock.advance(1_000) // a directory asks so much a second
    const answer = await send(app, door, Buffer.from(bytes))
    const text = await answer.text()
    const what = `${door.name}, ${name}: ${answer.status} ${text.slice(0, 200)}`
    assert.ok(answer.status < 500, what)
    if (isJson === false) assert.ok(answer.status >= 400, what)
    if (answer.status < 400) continue
    assert.match(answer.headers.get('content-type') ?? '', door.type, what)
    assert.doesNotMatch(text, /at \w+ \(|node:internal|SQLITE|\/src\//, what)
  }
  assert.equal(({} as Record<string, unknown>)['isAdmin'], undefined, 'no prototype is changed')
  app.clock.advance(1_000)
  const last = await send(app, door, door.fine)
  assert.ok(last.ok, `${door.name} after all: ${last.status} ${await last.text()}`)
}

function send(app: TestApp, { method, path, token }: ProgramDoor, body: string | Buffer) {
  return app.fetch(path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': path.startsWith('/scim') ? 'application/scim+json' : 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body,
  })
}

/** A request as bytes: `/` and the host it names are made the door's, so that nothing but the trick is odd. */
export async function sendRaw(app: TestApp, door: ProgramDoor, request: Uint8Array) {
  const { host, port } = new URL(app.url)
  const text = Buffer.from(request).toString('latin1')
  const at = text
    .replace(/^(\w+) \/ /, `$1 ${door.path} `)
    .replace(/^(Host: )x(\r?\n)/im, `$1${host}$2Authorization: Bearer ${door.token}$2`)
  return exchange(Number(port), Buffer.from(at, 'latin1'))
}
