// `/.well-known/security.txt` (RFC 9116): whom to tell of a weakness, and until when that holds.

import { DAY, formatInstant, instant } from '#kernel/time.ts'
import type { HttpContext } from './env.ts'
import { publicRoute, type Route } from './routes.ts'

/** The address in SECURITY.md; a test compares them. */
export const SECURITY_CONTACT = 'mailto:security@rulewright.example'

/** RFC 9116 section 2.5.5 asks for less than a year ahead; an upgrade comes sooner than this. */
const VALID_MS = 180 * DAY

export function securityTxtRoute(): Route {
  return publicRoute('GET', '/.well-known/security.txt', (c) => c.text(securityTxt(c)))
}

function securityTxt(c: HttpContext): string {
  const today = Math.floor(c.var.house.clock.now() / DAY) * DAY
  return [
    `Contact: ${SECURITY_CONTACT}`,
    `Expires: ${formatInstant(instant(today + VALID_MS))}`,
    'Preferred-Languages: en',
    `Canonical: ${c.var.publicUrl}/.well-known/security.txt`,
    '',
  ].join('\n')
}
