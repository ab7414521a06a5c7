// How Microsoft Graph refuses: a code, a sentence, and ids that support asks for.

import { randomUUID } from 'node:crypto'

export class GraphError extends Error {
  readonly status: number
  readonly code: string
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export function graphErrorReply(
  { status, code, message, retryAfterSeconds }: GraphError,
  now: number,
): Response {
  const id = randomUUID()
  const date = new Date(now).toISOString().slice(0, 19)
  const innerError = { date, 'request-id': id, 'client-request-id': id }
  return Response.json(
    { error: { code, message, innerError } },
    {
      status,
      headers: {
        'request-id': id,
        ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      },
    },
  )
}
