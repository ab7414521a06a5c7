// What a handler finds on its context. Everything is put there by server.ts before a handler runs;
// nothing of it is read from anywhere else.

import type { Context } from 'hono'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session } from '#domain/access/session.ts'
import type { DeadToken, TokenHolder } from '#domain/access/tokens.ts'
import type { RequestId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'
import type { Caller } from '#platform/caller.ts'
import type { Client } from './client.ts'
import type { RequestRefusal } from './error.ts'
import type { Face } from './face.ts'
import type { Route } from './routes.ts'

export interface Env {
  Bindings: {
    readonly incoming: IncomingMessage
    readonly outgoing: ServerResponse
    /** Set when the request was refused before it had a URL one could route. */
    readonly refusal?: RequestRefusal
  }
  Variables: {
    house: House
    /** What pages are answered with. */
    face: Face
    /** Fresh for each answer, base64url: the policy header and every stamp of it carry this one. */
    nonce: string
    requestId: RequestId
    /** The person's end of the connection, behind trusted proxies. */
    client: Client
    /** The declared route; absent while none has matched. */
    route: Route | undefined
    /** Absent on public routes for a stranger. */
    session: Session | undefined
    /** The token of a program, on the doors that take one. */
    holder: TokenHolder | undefined
    /** Whether that token still opens something: for streams that outlive their request. */
    isHolderLive: () => Promise<boolean>
    /** A genuine token that was refused: for the log. */
    deadToken: DeadToken | undefined
    /** Absent on public routes. `callerOf(c)` asserts it. */
    caller: Caller | undefined
    /** The first configured public origin: what links outside a request are built from. */
    publicUrl: string
    /** Aborted when the server begins to stop: whatever streams must end on it. */
    stopping: AbortSignal
  }
}

export type HttpContext = Context<Env>
