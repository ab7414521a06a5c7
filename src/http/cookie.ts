// The cookies. On https each is `__Host-…`, which a browser keeps only with Secure, for this host alone
// and for the whole of it; on plain http, which is allowed on loopback or by an explicit setting, it has
// its plain name. Only the one that fits the connection is read.

import { DAY, SECOND } from '#kernel/time.ts'
import type { HttpContext } from './env.ts'

/**
 * `session` opens a session; `device` knows a browser again; `visit` binds the steps of a
 * sign-in, `sso` the way to a provider and back.
 */
export type CookieName = 'session' | 'device' | 'visit' | 'sso'

const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax'

/** As long as browsers keep any. */
const DEVICE_SECONDS = (400 * DAY) / SECOND

/** Undefined when absent, or when two are sent: then somebody else planted one of them. */
export function readCookie(c: HttpContext, name: CookieName): string | undefined {
  const header = c.req.header('Cookie')
  if (header === undefined) return undefined
  const wanted = `${nameFor(c, name)}=`
  const found = header.split(';').flatMap((pair) => {
    const text = pair.trim()
    return text.startsWith(wanted) ? [text.slice(wanted.length)] : []
  })
  return found.length === 1 ? found[0] : undefined
}

/** Whether anything claims to be a session, good or not. */
export function sendsSessionCookie(c: HttpContext): boolean {
  return /(?:^|;) *(?:__Host-)?session=/.test(c.req.header('Cookie') ?? '')
}

/** A device is remembered, the others end with the browser. */
export function setCookie(c: HttpContext, name: CookieName, value: string): void {
  const age = name === 'device' ? `; Max-Age=${DEVICE_SECONDS}` : ''
  c.header('Set-Cookie', `${nameFor(c, name)}=${value}; ${attributesFor(c)}${age}`, {
    append: true,
  })
}

export function clearCookie(c: HttpContext, name: CookieName): void {
  c.header('Set-Cookie', `${nameFor(c, name)}=; ${attributesFor(c)}; Max-Age=0`, { append: true })
}

function nameFor(c: HttpContext, name: CookieName): string {
  return c.var.client.isSecure ? `__Host-${name}` : name
}

function attributesFor(c: HttpContext): string {
  return c.var.client.isSecure ? `${ATTRIBUTES}; Secure` : ATTRIBUTES
}
