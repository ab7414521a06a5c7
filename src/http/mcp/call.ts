// One call of a tool: which tools a token has, what a call may do, and what becomes of it. A tool that
// the token may not use is answered like one that is not there.

import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/server'
import type { TokenBudgets } from '#domain/access/token-budget.ts'
import { forbidden } from '#kernel/error.ts'
import { respondTo } from '#http/api/operation.ts'
import { describeError, type Refusal } from '#http/error.ts'
import { recordCall } from './record.ts'
import { completenessOf, type Completeness } from './completeness.ts'
import { foreignIn } from './marks.ts'
import { toolRefusal, toolResult } from './result.ts'
import { readCall, type CallBase, type Tool } from './tool.ts'
import { TOOL_VERBS, TOOLS } from './tools.ts'

type ToolCall = ReturnType<typeof readCall>
type Arguments = Readonly<Record<string, unknown>>

/** The tools of one request. */
export interface Toolbox {
  readonly tools: readonly Tool[]
  readonly has: (name: string) => boolean
  /** Rejects with a protocol error for a tool that is not there; every other failure is a result. */
  readonly call: (name: string, given: Arguments) => Promise<CallToolResult>
  /** The bare answer, for what is shown in another form. Rejects with a protocol error. */
  readonly ask: (name: string, given: Arguments) => Promise<unknown>
}

export function openToolbox(base: CallBase, budgets: TokenBudgets): Toolbox {
  const tools = TOOLS.filter(({ verb }) => base.caller.verbs.has(verb))
  const find = (name: string) => tools.find((one) => one.name === name)
  const parts = { base, budgets }
  return {
    tools,
    has: (name) => find(name) !== undefined,
    async call(name, given) {
      const tool = find(name)
      const done = await attempt(parts, tool, given)
      if (done.kind === 'done') return done.result
      if (!tool && done.refusal.code === 'forbidden') throw invalidParams(NO_TOOL)
      return toolRefusal(done.refusal, {
        requestId: base.c.var.requestId,
        nonce: nonceOf(base),
      })
    },
    async ask(name, given) {
      const done = await attempt(parts, find(name), given)
      if (done.kind === 'done') return done.value
      throw invalidParams(done.refusal.detail)
    },
  }
}

const NO_TOOL = 'There is no tool of that name for this token.'

function invalidParams(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message)
}

interface Parts {
  readonly base: CallBase
  readonly budgets: TokenBudgets
}

type Attempt =
  | { readonly kind: 'done'; readonly result: CallToolResult; readonly value: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Within the budget, and told in the log however it ends. */
async function attempt(
  { base, budgets }: Parts,
  tool: Tool | undefined,
  given: Arguments,
): Promise<Attempt> {
  const { house, caller, holder } = base
  try {
    await budgets.take(house, caller, holder.token, { isSearch: tool?.name === 'start_search' })
    if (!tool) throw forbidden()
    const { result, value } = await run(tool, { ...base, caller: narrowed(base) }, given)
    await recordCall(base, { tool, given, result: value })
    const bytes = bytesOf(result)
    const left = await budgets.brought(house, caller, holder.token, { rows: rowsIn(value), bytes })
    return { kind: 'done', result: { ...result, _meta: { 'rulewright/budget': left } }, value }
  } catch (error) {
    const refusal = refusalOf(base, tool, error)
    await recordCall(base, { tool, given, refusal })
    return { kind: 'refused', refusal }
  }
}

/** Whatever stands behind a tool, it cannot do what no tool is for. */
function narrowed({ caller }: CallBase): CallBase['caller'] {
  const held: ReadonlySet<string> = TOOL_VERBS
  return { ...caller, verbs: new Set([...caller.verbs].filter((verb) => held.has(verb))) }
}

async function run(tool: Tool, base: CallBase, given: Arguments) {
  const call = readCall(tool, base, given)
  const value = hide(await respondTo(tool.operation, call), tool.hides ?? [])
  const completeness = await stateOf(tool, call, value)
  const untrusted = foreignIn(value, tool.foreign)
  return { result: toolResult({ value, completeness, untrusted, nonce: nonceOf(base) }), value }
}

const nonceOf = ({ house }: CallBase) => house.random(12).toString('hex')

/** Rows say nothing of the search they are of, which may still run. */
async function stateOf(tool: Tool, call: ToolCall, value: unknown): Promise<Completeness> {
  const own = completenessOf(value, { tool: tool.name, query: call.query })
  if (tool.name !== 'list_search_rows' || !own.complete) return own
  const search = TOOLS.find(({ name }) => name === 'get_search')!
  return completenessOf(await respondTo(search.operation, call), { tool: tool.name, query: {} })
}

function hide(value: unknown, names: readonly string[]): unknown {
  if (names.length === 0 || typeof value !== 'object' || value === null) return value
  if ('items' in value && Array.isArray(value.items)) {
    return { ...value, items: value.items.map((one) => hide(one, names)) }
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => !names.includes(key)))
}

/** What counts against the rows of a day: the things of a list, whatever it calls them. */
function rowsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const lengths = Object.values(value).map((one) => (Array.isArray(one) ? one.length : 0))
  return Math.max(0, ...lengths)
}

/** As it is sent once: texts and data are the same. */
function bytesOf({ content }: CallToolResult): number {
  return content.reduce(
    (sum, one) => sum + (one.type === 'text' ? Buffer.byteLength(one.text) : 0),
    0,
  )
}

function refusalOf({ c, house }: CallBase, tool: Tool | undefined, error: unknown): Refusal {
  const { holder, requestId } = c.var
  const refusal = describeError(error, holder)
  const where = { requestId, tool: tool?.name ?? null }
  if (refusal.code === 'bug') house.log.error({ ...where, err: error }, 'a tool met a bug')
  else if (refusal.status >= 500) house.log.warn({ ...where, err: error }, 'a tool failed')
  return refusal
}
