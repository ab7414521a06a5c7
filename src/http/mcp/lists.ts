// Lists of the protocol that are in memory, page by page. A page holds all there is today: some clients
// show a model the first page alone. What the lists hold depends on the token and on nothing that
// changes while it lives, so no change of a list is announced.

import {
  ProtocolError,
  ProtocolErrorCode,
  type ListPromptsResult,
  type ListToolsResult,
} from '@modelcontextprotocol/server'
import type { Toolbox } from './call.ts'
import { listPrompts } from './prompts.ts'
import type { Tool } from './tool.ts'

type ListedTool = ListToolsResult['tools'][0]

const PAGE_SIZE = 100

export function listTools({ tools }: Toolbox, cursor: string | undefined): ListToolsResult {
  const { items, ...rest } = pageOf(tools, cursor)
  return { tools: items.map(listed), ...rest }
}

export function promptsPage(box: Toolbox, cursor: string | undefined): ListPromptsResult {
  const { items, ...rest } = pageOf(listPrompts(box), cursor)
  return { prompts: items, ...rest }
}

/** A cursor is the name of the last item seen. Throws a protocol error for one of another list. */
export function pageOf<T extends { readonly name: string }>(
  all: readonly T[],
  cursor: string | undefined,
  size = PAGE_SIZE,
): { items: T[]; nextCursor?: string } {
  const seen = cursor === undefined ? 0 : all.findIndex(({ name }) => name === cursor) + 1
  if (cursor !== undefined && seen === 0) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'This cursor is not of this list. Begin again without one.',
    )
  }
  const items = all.slice(seen, seen + size)
  return { items, ...(seen + size < all.length && { nextCursor: items.at(-1)!.name }) }
}

const SHOWN = new WeakMap<Tool, ListedTool>()

function listed(tool: Tool): ListedTool {
  let shown = SHOWN.get(tool)
  if (!shown) SHOWN.set(tool, (shown = show(tool)))
  return shown
}

function show(tool: Tool): ListedTool {
  const { name, title, description, effect } = tool
  return {
    name,
    title,
    description,
    inputSchema: tool.inputSchema as ListedTool['inputSchema'],
    outputSchema: tool.outputSchema,
    annotations: {
      readOnlyHint: effect === 'reads',
      destructiveHint: false,
      idempotentHint: effect === 'reads' || tool.isIdempotent === true,
      openWorldHint: tool.asksTargets === true,
    },
  }
}
