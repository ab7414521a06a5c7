// How Azure's services refuse: an error with a code and a message, and the cause inside.

import type { Json } from '#kernel/json.ts'

export class AzureError extends Error {
  readonly status: number
  readonly code: string
  readonly more: { readonly [key: string]: Json }

  constructor(status: number, code: string, message: string, more = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }
}

export function azureReply({ status, code, message, more }: AzureError): Response {
  return Response.json({ error: { code, message, ...more } }, { status })
}
