// The session cookie. On https it is `__Host-session`, which a browser keeps only with Secure, for
// this host alone and for the whole of it; on plain http, which is allowed on loopback or by an
// explicit setting, it is `session`. Only the one that fits the connection is read.

import type { HttpContext } from './env.ts'

const SECURE_NAME = '__Host-session'
const PLAIN_NAME = 'session'
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax'

/** Undefined when absent, or when two are sent: then somebody else planted one of them. */
export function readSessionCookie(c: HttpContext): string | undefined {
  const header = c.req.header('Cookie')
  if (header === undefined) return undefined
  const wanted = `${c.var.client.isSecure ? SECURE_NAME : PLAIN_NAME}=`
  const found = header.split(';').flatMap((pair) => {
    const text = pair.trim()
    return text.startsWith(wanted) ? [text.slice(wanted.length)] : []
  })
  return found.length === 1 ? found[0] : undefined
}

export function setSessionCookie(c: HttpContext, token: string): void {
  c.header('Set-Cookie', `${nameFor(c)}=${token}; ${attributesFor(c)}`, { append: true })
}

export function clearSessionCookie(c: HttpContext): void {
  c.header('Set-Cookie', `${nameFor(c)}=; ${attributesFor(c)}; Max-Age=0`, { append: true })
}

function nameFor(c: HttpContext): string {
  return c.var.client.isSecure ? SECURE_NAME : PLAIN_NAME
}

function attributesFor(c: HttpContext): string {
  return c.var.client.isSecure ? `${ATTRIBUTES}; Secure` : ATTRIBUTES
}
