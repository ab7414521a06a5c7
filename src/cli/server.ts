// A server as a program on somebody's machine speaks to it: REST with a token that stands in the
// environment or a file, never in the arguments, where other people of the machine could read it.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '#kernel/error.ts'
import { MINUTE, SECOND } from '#kernel/time.ts'
import { sendRequest } from '#platform/outbound-socket.ts'
import { type Arguments, textFlag } from './command.ts'
import type { Shell } from './shell.ts'

export const SERVER_FLAG = {
  server: { value: 'URL', about: 'the address of the server', isRequired: true },
} as const

/** Compiling a batch of rules takes seconds. */
const ANSWER_LIMIT_MS = 2 * MINUTE
const TRIES_MAX = 6

export interface Server {
  get(place: string): Promise<unknown>
  post(place: string, body: unknown): Promise<unknown>
  /** A ZIP file as the body. */
  postArchive(place: string, bytes: Uint8Array): Promise<unknown>
}

/** Throws `invalid` for an address or token that cannot be one. */
export async function openServer(shell: Shell, args: Arguments): Promise<Server> {
  const base = addressOf(textFlag(args, 'server') ?? '')
  const token = await readToken(shell)
  const ask = async (method: 'GET' | 'POST', place: string, sent: Sent = {}): Promise<unknown> => {
    const url = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1${place}`, base)
    const { type, body } = sent
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      ...(type !== undefined && { 'Content-Type': type }),
    }
    const request = {
      method,
      url,
      headers,
      ...(body !== undefined && { body }),
      timeoutMs: ANSWER_LIMIT_MS,
      signal: shell.signal,
    }
    for (let tries = 1; ; tries++) {
      const { status, headers: told, text } = await sendRequest(request)
      if (status >= 200 && status < 300) return readJson(base, text)
      const isBusy = status === 429 || status === 503
      if (!isBusy || tries === TRIES_MAX) throw refusalOf(base, status, text)
      // Refused before anything was done, so it may be asked again.
      const seconds = Math.min(Number(told['retry-after'] ?? 1) || 1, 30)
      await wait(seconds * SECOND, undefined, { signal: shell.signal })
    }
  }
  return {
    get: (place) => ask('GET', place),
    post: (place, body) => ask('POST', place, jsonOf(body)),
    postArchive: (place, bytes) => ask('POST', place, { type: 'application/zip', body: bytes }),
  }
}

interface Sent {
  readonly type?: string
  readonly body?: string | Uint8Array
}

function jsonOf(body: unknown): Sent {
  return body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new AppError('invalid', `--server ${text} is no address such as https://rules.example`)
  }
  return url
}

async function readToken({ env, cwd }: Shell): Promise<string> {
  const file = env.RULEWRIGHT_TOKEN_FILE
  const text =
    file === undefined ? env.RULEWRIGHT_TOKEN : await readTokenFile(path.resolve(cwd, file))
  const token = text?.trim() ?? ''
  if (/^rw_[\w-]{8,500}$/.test(token)) return token
  const message = 'set RULEWRIGHT_TOKEN or RULEWRIGHT_TOKEN_FILE to a token of the workspace'
  throw new AppError('invalid', token === '' ? message : `that is no token; ${message}`)
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new AppError('invalid', `${file}, which RULEWRIGHT_TOKEN_FILE names, cannot be read`, {
      cause,
    })
  }
}

function readJson({ origin }: URL, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('upstream', `${origin} does not answer as this product does.`, { cause })
  }
}

function refusalOf({ origin }: URL, status: number, text: string): AppError {
  return new AppError(codeOf(status), `${origin}: ${detailOf(text) ?? `answered ${status}`}`)
}

function codeOf(status: number): 'unauthenticated' | 'forbidden' | 'upstream' | 'invalid' {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  return status === 429 || status >= 500 ? 'upstream' : 'invalid'
}

/** Of a problem as this product tells it; a proxy may answer with anything. */
function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown }
    return typeof detail === 'string' && detail !== '' ? detail : undefined
  } catch {
    return undefined
  }
}
