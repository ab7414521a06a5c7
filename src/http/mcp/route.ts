// The one address of MCP clients. What speaks the protocol is loaded with the first of them.

import type { HttpContext } from '#http/env.ts'
import { mcpRoute, type Route } from '#http/routes.ts'

export function mcpRoutes(): readonly Route[] {
  let opened: Promise<(c: HttpContext) => Promise<Response>> | undefined
  const door = () => (opened ??= import('./serve.ts').then(({ openMcp }) => openMcp()))
  return [mcpRoute(async (c) => (await door())(c))]
}
