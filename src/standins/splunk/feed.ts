// How splunkd answers: Atom feeds as JSON, and messages. Errors are XML to whoever did not ask for JSON.

import type { Json } from '#kernel/json.ts'
import type { Estate } from './estate.ts'

export type MessageType = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'

export interface Message {
  readonly type: MessageType
  readonly text: string
}

export interface FeedEntry {
  readonly name: string
  readonly content: Json
  readonly path: string
  readonly updated?: string
  readonly author?: string
  readonly acl?: Json
}

/** Refuses a request; routes throw it. */
export class SplunkError extends Error {
  readonly status: number
  readonly messages: readonly Message[]

  constructor(status: number, text: string, type: MessageType = 'ERROR') {
    super(text)
    this.status = status
    this.messages = [{ type, text }]
  }
}

export function errorReply(error: SplunkError, isJson: boolean): Response {
  const { status, messages } = error
  if (isJson) return Response.json({ messages }, { status })
  const lines = messages.map(({ type, text }) => `    <msg type="${type}">${escape(text)}</msg>`)
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<response>\n  <messages>\n${lines.join('\n')}\n  </messages>\n</response>\n`
  return new Response(xml, { status, headers: { 'content-type': 'text/xml; charset=UTF-8' } })
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const NO_ACL = {
  app: '',
  can_list: true,
  can_write: true,
  modifiable: false,
  owner: 'system',
  perms: { read: ['*'], write: [] },
  removable: false,
  sharing: 'system',
}

export function feed(
  estate: Estate,
  path: string,
  entries: readonly FeedEntry[],
  paging = { total: entries.length, perPage: entries.length, offset: 0 },
): Json {
  const updated = new Date(estate.clock.now()).toISOString().replace(/\.\d+Z$/, '+00:00')
  const host = `https://${estate.serverName}:8089`
  return {
    links: { create: `${path}/_new` },
    origin: `${host}${path}`,
    updated,
    generator: { build: '0b8d769cb912', version: estate.version },
    entry: entries.map((entry) => ({
      name: entry.name,
      id: `${host}${entry.path}`,
      updated: entry.updated ?? '1970-01-01T00:00:00+00:00',
      links: { alternate: entry.path, list: entry.path, edit: entry.path, remove: entry.path },
      author: entry.author ?? 'system',
      acl: entry.acl ?? NO_ACL,
      fields: { required: [], optional: [], wildcard: [] },
      content: entry.content,
    })),
    paging,
    messages: [],
  }
}
