// One call of a tool: which tools a token has, what a call may do, and what becomes of it. A tool that
// the token may not use is answered like one that is not there.

import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/server'
import { describeError } from '#http/error.ts'
import { completenessOf, toolRefusal, toolResult, type Completeness } from './result.ts'
import { readCall, type CallBase, type Tool } from './tool.ts'
import { TOOL_VERBS, TOOLS } from './tools.ts'

export type Arguments = Readonly<Record<string, unknown>>

/** Those whose verb the token holds now. */
export function toolsOf({ caller }: CallBase): readonly Tool[] {
  return TOOLS.filter(({ verb }) => caller.verbs.has(verb))
}

/** Rejects with a protocol error for a tool that is not there; every other failure is a result. */
export async function callTool(
  base: CallBase,
  name: string,
  given: Arguments,
): Promise<CallToolResult> {
  const tool = toolsOf(base).find((one) => one.name === name)
  if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, NO_TOOL)
  try {
    return await run(tool, { ...base, caller: narrowed(base) }, given)
  } catch (error) {
    return refuse(base, tool, error)
  }
}

const NO_TOOL = 'There is no tool of that name for this token.'

/** Whatever stands behind a tool, it cannot do what no tool is for. */
function narrowed({ caller }: CallBase): CallBase['caller'] {
  const held: ReadonlySet<string> = TOOL_VERBS
  return { ...caller, verbs: new Set([...caller.verbs].filter((verb) => held.has(verb))) }
}

async function run(tool: Tool, base: CallBase, given: Arguments): Promise<CallToolResult> {
  const call = readCall(tool, base, given)
  const value = hide(await tool.operation.respond(call), tool.hides ?? [])
  const completeness = await stateOf(tool, call, value)
  return toolResult(value, completeness, base.house.random(12).toString('hex'))
}

/** Rows say nothing of the search they are of, which may still run. */
async function stateOf(
  tool: Tool,
  call: ReturnType<typeof readCall>,
  value: unknown,
): Promise<Completeness> {
  const own = completenessOf(value)
  if (tool.name !== 'list_search_rows' || own.kind !== 'complete') return own
  const search = TOOLS.find(({ name }) => name === 'get_search')!
  return completenessOf(await search.operation.respond(call))
}

function hide(value: unknown, names: readonly string[]): unknown {
  if (names.length === 0 || typeof value !== 'object' || value === null) return value
  if ('items' in value && Array.isArray(value.items)) {
    return { ...value, items: value.items.map((one) => hide(one, names)) }
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => !names.includes(key)))
}

function refuse({ c, house }: CallBase, tool: Tool, error: unknown): CallToolResult {
  const { holder, requestId } = c.var
  const refusal = describeError(error, holder)
  const where = { requestId, tool: tool.name }
  if (refusal.code === 'bug') house.log.error({ ...where, err: error }, 'a tool met a bug')
  else if (refusal.status >= 500) house.log.warn({ ...where, err: error }, 'a tool failed')
  return toolRefusal(refusal, requestId)
}
