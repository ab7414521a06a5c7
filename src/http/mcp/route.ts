// The one address of MCP clients. What speaks the protocol is loaded with the first of them.

import { mcpRoute, type Route } from '#http/routes.ts'

export function mcpRoutes(): readonly Route[] {
  return [mcpRoute(async (c) => (await import('./serve.ts')).serveMcp(c))]
}
