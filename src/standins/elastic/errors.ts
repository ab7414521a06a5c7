// The three ways in which Elastic refuses: Elasticsearch with a type and a reason, Kibana's platform with
// `statusCode`, and its detection engine with `status_code` and a message that may be a list.

import type { Json } from '#kernel/json.ts'

export class ElasticError extends Error {
  readonly status: number
  readonly type: string

  constructor(status: number, type: string, reason: string) {
    super(reason)
    this.status = status
    this.type = type
  }
}

export class PlatformError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export class EngineError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
}

/** Throws what is none of the three. */
export function errorReply(error: unknown): Response {
  if (error instanceof ElasticError) {
    return Response.json(elasticBody(error), { status: error.status })
  }
  if (error instanceof PlatformError) {
    const { status, message } = error
    const body = { statusCode: status, error: TITLES[status] ?? 'Error', message }
    return Response.json(body, { status })
  }
  if (error instanceof EngineError) {
    const { status, message } = error
    return Response.json({ message, status_code: status }, { status })
  }
  throw error
}

function elasticBody({ status, type, message }: ElasticError): Json {
  const cause = { type, reason: message }
  return { error: { root_cause: [cause], ...cause }, status }
}
