// Microsoft Graph as this adapter asks it: signed in as an app, refusals told of Defender.

import type { z } from 'zod'
import {
  openClient,
  readAs as readReply,
  type MicrosoftCall,
  type MicrosoftReply,
} from '#adapters/siem/microsoft/client.ts'
import { scopeOf } from '#adapters/siem/microsoft/cloud.ts'
import { openSignIn } from '#adapters/siem/microsoft/sign-in.ts'
import type { Connection } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { refusalOf } from './failures.ts'
import type { DefenderSettings } from './settings.ts'

export type GraphCall = Omit<MicrosoftCall, 'explain'>
export type GraphReply = MicrosoftReply

export interface GraphClient {
  /** Throws AppError for every status from 300 on that the call does not accept. */
  send(call: GraphCall): Promise<GraphReply>
  /** What calls are made with; `isFresh` makes a new one. */
  token(signal: AbortSignal, options?: { readonly isFresh?: boolean }): Promise<string>
}

const SERVICE = 'Defender'

export function openGraph(connection: Connection, settings: DefenderSettings): GraphClient {
  const signIn = openSignIn(connection, settings)
  const scope = scopeOf(settings, 'graph')
  const outbound = connection.client('graph')
  const client = openClient({ outbound, signIn, scope, service: SERVICE, area: 'defender' })
  return {
    token: (signal, options) => signIn.token(scope, signal, options),
    send: (call) => client.send({ ...call, explain: (...said) => refusalOf(call.what, ...said) }),
  }
}

/** Throws `upstream`: another version, a proxy, or an answer that was cut. */
export function readAs<S extends z.ZodType>(
  schema: S,
  value: Json | null,
  what: string,
): z.output<S> {
  return readReply(schema, value, { service: SERVICE, what })
}
