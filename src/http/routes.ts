// Every door of the product, declared once: method, path, who may pass, handler. Deny by default: a
// route names the verb it needs; the few that need none say so by the function that declares them.
// `rulewright routes --json` prints this table and a test compares it with what answers.

import type { Handler } from 'hono'
import type { Verb } from '#domain/access/permission.ts'
import { assert } from '#kernel/error.ts'
import { BODY_BYTES_MAX } from '#kernel/limits.ts'
import type { Env, HttpContext } from './env.ts'

export type Door = 'page' | 'api' | 'mcp' | 'public'
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A verb of the workspace in the path; any session; or nothing at all. */
export type Permission = Verb | 'signed-in' | 'public'

export interface Route {
  readonly method: Method
  /** Hono's pattern: `/w/:slug/jobs/:id`. */
  readonly path: string
  readonly door: Door
  readonly permission: Permission
  readonly handler: Handler<Env>
  readonly bodyBytesMax: number
  /**
   * True only for a public route that reads no cookie and is meant for other sites (a back-channel
   * logout): then a write from elsewhere is let in.
   */
  readonly takesForeignWrites: boolean
  /** Asked often and by machines: its requests are logged at debug only. */
  readonly isQuiet: boolean
  /**
   * It touches credentials, policies, tokens or roles: whoever has not proved who they are within the
   * last minutes does so first, at `/account/prove`; for a token, the person behind it.
   */
  readonly needsProof: boolean
}

export type RouteOptions = Partial<
  Pick<Route, 'bodyBytesMax' | 'takesForeignWrites' | 'isQuiet' | 'needsProof'>
>

/** A page or form of a workspace (`/w/:slug/…`), or of the instance for verbs of the owner. */
export function pageRoute(
  method: Method,
  path: string,
  permission: Verb | 'signed-in',
  handler: Handler<Env>,
  options?: RouteOptions,
): Route {
  return makeRoute({ method, path, door: 'page', permission, handler, ...options })
}

type Page = (c: HttpContext) => Promise<Response>

/**
 * Handlers of a file that its first reader loads: what such pages bring along (compilers, readers of
 * rules) is not for the start. The file exports handlers and nothing else.
 */
export function handlersOf<Pages extends { readonly [Name in keyof Pages]: Page }>(
  load: () => Promise<Pages>,
): (name: keyof Pages) => Page {
  return (name) => async (c) => (await load())[name](c)
}

/** JSON under `/api/v1`, for bearer tokens. */
export function apiRoute(
  method: Method,
  path: string,
  permission: Verb,
  handler: Handler<Env>,
  options?: RouteOptions,
): Route {
  assert(path.startsWith('/api/'), 'JSON routes live under /api')
  return makeRoute({ method, path, door: 'api', permission, handler, ...options })
}

/** Where MCP clients come in, each with a token for that. */
export function mcpRoute(handler: Handler<Env>): Route {
  const permission = 'workspace.read'
  return makeRoute({ method: 'POST', path: '/mcp', door: 'mcp', permission, handler })
}

/** Anyone may call it, signed in or not. Each one is on the list that a test keeps. */
export function publicRoute(
  method: Method,
  path: string,
  handler: Handler<Env>,
  options?: RouteOptions,
): Route {
  return makeRoute({ method, path, door: 'public', permission: 'public', handler, ...options })
}

function makeRoute(given: Omit<Route, keyof RouteOptions> & RouteOptions): Route {
  assert(given.path.startsWith('/'), 'a path starts with a slash')
  return Object.freeze({
    bodyBytesMax: BODY_BYTES_MAX,
    takesForeignWrites: false,
    isQuiet: false,
    needsProof: false,
    ...given,
  })
}

export interface RouteRow {
  readonly method: Method
  /** As people write it: `/w/{slug}/jobs/{id}`. */
  readonly path: string
  readonly door: Door
  readonly permission: Permission
}

/** The table as `routes --json` prints it, by path, then method. Throws `Bug` for a route declared twice. */
export function describeRoutes(routes: readonly Route[]): readonly RouteRow[] {
  const rows = routes.map(({ method, path, door, permission }) => ({
    method,
    path: path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}'),
    door,
    permission,
  }))
  rows.sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
  rows.forEach((row, index) => {
    const before = rows[index - 1]
    const isTwice = before?.path === row.path && before.method === row.method
    assert(!isTwice, `${row.method} ${row.path} is declared twice`)
  })
  return rows
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
