// How OpenSearch refuses: an error with a type and a reason, repeated as its root cause.

export class OpensearchError extends Error {
  readonly status: number
  readonly type: string

  constructor(status: number, type: string, reason: string) {
    super(reason)
    this.status = status
    this.type = type
  }
}

export function errorReply({ status, type, message }: OpensearchError): Response {
  const cause = { type, reason: message }
  return Response.json({ error: { root_cause: [cause], ...cause }, status }, { status })
}
