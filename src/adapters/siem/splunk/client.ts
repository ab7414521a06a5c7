// Talks to one management port, and turns what it refuses into the product's words.

import type { Json } from '#kernel/json.ts'
import type { Connection } from '#domain/targets/port.ts'
import type { HttpMethod, OutboundReply } from '#platform/outbound-client.ts'
import { ofWrite } from '#platform/outbound-retry.ts'
import { failureOf } from './failures.ts'
import { bodyOf, feed, readAs } from './replies.ts'
import { openSession } from './session.ts'

export interface SplunkCall {
  readonly method?: HttpMethod
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly effect?: 'read' | 'write'
  /** What is asked, for a person: "the search". */
  readonly what: string
  /** Statuses that are an answer here and no failure. */
  readonly accepts?: readonly number[]
  readonly firstByteMs?: number
  readonly signal: AbortSignal
}

export interface SplunkReply {
  readonly status: number
  readonly headers: OutboundReply['headers']
  /** null where the answer is empty or none of splunkd's. */
  readonly body: Json | null
}

export interface SplunkClient {
  /** Throws AppError for every status from 300 on that the call does not accept. */
  send(call: SplunkCall): Promise<SplunkReply>
  /** Asked once. */
  version(signal: AbortSignal): Promise<SplunkVersion>
}

export interface SplunkVersion {
  readonly text: string
  /** Search jobs of the second version: results are asked for with a form of any length. */
  readonly hasV2: boolean
}

export function openClient(connection: Connection): SplunkClient {
  const authorized = openSession(connection)
  let version: Promise<SplunkVersion> | undefined

  const send = async (call: SplunkCall): Promise<SplunkReply> => {
    const reply = await authorized(call)
    const isFine = reply.status < 300 || (call.accepts?.includes(reply.status) ?? false)
    if (!isFine)
      throw ofWrite(failureOf(reply, call.what), { effect: call.effect, status: reply.status })
    return { status: reply.status, headers: reply.headers, body: bodyOf(reply) }
  }
  return {
    send,
    version: (signal) =>
      (version ??= readVersion(send, signal).catch((error: unknown) => {
        version = undefined
        throw error
      })),
  }
}

async function readVersion(
  send: SplunkClient['send'],
  signal: AbortSignal,
): Promise<SplunkVersion> {
  const what = 'who it is'
  const reply = await send({ path: '/services/server/info', what, signal })
  const { generator } = readAs(feed, reply.body, what)
  const text = generator?.version ?? ''
  return { text, hasV2: hasV2(text, generator?.instance_type === 'cloud') }
}

/** From 9.0.2 on, in the cloud from 9.0.2209; older ones know the first version alone. */
function hasV2(version: string, isCloud: boolean): boolean {
  const parts = version.split('.').map(Number)
  const least = isCloud ? [9, 0, 2_209] : [9, 0, 2]
  for (const [at, wanted] of least.entries()) {
    const part = parts[at] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}
