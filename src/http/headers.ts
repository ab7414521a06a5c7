// The headers of every answer: policy with a fresh nonce, and the rest that keeps a browser from being
// turned against its user. The nonce is new for each answer because hx-csp takes a repeated one for
// stolen and strips what carries it.

/** Where a browser reports a page that broke its policy. */
export const REPORTS_PATH = '/reports/csp'

/** The policy for one answer. `nonce` is base64url, so it needs no escaping anywhere. */
export function contentSecurityPolicy(nonce: string): string {
  return `${POLICY_START}script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self' 'nonce-${nonce}'`
}

const POLICY_START = `${[
  "default-src 'none'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types htmx',
  // Not report-to: Chromium holds those deliveries back for up to a minute.
  `report-uri ${REPORTS_PATH}`,
].join('; ')}; `

/** Browsers heed Strict-Transport-Security on https only, so it may be sent always. */
export const FIXED_HEADERS: readonly (readonly [string, string])[] = [
  ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  [
    'Permissions-Policy',
    'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  ],
]

/** What is not said to be cacheable is kept by nobody. */
export const NO_STORE = 'no-store'
